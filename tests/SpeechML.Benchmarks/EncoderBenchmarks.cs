using SpeechML.Data.Recordings;
using SpeechML.EncodeSpeech;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks;

internal static class EncoderBenchmarks
{
    /// <summary>
    /// Whisper base on short clips: the clip and one second of silence, against the 30 s that Hugging Face computes.
    /// </summary>
    public static void TrimmedContext(SampleClips samples)
    {
        float[][] clips = samples.Clips[..4];
        using SpeechEncoder trimmed = EncoderLoader.Load(samples.Encoder, context: WhisperContext.Trimmed);
        using SpeechEncoder exact = EncoderLoader.Load(samples.Encoder);
        Ratio.Measure("trimmed-context", "trimmed", () => Encode(trimmed, clips), "30 s", () => Encode(exact, clips));
    }

    /// <summary>16 clips of 1 to 12 s: sorted by length within a budget, against batches of 8 in file order.</summary>
    public static void LengthBuckets(SampleClips samples)
    {
        float[][] clips = samples.Mixed(16);
        using SpeechEncoder encoder = EncoderLoader.Load(samples.Encoder, context: WhisperContext.Trimmed);
        long[] lengths = [.. clips.Select(c => c.LongLength)];
        long budget = EncodingBatches.Budget(CPU, encoder.Config);
        Ratio.Measure(
            "length-buckets",
            "by length",
            () => BatchPlan.Sorted(lengths, budget, BatchPlan.MaxBatch)
            .ForEach(batch => Encode(encoder, [.. batch.Select(i => clips[i])])),
            "file order",
            () => clips.Chunk(8).ToList().ForEach(batch => Encode(encoder, batch)));
    }

    private static void Encode(SpeechEncoder encoder, float[][] clips)
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        _ = encoder.Encode(encoder.Prepare(clips), new HashSet<int> { encoder.Config.LayerCount });
    }
}
