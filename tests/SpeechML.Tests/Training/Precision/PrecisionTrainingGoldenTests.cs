using System.Text.Json;
using SpeechML.Model;
using SpeechML.TestSupport;
using SpeechML.Training;
using SpeechML.Training.Losses;
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
        Trained exact = Train(name, SpeechPrecision.Float32), rounded = Train(name, SpeechPrecision.BFloat16);
        List<string> beyond = [];
        Check("loss_max_abs_difference",
            exact.Steps.Zip(rounded.Steps, (a, b) => Math.Abs(a.Loss - b.Loss)).Max());
        Check("grad_norm_max_relative_difference",
            exact.Steps.Zip(rounded.Steps, (a, b) => Math.Abs(a.GradientNorm - b.GradientNorm) / a.GradientNorm).Max());
        Check("final_logits_relative", Relative(exact.Logits, rounded.Logits));
        Check("final_logits_max_abs_difference", (exact.Logits - rounded.Logits).abs().max().item<float>());
        Check("encoder", Relative(exact.Encoder, rounded.Encoder));
        Check("head", Relative(exact.Head, rounded.Head));
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

    private static Trained Train(string name, SpeechPrecision precision)
    {
        JsonElement golden = Golden.Json(Part, name, "golden.json");
        JsonElement settings = golden.GetProperty("settings");
        using SafetensorsFile values = SafetensorsFile.Open(Golden.At(Part, name, "golden.safetensors"));
        SpeechTrainingOptions options =
            TrainingGoldenTests.Options(settings, settings.GetProperty("train").GetString()!);
        options.Precision = precision;
        SpeechNetwork network = TrainingGoldenTests.Network(golden, settings, values, options);
        EncoderFreezing.Apply(network, options);
        TrainingPrecision.Apply(network, precision);
        bool multiclass = settings.GetProperty("task").GetString() == "multi-class";
        using TrainingSet clips = TrainingSet.Read(
            Activations.Source(network), TrainingGoldenTests.Clips(Part, values.Read("labels"), multiclass),
            1L << 30, 640_000);
        Loss loss = multiclass ? new CrossEntropyLoss() : new BinaryCrossEntropyLoss(
            positiveWeights: [.. values.Read("pos_weight").data<float>().Select(v => (double)v)]);
        var steps = new List<TrainingProgress>();
        int[][][] order = [.. golden.GetProperty("order_of_clips").EnumerateArray()
            .Select(s => s.EnumerateArray().Select(b => b.EnumerateArray().Select(i => i.GetInt32()).ToArray())
            .ToArray())];
        Dictionary<string, Tensor> before = network.named_parameters().Where(p => p.parameter.requires_grad)
            .ToDictionary(p => p.name, p => p.parameter.detach().clone());
        TrainingLoop.Run(new TrainingRun(network, clips, loss, options, CPU)
        {
            Observer = new TrainingGoldenTests.Collector(steps),
            Order = new TrainingOrder(order.Length, _ => order),
        });
        using IDisposable still = no_grad();
        Tensor logits = cat([.. Enumerable.Range(0, clips.Count).Select(i => network.Forward(clips.Batch([i], CPU)))]);
        return new Trained(steps, logits, Moved(encoder: true), Moved(encoder: false));

        // The true gradient of the bias of keys is 0: AdamW moves it at random.
        Tensor Moved(bool encoder) => cat([.. network.named_parameters()
            .Where(p => before.ContainsKey(p.name) && !p.name.EndsWith("k_proj.bias", StringComparison.Ordinal)
                && encoder == p.name.StartsWith(SpeechNetwork.EncoderPrefix, StringComparison.Ordinal))
            .Select(p => (p.parameter - before[p.name]).flatten())]);
    }

    private sealed record Trained(List<TrainingProgress> Steps, Tensor Logits, Tensor Encoder, Tensor Head);
}
