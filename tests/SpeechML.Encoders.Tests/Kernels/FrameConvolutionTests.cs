using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Kernels;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests.Kernels;

/// <summary>Convolutions frame after frame against torch's.</summary>
[TestClass]
public sealed class FrameConvolutionTests : SmallProductTests
{
    public static IEnumerable<object[]> Cases() =>
        TinyEncoders.Names().Where(n => !((string)n[0]).StartsWith("wav2vec2-bert", StringComparison.Ordinal)
            && !((string)n[0]).StartsWith("audio", StringComparison.Ordinal))
            .SelectMany(n => new[] { SpeechPrecision.Float32, SpeechPrecision.BFloat16 }
                .Select(p => new[] { n[0], p }));

    [TestInitialize]
    public void NeedsOneDnn()
    {
        if (!OneDnn.CanConvolve)
        {
            Assert.Inconclusive("libtorch's oneDNN is not used on this processor.");
        }
    }

    [TestMethod]
    [DataRow(1, 40, 3, 2, 0, false, true)]
    [DataRow(3, 41, 2, 2, 0, true, false)]
    [DataRow(2, 17, 3, 1, 1, true, true)]
    [DataRow(1, 3, 3, 2, 0, true, true)] // one frame
    public void Run_AnyShape_AsConv1d(int batch, int frames, int kernel, int stride, int padding, bool bias, bool gelu)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        using Generator generator = manual_seed(1);
        Tensor input = randn(batch, frames, 24), weight = randn(40, 24, kernel) * 0.1;
        Tensor? added = bias ? randn(40) : null;
        Tensor expected = nn.functional.conv1d(
            input.transpose(1, 2), weight, added, stride: stride, padding: padding).transpose(1, 2);
        expected = gelu ? expected.gelu() : expected;
        Tensor got = FrameConvolution.Run(input, weight, added, stride, padding, gelu);
        Assert.IsTrue(got.is_contiguous());
        AssertClose(expected, got, 1e-5);
        Tensor rounded = FrameConvolution.Run(input.bfloat16(), weight.bfloat16(), added?.bfloat16(), stride, padding,
            gelu);
        Assert.AreEqual(ScalarType.BFloat16, rounded.dtype);
        AssertClose(expected, rounded.to(ScalarType.Float32), 2e-2);
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Encode_FrameAfterFrame_AsChannelAfterChannel(string name, SpeechPrecision precision)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name);
        encoder.UsePrecision(precision);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        EncoderInput input = encoder.Prepare([TinyEncoders.Clip(4001, 1), TinyEncoders.Clip(1700, 2)]);
        (Tensor frames, long[] lengths) = encoder.Embed(input);
        FastPaths.Convolutions = false;
        try
        {
            (Tensor channels, long[] same) = encoder.Embed(input);
            CollectionAssert.AreEqual(same, lengths);
            for (int clip = 0; clip < lengths.Length; clip++)
            {
                // SEW's inner states have fewer frames.
                long valid = Math.Min(lengths[clip] * frames.shape[1] / lengths[0], frames.shape[1]);
                AssertClose(channels[clip].narrow(0, 0, valid).to(ScalarType.Float32),
                    frames[clip].narrow(0, 0, valid).to(ScalarType.Float32),
                    precision == SpeechPrecision.Float32 ? 1e-5 : 4e-2);
            }
        }
        finally
        {
            FastPaths.Convolutions = true;
        }
    }

    [TestMethod]
    [DataRow(1)] // a frame of the last layer at a time
    [DataRow(37)]
    [DataRow(1000)]
    public void Embed_FrontEndInParts_AsAtOnce(int parts)
    {
        foreach (string name in Cases().Select(c => (string)c[0]).Distinct())
        {
            using SpeechEncoder encoder = TinyEncoders.Create(name);
            using DisposeScope scope = NewDisposeScope();
            using IDisposable still = no_grad();
            EncoderInput input = encoder.Prepare([TinyEncoders.Clip(4001, 1), TinyEncoders.Clip(1700, 2)]);
            long before = ConvFrontEnd.ValuesAtOnce;
            (Tensor whole, long[] lengths) = encoder.Embed(input);
            try
            {
                ConvFrontEnd.ValuesAtOnce = parts == 1 ? 1 : 4001L * 40 / parts;
                (Tensor inParts, long[] same) = encoder.Embed(input);
                CollectionAssert.AreEqual(lengths, same);
                AssertClose(whole, inParts, 1e-5);
            }
            finally
            {
                ConvFrontEnd.ValuesAtOnce = before;
            }
        }
    }

    [TestMethod]
    public void Normed_LowSoundAndKernelOfDifferences_AsNormInDouble()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        // A sound of 20 Hz far from zero, of which differences of neighbours are a ten-thousandth.
        Tensor wave = (arange(8000, ScalarType.Float64) * (2 * Math.PI * 20 / 16_000)).sin().add(3.0)
            .to(ScalarType.Float32).unsqueeze(0);
        Tensor weight = zeros(2, 10);
        weight[0, 4] = 1.ToTensor();
        weight[0, 5] = (-1).ToTensor();
        weight[1, 0] = 1.ToTensor();
        Tensor windows = wave.unfold(1, 10, 5).contiguous();
        long[] lengths = [windows.shape[1]];
        Tensor gain = tensor(new[] { 1.5f, 0.5f }), shift = tensor(new[] { 0.1f, -0.2f });
        Tensor got = FirstConvolution.Normed(windows, lengths, weight, gain, shift, 1e-5).Run(0, 0, lengths[0]);
        Tensor exact = nn.functional.conv1d(wave.to(ScalarType.Float64).unsqueeze(1),
            weight.to(ScalarType.Float64).unsqueeze(1), stride: 5);
        Tensor expected = nn.functional.group_norm(exact, 2, gain.to(ScalarType.Float64), shift.to(ScalarType.Float64),
            1e-5).gelu().transpose(1, 2);
        AssertClose(expected.to(ScalarType.Float32), got, 1e-3);
    }

    [TestMethod]
    public void Run_FrontEndLearns_GradientsReachIt()
    {
        using SpeechEncoder encoder = TinyEncoders.Create("hubert");
        using DisposeScope scope = NewDisposeScope();
        EncodedFrames frames = encoder.Encode(encoder.Prepare([TinyEncoders.Clip(2001, 1)]));
        frames.LastHiddenState!.pow(2.0.ToScalar()).sum().backward();
        Assert.IsNotNull(((SslEncoder)encoder).FrontEnd.AnyWeight.grad);
    }

    private static void AssertClose(Tensor expected, Tensor got, double tolerance)
    {
        CollectionAssert.AreEqual(expected.shape, got.shape);
        Assert.IsTrue(got.isfinite().all().item<bool>());
        double largest = expected.abs().max().item<float>();
        Assert.IsLessThanOrEqualTo(tolerance * largest, (expected - got).abs().max().item<float>());
    }
}
