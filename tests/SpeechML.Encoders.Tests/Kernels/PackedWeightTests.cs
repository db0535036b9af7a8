using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using SpeechML.TrainingSupport;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests.Kernels;

/// <summary>Weights in oneDNN's order: nobody may see them, and whoever takes a parameter gets its values.</summary>
[TestClass]
public sealed class PackedWeightTests : OneDnnTests
{
    [TestMethod]
    [DynamicData(nameof(TinyEncoders.Names), typeof(TinyEncoders))]
    public void Encode_Packed_AsPlainAndTwiceTheSameBits(string name)
    {
        using SpeechEncoder encoder = Loaded(name);
        float[] packed = Last(encoder);
        Assert.IsTrue(Packs(encoder).Any(p => p.IsPacked));
        CollectionAssert.AreEqual(packed, Last(encoder));
        FastPaths.Packing = false;
        try
        {
            using SpeechEncoder plain = Loaded(name);
            AssertClose(Last(plain), packed);
            Assert.IsFalse(Packs(plain).Any(p => p.IsPacked));
        }
        finally
        {
            FastPaths.Packing = true;
        }
    }

    [TestMethod]
    public void Encode_Packed_PlainMemoryIsGone()
    {
        using SpeechEncoder encoder = Loaded("hubert");
        _ = Last(encoder);
        foreach (ProductModule module in encoder.modules().OfType<ProductModule>()
            .Where(m => m.Packed is { IsPacked: true }))
        {
            // One value in the place of all.
            Assert.IsTrue(module.WeightForm.stride().All(s => s == 0));
            Assert.IsTrue(float.IsNaN(module.WeightForm.mean().item<float>()));
        }
    }

    [TestMethod]
    [DataRow("parameters")]
    [DataRow("named_parameters")]
    [DataRow("state_dict")]
    [DataRow("get_parameter")]
    [DataRow("to")]
    [DataRow("Weight")]
    public void Take_AfterPacking_ValuesAndStaysPlain(string way)
    {
        using SpeechEncoder encoder = Loaded("hubert");
        using SpeechEncoder same = Loaded("hubert");
        float[] before = Last(encoder);
        Projection map = encoder.modules().OfType<Projection>().Last();
        Projection other = same.modules().OfType<Projection>().Last();
        Assert.IsTrue(map.Packed!.IsPacked);
        Tensor taken = way switch
        {
            "parameters" => encoder.parameters().Single(p => p.Handle == map.WeightForm.Handle),
            "named_parameters" => encoder.named_parameters().Single(
                p => p.parameter.Handle == map.WeightForm.Handle).parameter,
            "state_dict" => encoder.state_dict().Values.Single(t => t.Handle == map.WeightForm.Handle),
            "get_parameter" => map.get_parameter("weight")!,
            "to" => ((Projection)map.to(ScalarType.Float64)).WeightForm.to(ScalarType.Float32),
            _ => map.Weight,
        };
        Assert.IsTrue(AreSame(taken, other.Weight));
        Assert.IsFalse(map.Packed.IsPacked);
        if (way != "to")
        {
            AssertClose(before, Last(encoder));
            Assert.IsFalse(map.Packed.IsPacked);
            Assert.IsTrue(AreSame(taken, other.Weight));
        }
    }

    [TestMethod]
    public void Take_InsideAccess_PackedAgainAfterwards()
    {
        using SpeechEncoder encoder = Loaded("wavlm");
        float[] before = Last(encoder);
        using (WeightAccess.Begin())
        {
            Dictionary<string, Tensor> state = encoder.state_dict();
            Assert.IsTrue(state.Values.All(t => t.isfinite().all().item<bool>()));
            Assert.IsFalse(Packs(encoder).Any(p => p.IsPacked));
            AssertClose(before, Last(encoder));
            Assert.IsFalse(Packs(encoder).Any(p => p.IsPacked));
        }
        CollectionAssert.AreEqual(before, Last(encoder));
        Assert.IsTrue(Packs(encoder).Any(p => p.IsPacked));
    }

