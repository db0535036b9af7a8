using System.Text.Json;
using SpeechML.TestSupport;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Tests.Pooling;

[TestClass]
public sealed class PoolingGoldenTests
{
    public static IEnumerable<object?[]> Cases() => File.Exists(Golden.At("pooling", "pooling.json"))
        ? Rows().Select(c => new object?[] { c.GetProperty("key").GetString() })
        : [[null]];

    [ClassInitialize]
    public static void Load(TestContext context) => TorchNativeLibrary.EnsureLoaded();

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Cases))]
    public void Pool_Golden_OutputAndGradientsEqual(string? key) => Check(key, null);

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Cases))]
    public void Pool_NaNInPadding_ChangesNothing(string? key) => Check(key, double.NaN);

    private static void Check(string? key, double? padding)
    {
        if (key is null)
        {
            Assert.Inconclusive($"No part 'pooling' in {Golden.Folder}.");
        }
        JsonElement row = Rows().Single(c => c.GetProperty("key").GetString() == key);
        double relative = row.GetProperty("relative").GetDouble(), absolute = row.GetProperty("absolute").GetDouble();
        string kind = row.GetProperty("kind").GetString()!;
        string pooling = SpeechPooling.NameOf(kind.Replace("_", "", StringComparison.Ordinal));
        if (!SpeechPooling.Names.Contains(pooling))
        {
            Assert.Inconclusive($"Pooling not built: {kind}");
        }
        long[] lengths = [.. row.GetProperty("lengths").EnumerateArray().Select(v => v.GetInt64())];
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile file = SafetensorsFile.Open(Golden.At("pooling", "pooling.safetensors"));
        Tensor input = file.Read(row.GetProperty("input").GetString()!);
        Tensor padded = arange(input.shape[1]) >= tensor(lengths).unsqueeze(1);
        if (padding is double value)
        {
            input = input.masked_fill(padded.unsqueeze(2), value);
        }
        input.requires_grad = true;
        using FramePooling module = SpeechPooling.Create(pooling, (int)input.shape[2], seed: 1);
        string[] names = [.. row.GetProperty("parameters").EnumerateArray().Select(p => p.GetString()!)];
        CollectionAssert.AreEquivalent(names, module.named_parameters().Select(p => p.name).ToArray());
        using (no_grad())
        {
            foreach ((string name, Parameter parameter) in module.named_parameters())
            {
                parameter.copy_(file.Read($"{key}.{name}"));
            }
        }
        Tensor output = module.Pool(input, lengths);
        (output * file.Read($"{key}.upstream")).sum().backward();

        Assert.AreEqual(module.OutputSize, output.shape[1]);
        AssertNear(file.Read($"{key}.output"), output, "output");
        Tensor gradient = input.grad!, wanted = file.Read($"{key}.input_gradient");
        Assert.IsTrue(gradient.masked_fill(padded.logical_not().unsqueeze(2), 0).eq(0).all().item<bool>(),
            "gradient on padding");
        bool ties = row.TryGetProperty("gradient_ties", out JsonElement t) && t.GetBoolean();
        AssertNear(ties ? wanted.sum([1]) : wanted, ties ? gradient.sum([1]) : gradient, "input gradient");
        foreach ((string name, Parameter parameter) in module.named_parameters())
        {
            AssertNear(file.Read($"{key}.{name}.gradient"), parameter.grad!, name);
        }

        void AssertNear(Tensor want, Tensor got, string what)
        {
            CollectionAssert.AreEqual(want.shape, got.shape, what);
            double[] w = want.to(float64).reshape(-1).data<double>().ToArray(),
                g = got.to(float64).reshape(-1).data<double>().ToArray();
            for (int i = 0; i < w.Length; i++)
            {
                Assert.IsTrue(Math.Abs(g[i] - w[i]) <= absolute + (relative * Math.Abs(w[i])),
                    $"{what}[{i}]: want {w[i]:R}, got {g[i]:R}");
            }
        }
    }

    private static List<JsonElement> Rows() =>
        [.. Golden.Json("pooling", "pooling.json").GetProperty("cases").EnumerateArray()];
}
