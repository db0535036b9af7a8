using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests;

/// <summary>
/// A clip's result does not depend on what it is batched with: outputs, hidden states, gradients, in both Whisper
/// contexts.
/// </summary>
[TestClass]
public sealed class PaddingInvarianceTests
{
    private const double Promised = 1e-4;

    public static IEnumerable<object[]> Tiny() => TinyEncoders.Names().SelectMany(Contexts);

    /// <summary>In the exact context nothing is masked: every Whisper clip is 30 s long.</summary>
    public static IEnumerable<object[]> TinyMasked() =>
        Tiny().Where(c => !Equals(c[0], "whisper") || Equals(c[1], WhisperContext.Trimmed));

    public static IEnumerable<object[]> Reference() => EncoderCases.All().SelectMany(Contexts);

    [TestMethod]
    [DynamicData(nameof(Tiny))]
    public void Encode_Batched_AsAlone(string name, WhisperContext context)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name, context);
        // Two lengths that give equally many frames, the shortest possible, one much longer.
        AssertBatchedAsAlone(encoder,
            [TinyEncoders.Clip(1400, 1), TinyEncoders.Clip(1403, 2),
            TinyEncoders.Clip((int)encoder.Config.MinSamples, 3), TinyEncoders.Clip(9001, 4)]);
    }

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Reference))]
    public void Encode_ReferenceClipsBatched_AsAlone(string name, WhisperContext context)
    {
        using SpeechEncoder encoder = EncoderLoader.Load(EncoderCases.Folder(name), context: context);
        using GoldenTensors golden = EncoderCases.Open(name);
        AssertBatchedAsAlone(encoder, [.. golden.Clips().Select(clip => golden.Waveform($"clip{clip}.waveform"))]);
    }

    [TestMethod]
    [DynamicData(nameof(TinyMasked))]
    public void Encode_BatchedWithGradients_SumOfGradientsAlone(string name, WhisperContext context)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name, context);
        // In float64, where nothing but a wrong formula makes a difference.
        encoder.to(ScalarType.Float64);
        float[][] clips = [TinyEncoders.Clip(1700, 1), TinyEncoders.Clip(4001, 2)];
        Dictionary<string, double[]> together = Gradients(encoder, clips);
        Dictionary<string, double[]>[] alone = [.. clips.Select(clip => Gradients(encoder, clip))];
        Assert.IsNotEmpty(together);
        foreach ((string parameter, double[] gradient) in together)
        {
            double largest = alone.Max(g => g[parameter].Max(Math.Abs));
            for (int i = 0; i < gradient.Length; i++)
            {
                Assert.AreEqual(alone.Sum(g => g[parameter][i]), gradient[i], 1e-9 * largest + 1e-10,
                    $"{parameter} [{i}]");
            }
        }
    }

    [TestMethod]
    public void Prepare_TrimmedWhisper_FirstFramesOfExact()
    {
        using SpeechEncoder exact = TinyEncoders.Create("whisper");
        using SpeechEncoder trimmed = TinyEncoders.Create("whisper", WhisperContext.Trimmed);
        float[] clip = TinyEncoders.Clip(16001, 5);
        using EncoderInput whole = exact.Prepare([clip]);
        using EncoderInput start = trimmed.Prepare([clip]);
        // 16001 samples are 101 mel frames; the margin is one second.
        CollectionAssert.AreEqual(new long[] { 1, 80, 201 }, start.Values.shape);
        CollectionAssert.AreEqual(new long[] { 1, 80, 3000 }, whole.Values.shape);
        Assert.AreEqual(101, start.Lengths[0]);
        using Tensor first = whole.Values.narrow(2, 0, 201);
        Assert.IsTrue(first.equal(start.Values).all().item<bool>());
    }

    private static IEnumerable<object[]> Contexts(object[] name)
    {
        yield return [name[0], WhisperContext.Exact30Seconds];
        if (name[0] is string text && (text.Contains("whisper", StringComparison.Ordinal)))
        {
            yield return [name[0], WhisperContext.Trimmed];
        }
    }

    private static void AssertBatchedAsAlone(SpeechEncoder encoder, float[][] clips)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        EncodedFrames batch = encoder.Encode(encoder.Prepare(clips));
        for (int clip = 0; clip < clips.Length; clip++)
        {
            EncodedFrames alone = encoder.Encode(encoder.Prepare([clips[clip]]));
            Assert.AreEqual(encoder.Config.FrameCount(clips[clip].Length), alone.Lengths[0]);
            Assert.AreEqual(alone.Lengths[0], batch.Lengths[clip]);
            long rows = encoder.AttendedFrames(alone.Lengths[0]);
            foreach ((int level, Tensor hidden) in alone.HiddenStates)
            {
                AssertFrames($"clip {clip}, hidden state {level}", hidden, batch.HiddenStates[level], clip,
                    Math.Min(rows, hidden.shape[1]));
                AssertPooled(encoder, $"clip {clip}, frames of {level}", hidden, alone.Lengths,
                    batch.HiddenStates[level], batch.Lengths, clip, isLast: false);
            }
            Tensor last = alone.LastHiddenState!;
            AssertFrames($"clip {clip}, last", last, batch.LastHiddenState!, clip,
                Math.Min(Math.Max(rows, alone.Lengths[0]), last.shape[1]));
            AssertPooled(encoder, $"clip {clip}, frames of the last", last, alone.Lengths, batch.LastHiddenState!,
                batch.Lengths, clip, isLast: true);
        }
    }

    /// <summary>What is pooled: as many frames, and the same.</summary>
    private static void AssertPooled(
        SpeechEncoder encoder, string what, Tensor alone, long[] length, Tensor batch, long[] lengths, int clip,
        bool isLast)
    {
        (Tensor one, long[] valid) = encoder.FramesOf(alone, length, isLast);
        (Tensor all, long[] allValid) = encoder.FramesOf(batch, lengths, isLast);
        Assert.AreEqual(valid[0], allValid[clip], what);
        AssertFrames(what, one, all, clip, valid[0]);
    }

    private static void AssertFrames(string what, Tensor alone, Tensor batch, int clip, long frames) =>
        GoldenTensors.AssertClose(what, alone[0].narrow(0, 0, frames), batch[clip].narrow(0, 0, frames), 0, Promised);

    private static Dictionary<string, double[]> Gradients(SpeechEncoder encoder, params float[][] clips)
    {
        using DisposeScope scope = NewDisposeScope();
        encoder.zero_grad();
        EncoderInput input = encoder.Prepare(clips);
        EncodedFrames encoded = encoder.Encode(input with { Values = input.Values.to(ScalarType.Float64) });
        Tensor loss = zeros(1, ScalarType.Float64);
        for (int clip = 0; clip < clips.Length; clip++)
        {
            Tensor valid = encoded.LastHiddenState![clip].narrow(0, 0, encoded.Lengths[clip]);
            loss += (valid * arange(valid.shape[1], ScalarType.Float64).cos()).tanh().sum();
        }
        loss.backward();
        return encoder.named_parameters().Where(p => p.parameter.grad is not null)
            .ToDictionary(p => p.name, p => p.parameter.grad!.contiguous().data<double>().ToArray());
    }
}