    [TestMethod]
    public void Gradients_AfterPacking_AsWithout()
    {
        using SpeechEncoder packed = Loaded("hubert"), plain = Loaded("hubert");
        _ = Last(packed);
        Dictionary<string, Tensor> got = Gradients(packed);
        foreach ((string name, Tensor gradient) in Gradients(plain))
        {
            Assert.IsTrue(AreSame(gradient, got[name]), name);
        }
        // A weight that changed in place is what counts from then on.
        using (no_grad())
        {
            foreach (Parameter parameter in packed.parameters().Concat(plain.parameters()))
            {
                _ = parameter.mul_(1.1.ToScalar());
            }
        }
        AssertClose(Last(plain), Last(packed));
    }

    [TestMethod]
    public void Save_AfterPacking_TheSameFileAndPackedAgain()
    {
        using SpeechEncoder encoder = Loaded("hubert");
        string before = Saved(encoder);
        _ = Last(encoder);
        string after = Saved(encoder);
        CollectionAssert.AreEqual(
            File.ReadAllBytes(Path.Combine(before, "model.safetensors")),
            File.ReadAllBytes(Path.Combine(after, "model.safetensors")));
        _ = Last(encoder);
        Assert.IsTrue(Packs(encoder).Any(p => p.IsPacked));
    }

    [TestMethod]
    public void UsePrecision_AfterPacking_RoundsTheValues()
    {
        using SpeechEncoder encoder = Loaded("hubert"), other = Loaded("hubert");
        float[] before = Last(encoder);
        encoder.UsePrecision(SpeechPrecision.BFloat16);
        other.UsePrecision(SpeechPrecision.BFloat16);
        CollectionAssert.AreEqual(Last(other), Last(encoder));
        Assert.IsFalse(Packs(encoder).Any(p => p.IsPacked));
        encoder.UsePrecision(SpeechPrecision.Float32);
        CollectionAssert.AreEqual(before, Last(encoder));
    }

    [TestMethod]
    public void Lora_AttachedAndMergedAfterPacking_AsWithout()
    {
        using SpeechEncoder packed = Loaded("hubert"), plain = Loaded("hubert");
        _ = Last(packed);
        float[][] results = [.. new[] { packed, plain }.Select(encoder =>
        {
            LoraAdapter adapter = LoraAdapter.Attach(
                encoder, new LoraOptions { Rank = 2, Alpha = 4 }, seed: 1);
            using (no_grad())
            {
                foreach ((string name, Parameter parameter) in encoder.named_parameters()
                    .Where(p => LoraAdapter.IsAdapterParameter(p.name)))
                {
                    _ = parameter.fill_(0.1.ToScalar());
                }
            }
            float[] attached = Last(encoder);
            adapter.Merge();
            AssertClose(attached, Last(encoder));
            return attached;
        })];
        AssertClose(results[1], results[0]);
    }

    [TestMethod]
    public void Encode_WhileAnotherThreadReadsWeights_RightValuesOnBothSides()
    {
        using SpeechEncoder encoder = Loaded("hubert");
        float[] expected = Last(encoder);
        Exception? wrong = null;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(k => new Thread(() =>
        {
            try
            {
                for (int i = 0; i < 40 && wrong is null; i++)
                {
                    if (k % 2 == 0)
                    {
                        AssertClose(expected, Last(encoder));
                        continue;
                    }
                    using DisposeScope scope = NewDisposeScope();
                    using WeightAccess access = WeightAccess.Begin();
                    Assert.IsTrue(encoder.state_dict().Values.All(t => t.isfinite().all().item<bool>()));
                }
            }
            catch (Exception error)
            {
                wrong = error;
            }
        }))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        Assert.IsNull(wrong, $"{wrong}");
    }

    [TestMethod]
    public void Encode_OthersRoundedAfterPacking_MapInFloat32KeepsItsValues()
    {
        using SpeechEncoder packed = Loaded("hubert"), plain = Loaded("hubert");
        _ = Last(packed);
        foreach (SpeechEncoder encoder in new[] { packed, plain })
        {
            EncoderPrecision.Apply(encoder,
                name => name.EndsWith("intermediate_dense", StringComparison.Ordinal) ? null : ScalarType.BFloat16,
                trains: false);
        }
        AssertClose(Last(plain), Last(packed));
        Assert.IsTrue(Packs(packed).Any(p => p.IsPacked));
    }

