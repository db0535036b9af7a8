using SpeechML.TrainingSupport;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests.Precision;

/// <summary>What an encoder in 16 bits must keep, whatever its family.</summary>
[TestClass]
public sealed class PrecisionTests
{
    private static readonly SpeechPrecision[] s_reduced = [SpeechPrecision.BFloat16, SpeechPrecision.Float16];

    public static IEnumerable<object[]> Cases() => TinyEncoders.Names()
        .SelectMany(name => s_reduced.Select(precision => new[] { name[0], precision }));

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Encode_Twice_EqualToTheBit(string name, SpeechPrecision precision)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name, WhisperContext.Trimmed);
        encoder.UsePrecision(precision);
        CollectionAssert.AreEqual(Last(encoder, TinyEncoders.Clip(4001, 1)), Last(encoder, TinyEncoders.Clip(4001, 1)));
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Encode_Batched_AsAlone(string name, SpeechPrecision precision)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name, WhisperContext.Trimmed);
        encoder.UsePrecision(precision);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        float[][] clips = [TinyEncoders.Clip(1700, 1), TinyEncoders.Clip(4001, 2)];
        EncodedFrames batch = encoder.Encode(encoder.Prepare(clips));
        for (int i = 0; i < clips.Length; i++)
        {
            EncodedFrames alone = encoder.Encode(encoder.Prepare([clips[i]]));
            Tensor want = alone.LastHiddenState!.to(ScalarType.Float32)[0].narrow(0, 0, alone.Lengths[0]);
            Tensor got = batch.LastHiddenState!.to(ScalarType.Float32)[i].narrow(0, 0, alone.Lengths[0]);
            double apart = (got - want).norm().item<float>() / want.norm().item<float>();
            Assert.IsLessThan(1e-2, apart, $"clip {i}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void UsePrecision_BackToFloat32_AsBefore(string name, SpeechPrecision precision)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name, WhisperContext.Trimmed);
        float[] clip = TinyEncoders.Clip(4001, 1);
        float[] before = Last(encoder, clip);
        encoder.UsePrecision(precision);
        CollectionAssert.AreNotEqual(before, Last(encoder, clip));
        encoder.UsePrecision(SpeechPrecision.Float32);
        CollectionAssert.AreEqual(before, Last(encoder, clip));
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Encode_WeightsChangedAfterwards_ByTheNewWeights(string name, SpeechPrecision precision)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name, WhisperContext.Trimmed);
        encoder.UsePrecision(precision);
        float[] clip = TinyEncoders.Clip(4001, 1);
        float[] before = Last(encoder, clip);
        using (no_grad())
        {
            foreach (Parameter parameter in encoder.parameters())
            {
                parameter.mul_(0.9);
            }
        }
        float[] stale = Last(encoder, clip);
        CollectionAssert.AreNotEqual(before, stale);
        encoder.UsePrecision(precision);
        CollectionAssert.AreEqual(Last(encoder, clip), stale);
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Backward_ReducedPrecision_GradientsInFloat32NearThoseOfFloat32(string name, SpeechPrecision precision)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name, WhisperContext.Trimmed);
        Dictionary<string, Tensor> exact = Gradients(encoder);
        encoder.UsePrecision(precision);
        Dictionary<string, Tensor> rounded = Gradients(encoder);
        CollectionAssert.AreEquivalent(exact.Keys, rounded.Keys);
        double difference = 0, size = 0;
        foreach ((string key, Tensor gradient) in exact)
        {
            Assert.AreEqual(ScalarType.Float32, rounded[key].dtype, key);
            difference += Math.Pow((gradient - rounded[key]).norm().item<float>(), 2);
            size += Math.Pow(gradient.norm().item<float>(), 2);
        }
        double relative = Math.Sqrt(difference / size);
        Assert.IsTrue(relative is > 0 and < 0.1, $"{relative}");
    }

    [TestMethod]
    public void Dispose_ReducedPrecision_LeavesNoMoreTensorsThanFloat32()
    {
        long Left(SpeechPrecision precision)
        {
            long before = LiveTensors.Count();
            using (SpeechEncoder encoder = TinyEncoders.Create("hubert"))
            {
                encoder.UsePrecision(precision);
                _ = Last(encoder, TinyEncoders.Clip(4001, 1));
                encoder.UsePrecision(precision);
            }
            return LiveTensors.Count() - before;
        }
        _ = Left(SpeechPrecision.Float32);
        Assert.AreEqual(Left(SpeechPrecision.Float32), Left(SpeechPrecision.BFloat16));
    }

    [TestMethod]
    public void UsePrecision_NotDefined_Refused()
    {
        using SpeechEncoder encoder = TinyEncoders.Create("hubert");
        Assert.StartsWith("Precision: expected one of Float32, BFloat16, Float16, Auto, got 9.",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => encoder.UsePrecision((SpeechPrecision)9)).Message);
    }

    [TestMethod]
    public void TypeOf_Auto_OnlyWhereMeasured()
    {
        ScalarType? here = EncoderPrecision.HasBFloat16 ? ScalarType.BFloat16 : null;
        Assert.AreEqual(here, EncoderPrecision.TypeOf(SpeechPrecision.Auto, CPU, 768));
        Assert.IsNull(EncoderPrecision.TypeOf(SpeechPrecision.Auto, CPU, 16));
        Assert.IsNull(EncoderPrecision.TypeOf(SpeechPrecision.Auto, META, 768));
        Assert.AreEqual(EncoderPrecision.HasBFloat16, EncoderPrecision.Slowness(SpeechPrecision.BFloat16, CPU) is null);
        Assert.IsNull(EncoderPrecision.Slowness(SpeechPrecision.Auto, CPU));
        Assert.IsNull(EncoderPrecision.Slowness(SpeechPrecision.Float16, META));
    }

    private static float[] Last(SpeechEncoder encoder, float[] clip)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        return [.. encoder.Encode(encoder.Prepare([clip])).LastHiddenState!.to(ScalarType.Float32).contiguous()
            .data<float>()];
    }

    private static Dictionary<string, Tensor> Gradients(SpeechEncoder encoder)
    {
        using DisposeScope scope = NewDisposeScope();
        encoder.zero_grad();
        encoder.Encode(encoder.Prepare([TinyEncoders.Clip(4001, 1)])).LastHiddenState!.to(ScalarType.Float32).pow(2)
            .sum().backward();
        return encoder.named_parameters().Where(p => p.parameter.grad is not null)
            .ToDictionary(p => p.name, p => p.parameter.grad!.clone().DetachFromDisposeScope());
    }
}
