using System.Text.Json;
using SpeechML.TestSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Training.Precision;

/// <summary>
/// Training runs in bfloat16 against the same in float32: no further apart than 1.5 times what Hugging Face's autocast
/// is (<c>bf16/training.json</c> of the reference values).
/// </summary>
[TestClass]
[TestCategory("Golden")]
public sealed class PrecisionTrainingGoldenTests
{
    private const string Part = "training";
    private const double Factor = 1.5;

    public static IEnumerable<object[]> Cases() =>
        (File.Exists(Golden.At("bf16", "training.json"))
            ? Golden.Json("bf16", "training.json").GetProperty("cases").EnumerateObject().Select(c => c.Name) : [])
        .Select(name => new object[] { name }).DefaultIfEmpty([""]);

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Run_BFloat16_NoFurtherThanAutocast(string name)
    {
        if (name.Length == 0 || !Directory.Exists(Golden.At(Part, name)))
        {
            Assert.Inconclusive($"No training case '{name}' in {Golden.Folder}.");
        }
        JsonElement[] ways = [.. Golden.Json("bf16", "training.json").GetProperty("cases").GetProperty(name)
            .GetProperty("ways").EnumerateObject().Select(w => w.Value)];
        using DisposeScope scope = NewDisposeScope();
        GoldenTraining.Result exact = GoldenTraining.Exact(Part, name);
        GoldenTraining.Result rounded = GoldenTraining.Run(Part, name, SpeechPrecision.BFloat16);
        List<string> beyond = [];
        Check("loss_max_abs_difference",
            exact.Steps.Zip(rounded.Steps, (a, b) => Math.Abs(a.Loss - b.Loss)).Max());
        Check("grad_norm_max_relative_difference",
            exact.Steps.Zip(rounded.Steps, (a, b) => Math.Abs(a.GradientNorm - b.GradientNorm) / a.GradientNorm).Max());
        Check("final_logits_relative", Relative(exact.Logits, rounded.Logits));
        Check("final_logits_max_abs_difference", (exact.Logits - rounded.Logits).abs().max().item<float>());
        Check("encoder", Relative(exact.EncoderMoves, rounded.EncoderMoves));
        Check("head", Relative(exact.HeadMoves, rounded.HeadMoves));
        Assert.IsEmpty(beyond, string.Join("; ", beyond));

        void Check(string what, double apart)
        {
            double allowed = Factor * ways.Max(w =>
                (w.TryGetProperty(what, out JsonElement value) ? value
                    : w.GetProperty("total_change_of_weights_relative").GetProperty(what)).GetDouble());
            Assert.IsGreaterThan(0, apart, $"{what}: nothing was rounded.");
            if (apart > allowed)
            {
                beyond.Add(FormattableString.Invariant($"{what}: at most {allowed:g3}, got {apart:g3}"));
            }
        }
    }

    private static double Relative(Tensor expected, Tensor actual) =>
        (actual - expected).norm().item<float>() / expected.norm().item<float>();
}
