using System.Text.Json;
using SpeechML.TestSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Training;

/// <summary>
/// Training runs (all weights, the head, LoRA, weights of layers, layer-wise decay) against the Python libraries' loss,
/// rates, gradient norms, weights and outputs; tolerances are those stored with each run.
/// </summary>
[TestClass]
[TestCategory("Golden")]
public sealed class TrainingGoldenTests
{
    private const string Encoder = "encoder_final.";

    // Both have the same form; a folder of reference values may lack the second.
    private static readonly string[] s_parts = ["training", "more-training"];

    public static IEnumerable<object[]> Cases() =>
        s_parts.SelectMany(part => Golden.Cases(part).Select(name => new object[] { part, name }))
            .DefaultIfEmpty(["", ""]);

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Run_ReferenceSettings_EqualSteps(string part, string name)
    {
        if (name.Length == 0)
        {
            Assert.Inconclusive($"No part 'training' in {Golden.Folder}.");
        }
        JsonElement golden = Golden.Json(part, name, "golden.json");
        if (!File.Exists(Path.Combine(Golden.At(golden.GetProperty("base").GetString()!), "config.json")))
        {
            Assert.Inconclusive($"The encoder '{golden.GetProperty("base")}' of {name} is not in {Golden.Folder}.");
        }
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile values = SafetensorsFile.Open(Golden.At(part, name, "golden.safetensors"));
        Compare(golden, GoldenTraining.Exact(part, name), values);
    }

    private static void Compare(JsonElement golden, GoldenTraining.Result run, SafetensorsFile values)
    {
        IReadOnlyList<TrainingProgress> steps = run.Steps;
        JsonElement tolerances = golden.GetProperty("tolerances");
        double Tolerance(string key) => tolerances.GetProperty(key).GetDouble();
        double[] losses = [.. golden.GetProperty("loss_per_step").EnumerateArray().Select(v => v.GetDouble())];
        double[] norms = [.. golden.GetProperty("grad_norm").EnumerateArray().Select(v => v.GetDouble())];
        double[][] rates = [.. golden.GetProperty("lr").EnumerateArray()
            .Select(s => s.EnumerateArray().Select(v => v.GetDouble()).ToArray())];
        Assert.HasCount(losses.Length, steps);
        for (int i = 0; i < losses.Length; i++)
        {
            Assert.AreEqual(losses[i], steps[i].Loss, Tolerance("loss"), $"loss of step {i}");
            Assert.AreEqual(norms[i], steps[i].GradientNorm, Tolerance("grad_norm_relative") * norms[i],
                $"gradient norm of step {i}");
            Assert.AreEqual(rates[i][^1], steps[i].HeadLearningRate, Tolerance("lr_relative") * rates[i][^1],
                $"head rate of step {i}");
            if (rates[i].Length > 1)
            {
                // With layer-wise decay: below the layers, layer 0, … the highest layer, head.
                double below = rates[i][^2];
                Assert.AreEqual(below, steps[i].EncoderLearningRate, Tolerance("lr_relative") * below,
                    $"encoder rate of step {i}");
            }
        }
        foreach ((string key, Tensor value) in run.Weights.Where(
            w => !w.Key.StartsWith(Encoder, StringComparison.Ordinal)))
        {
            AssertClose(values.Read(key), value, Tolerance(key.Split('.')[0]), key);
        }
        foreach (string key in values.Entries.Keys.Where(k => k.StartsWith(Encoder, StringComparison.Ordinal)))
        {
            string name = key.Replace("model.encoder.", "", StringComparison.Ordinal);
            AssertClose(values.Read(key), run.Weights[name], Tolerance("encoder_final"), name);
        }
        AssertClose(values.Read("logits"), run.Logits, Tolerance("logits"), "logits");
    }

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance, string what)
    {
        double difference = (expected - actual).abs().max().item<float>();
        Assert.IsTrue(difference <= tolerance,
            $"{what}: expected within {tolerance}, got a difference of {difference}.");
    }
}