    [TestMethod]
    public void Fill_ReaderRunsTheEncoderAndKeepsWeightsOfAnother_BothHaveTheirValues()
    {
        using SpeechEncoder encoder = Loaded("hubert"), other = Loaded("hubert");
        Parameter[] kept = [];
        using (no_grad())
        {
            foreach (Parameter parameter in other.parameters())
            {
                _ = parameter.mul_(1.1.ToScalar());
            }
        }
        using SpeechEncoder third = Loaded("hubert");
        _ = Last(third);
        EncoderLoader.Fill(encoder, name =>
        {
            if (kept.Length == 0)
            {
                _ = Last(encoder);
                kept = [.. third.parameters()];
            }
            return other.state_dict()[name].clone();
        });
        Dictionary<string, Tensor> expected = other.state_dict();
        foreach ((string name, Tensor filled) in encoder.state_dict())
        {
            Assert.IsTrue(AreSame(expected[name], filled), name);
        }
        _ = Last(third);
        Assert.IsTrue(kept.All(p => p.isfinite().all().item<bool>()), "what a caller's code took stays plain");
    }

    [TestMethod]
    public void Take_WhileProductsRun_TheyEndWithTheirValues()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        for (int i = 0; i < 10; i++)
        {
            var weight = new Parameter(ones(512, 512), requires_grad: false);
            using var packed = new PackedWeight(weight);
            Tensor input = ones(2000, 512);
            Assert.IsNotNull(packed.Run(input, null, gelu: false));
            Tensor? result = null;
            var product = new Thread(() => result = packed.Run(input, null, gelu: false));
            product.Start();
            Thread.Sleep(i % 3);
            packed.Take();
            product.Join();
            Assert.IsTrue(result!.eq(512).all().item<bool>());
            Assert.IsTrue(weight.eq(1).all().item<bool>());
        }
    }

    private static SpeechEncoder Loaded(string name)
    {
        using SpeechEncoder made = TinyEncoders.Create(name);
        string folder = TinyEncoders.WriteFolder(made, TinyEncoders.Config(name));
        SpeechEncoder loaded = EncoderLoader.Load(folder);
        Directory.Delete(folder, recursive: true);
        return loaded;
    }

    private static IEnumerable<PackedWeight> Packs(SpeechEncoder encoder) =>
        encoder.modules().OfType<ProductModule>().Select(m => m.Packed).OfType<PackedWeight>();

    private static float[] Last(SpeechEncoder encoder)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        return encoder.Encode(encoder.Prepare([TinyEncoders.Clip(4001, 1)])).LastHiddenState!.to(ScalarType.Float32)
            .contiguous().data<float>().ToArray();
    }

    private static Dictionary<string, Tensor> Gradients(SpeechEncoder encoder)
    {
        encoder.zero_grad();
        EncodedFrames frames = encoder.Encode(encoder.Prepare([TinyEncoders.Clip(2001, 1)]));
        frames.LastHiddenState!.pow(2.0.ToScalar()).sum().backward();
        return encoder.named_parameters().Where(p => p.parameter.grad is not null)
            .ToDictionary(p => p.name, p => p.parameter.grad!.clone());
    }

    private static bool AreSame(Tensor a, Tensor b) => a.eq(b).all().item<bool>();

    private static string Saved(SpeechEncoder encoder)
    {
        string folder = Path.Combine(Directory.CreateTempSubdirectory("speechml-").FullName, "saved");
        EncoderFolder.Save(encoder, folder);
        return folder;
    }

    private static void AssertClose(float[] expected, float[] got)
    {
        Assert.HasCount(expected.Length, got);
        Assert.IsTrue(Array.TrueForAll(got, float.IsFinite)); // a comparison with NaN would be lost below
        double apart = expected.Zip(got, (a, b) => (double)Math.Abs(a - b)).Max();
        Assert.IsLessThan(1e-5 * expected.Max(Math.Abs), apart);
    }
}
