using System.Text.Json;
using SpeechML.Tasks.Ordinal;
using SpeechML.TestSupport;
using SpeechML.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Losses;

[TestClass]
public sealed class LossGoldenTests
{
    private static readonly string s_json = Golden.At("losses", "losses.json");

    public static IEnumerable<object?[]> Cases()
    {
        if (!File.Exists(s_json))
        {
            return [[null]];
        }
        return Golden.Json("losses", "losses.json").GetProperty("cases").EnumerateArray()
            .Select(c => new object?[] { c.GetProperty("key").GetString() });
    }

    [ClassInitialize]
    public static void Load(TestContext context) => TorchNativeLibrary.EnsureLoaded();

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Cases))]
    public void Compute_GoldenFloat64_ValueAndGradientEqual(string? key) => Check(key, ScalarType.Float64, "float64");

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Cases))]
    public void Compute_GoldenFloat32_ValueAndGradientEqual(string? key) => Check(key, ScalarType.Float32, "float32");

    private static void Check(string? key, ScalarType type, string toleranceName)
    {
        if (key is null)
        {
            Assert.Inconclusive($"No part 'losses' in {Golden.Folder}.");
        }
        JsonElement json = Golden.Json("losses", "losses.json");
        JsonElement row = json.GetProperty("cases").EnumerateArray()
            .Single(c => c.GetProperty("key").GetString() == key);
        JsonElement tolerance = json.GetProperty("tolerance").GetProperty(toleranceName);
        double relative = tolerance.GetProperty("relative").GetDouble(),
            absolute = tolerance.GetProperty("absolute").GetDouble();
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile file = SafetensorsFile.Open(Golden.At("losses", "losses.safetensors"));
        Tensor input = file.Read($"{key}.input").to(type).requires_grad_();
        Tensor target = file.Read($"{key}.target");
        Loss loss = Build(row);
        if (loss is MeanSquaredErrorLoss or HuberLoss or ConcordanceLoss or RankedClassificationLoss)
        {
            // The files mark what is missing by -1; here a number may be -1, and NaN is missing.
            target = target.masked_fill(target == -1, double.NaN);
        }
        Tensor value = loss.Compute(input, target);
        value.backward();
        AssertNear(tensor(Golden.Number(row.GetProperty("value")), float64), value, relative, absolute, "value");
        AssertNear(file.Read($"{key}.gradient"), input.grad!, relative, absolute, "gradient");
        if (file.Entries.ContainsKey($"{key}.predicted_class"))
        {
            double[][] above = [.. Rows(input.detach().to(float64))
                .Select(logits => ((OrdinalObjective)loss).Above(logits))];
            CollectionAssert.AreEqual(
                Rows(file.Read($"{key}.predicted_class").to(float64).unsqueeze(1)).SelectMany(c => c).ToArray(),
                above.Select(a => (double)OrdinalProbabilities.Class(a)).ToArray());
            AssertNear(file.Read($"{key}.probabilities"),
                stack([.. above.Select(a => tensor(OrdinalProbabilities.OfClasses(a)))]), relative, absolute,
                "probabilities");
        }
    }

    private static double[][] Rows(Tensor matrix) =>
        [.. Enumerable.Range(0, (int)matrix.shape[0]).Select(i => matrix[i].contiguous().data<double>().ToArray())];

    private static Loss Build(JsonElement row)
    {
        JsonElement p = row.GetProperty("parameters");
        double Number(string name, double otherwise) =>
            p.TryGetProperty(name, out JsonElement v) ? v.GetDouble() : otherwise;
        double? Optional(string name) =>
            p.TryGetProperty(name, out JsonElement v) && v.ValueKind == JsonValueKind.Number ? v.GetDouble() : null;
        double[]? Vector(string name) =>
            p.TryGetProperty(name, out JsonElement v) && v.ValueKind == JsonValueKind.Array
                ? [.. v.EnumerateArray().Select(e => e.GetDouble())] : null;
        switch (row.GetProperty("kind").GetString())
        {
            case "bce": return new BinaryCrossEntropyLoss(Vector("pos_weight"), Vector("weight"));
            case "cross_entropy": return new CrossEntropyLoss(Vector("weight"), Number("smoothing", 0));
            case "focal_binary": return new BinaryFocalLoss(Number("gamma", 2), Optional("alpha"));
            case "focal_multiclass": return new MulticlassFocalLoss(Number("gamma", 2), Vector("alpha"));
            case "mse": return new MeanSquaredErrorLoss();
            case "huber": return new HuberLoss(Number("delta", 1));
            case "ccc": return new ConcordanceLoss();
            case "coral": return new CoralLoss(Vector("weight"));
            case "corn": return new CornLoss(Vector("weight"));
            case "emd2": return new EarthMoversLoss();
            case "ranked":
                return new RankedClassificationLoss(Number("threshold", 2), Number("margin", 1),
                Number("bce_weight", 0.5));
            case string kind:
                Assert.Inconclusive($"Loss not built: {kind}");
                throw new InvalidOperationException();
            default: throw new FormatException("A loss case has no kind.");
        }
    }

    private static void AssertNear(Tensor want, Tensor got, double relative, double absolute, string what)
    {
        double[] w = want.to(float64).reshape(-1).data<double>().ToArray(),
            g = got.to(float64).reshape(-1).data<double>().ToArray();
        Assert.HasCount(w.Length, g, what);
        for (int i = 0; i < w.Length; i++)
        {
            Assert.IsTrue(w[i].Equals(g[i]) || Math.Abs(g[i] - w[i]) <= absolute + (relative * Math.Abs(w[i])),
                $"{what}[{i}]: want {w[i]:R}, got {g[i]:R}");
        }
    }
}
