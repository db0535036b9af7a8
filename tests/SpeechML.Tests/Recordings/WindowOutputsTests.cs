using SpeechML.Data.Recordings;
using SpeechML.Tasks;
using SpeechML.Tasks.Ordinal;

namespace SpeechML.Tests.Recordings;

/// <summary>The probabilities of a clip are the mean of its windows', by their frames.</summary>
[TestClass]
public sealed class WindowOutputsTests
{
    private static readonly (float[] Outputs, double Weight)[] s_windows =
        [([1.5f, -0.3f, 0.2f], 1400), ([-2f, 4f, 0.1f], 600), ([0.4f, 0.4f, -1f], 1000)];

    [TestMethod]
    public void Average_Softmax_IsTheMeanOfProbabilities() =>
        Check(OutputForm.Softmax, outputs => OutputScores.Softmax(outputs));

    [TestMethod]
    public void Average_Sigmoid_IsTheMeanOfProbabilities() =>
        Check(OutputForm.Sigmoid, outputs => Array.ConvertAll(OutputScores.Sigmoid(outputs), p => (double)p));

    [TestMethod]
    public void Average_Number_IsTheMean() =>
        Check(OutputForm.Number, outputs => Array.ConvertAll(outputs, x => (double)x));

    [TestMethod]
    [DataRow("Coral")]
    [DataRow("Corn")]
    [DataRow("EarthMovers")]
    public void Average_Ordinal_IsTheMeanOfProbabilitiesOfBeingAbove(string loss)
    {
        OrdinalObjective objective = OrdinalLoss.Create(loss);
        Check(objective.Form!.Value, outputs => OrdinalProbabilities.Above(objective, outputs));
    }

    [TestMethod]
    [DataRow(OutputForm.Softmax)]
    [DataRow(OutputForm.Sigmoid)]
    [DataRow(OutputForm.Conditional)]
    public void Average_SureWindows_StayFinite(object form)
    {
        float[] outputs = WindowOutputs.Average((OutputForm)form, [([90f, -90f], 1), ([95f, -80f], 1)]);
        Assert.IsTrue(outputs.All(float.IsFinite), string.Join(' ', outputs));
        Assert.IsGreaterThan(20, outputs[0] - outputs[1]);
    }

    private static void Check(OutputForm form, Func<float[], double[]> probabilities)
    {
        double[] actual = probabilities(WindowOutputs.Average(form, s_windows));
        double[][] each = [.. s_windows.Select(w => probabilities(w.Outputs))];
        for (int k = 0; k < actual.Length; k++)
        {
            double expected = each.Select((p, i) => p[k] * s_windows[i].Weight).Sum() / 3000;
            Assert.AreEqual(expected, actual[k], 1e-6, $"{form} {k}");
        }
    }
}
