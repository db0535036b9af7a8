using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Benchmarks.Peers;
using SpeechML.Benchmarks.Workers;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks.Growth;

/// <summary>What grows with what.</summary>
internal static class GrowthCases
{
    private const int Rate = 16_000;
    private const int CacheMegabytes = 16;

    private const string RecordingNote =
        "The sample recordings one after the other, over and over; default options, one run.";

    private const string HubertNote =
        "Weights as they were drawn. Up to 60 s a clip is taken whole, longer ones in windows of 15 s.";

    private const string RateNote = "`AudioLoadingOptions.SampleRate` = 16000: resampled while it is read.";

    private static SampleClips Samples => s_samples ??= new SampleClips(Path.Combine(Repository.Root, "samples"));

    private static SampleClips? s_samples;

    public static IReadOnlyList<GrowthCase> All { get; } =
    [
        new("length", "Length of a clip: HuBERT base, one clip, inference", "s", [1, 3, 10, 30, 60, 120],
        n => Encode(1, n)) { NeedsPeers = true },
        new("batch", "Clips in a batch: HuBERT base, clips of 5 s, inference", "clips", [1, 2, 4, 8, 16, 32],
        n => Encode(n, 5)) { NeedsPeers = true },
        new("scored", "Clips in the data, scored: a pipeline with a small encoder", "clips",
        [100, 1_000, 10_000, 100_000], Scored)
        {
            OnceFrom = 10_000,
            Note = "A reader makes clips of 0.2-0.4 s one by one, which nothing holds; hidden size 32, 2 layers, so " +
            "that what is not arithmetic shows.",
        },
        new("fitted", "Clips in the data, fitted: the upper layer of a small encoder, one epoch", "clips",
        [100, 1_000, 10_000, 100_000], Fitted)
        {
            OnceFrom = 10_000,
            Note = $"The same clips; `CacheMemory` is {CacheMegabytes} MiB, beyond it kept activations go to a " +
            $"temporary file.",
        },
        new("trials", "Trials of a sweep: heads and rates over the frozen Whisper base encoder, 8 clips, 3 epochs",
        "trials", [1, 2, 5, 10, 20, 50], Sweep) { OnceFrom = 10 },
        new("recording", "Length of a recording: Whisper base encoder, a WAV file at 16 kHz to its features", "min",
        [1, 5, 15, 60], n => Recording(Samples.Encoder, n, Rate)) { OnceFrom = 1, Note = RecordingNote },
        new("recording-hubert", "The same with an encoder of HuBERT base's shape", "min", [1, 5, 15, 60],
        n => Recording(BaseEncoder.Folder(), n, Rate)) { OnceFrom = 1, Note = HubertNote },
        new("recording-44100", "The same with the Whisper base encoder and a WAV file at 44.1 kHz", "min", [1, 5, 15],
        n => Recording(Samples.Encoder, n, 44_100)) { OnceFrom = 1, Note = RateNote },
    ];

    private static Work Recording(string encoder, int minutes, int rate)
    {
        string path = RecordingFile.Make(Samples.Clips, minutes, rate);
        var context = new MLContext(seed: 1);
        IDataView data = context.Data.LoadFromEnumerable([new FileRow { Path = path }]);
        var pipeline = context.Transforms
            .LoadAudio("Audio", "", "Path", new AudioLoadingOptions { SampleRate = Rate })
            .Append(context.Transforms.EncodeSpeech(
                "Features", new SpeechEncodingOptions { Encoder = encoder }, "Audio"));
        var model = pipeline.Fit(data);
        return new Work(
            () => _ = model.Transform(data).GetColumn<float[]>("Features").Single(),
            () => [],
            model);
    }

    private static Work Encode(int clips, int seconds)
    {
        SpeechEncoder encoder = EncoderLoader.Load(PeerFiles.Checkpoint("hubert-base"));
        EncoderInput input = encoder.Prepare([.. Enumerable.Range(0, clips).Select(i => PeerAudio.Clip(i, seconds))]);
        return new Work(
            () =>
            {
                using DisposeScope scope = NewDisposeScope();
                using IDisposable noGrad = no_grad();
                _ = encoder.Encode(input, new HashSet<int> { encoder.Config.LayerCount });
            },
            () => [],
            encoder);
    }

    private static Work Scored(int clips)
    {
        var context = new MLContext(seed: 1);
        IDataView data = context.Data.LoadFromEnumerable(Read(clips));
        var model = context.Transforms.EncodeSpeech("Features", SmallEncoder.Folder()).Fit(data);
        return new Work(
            () =>
            {
                int rows = model.Transform(data).GetColumn<float[]>("Features").Count();
                if (rows != clips)
                {
                    throw new InvalidOperationException($"growth-scored: expected {clips} rows, got {rows}.");
                }
            },
            () => [],
            model);
    }

    private static Work Fitted(int clips)
    {
        var context = new MLContext(seed: 1);
        var options = new SpeechClassificationOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = SmallEncoder.Folder(),
            Freezing = LayerFreezing.ExcludeLast,
            Epochs = 1,
            BatchSize = 32,
            Cache = { Memory = CacheMegabytes }
        };
        IDataView data = context.Transforms.Conversion.MapValueToKey("Label")
            .Fit(context.Data.LoadFromEnumerable(Read(2))).Transform(context.Data.LoadFromEnumerable(Read(clips)));
        return new Work(() => context.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options)
            .Fit(data).Dispose(), () => []);
    }

    private static Work Sweep(int trials)
    {
        var context = new MLContext(seed: 1);
        Row[] rows = [.. Samples.Clips[..10]
            .Select((clip, i) => new Row { Audio = MLAudio.FromSamples(clip, Rate),
            Label = i % 2 == 0 ? "even" : "odd" })];
        var defaults = new SpeechClassificationOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = Samples.Encoder,
            Freezing = LayerFreezing.All,
            WhisperContext = WhisperContext.Trimmed,
            Epochs = 3
        };
        var space = new SweepSpace<SpeechClassificationOptions>(
            defaults, SweepParameter.Range("HeadLearningRate", 1e-4, 1e-1, logScale: true),
            SweepParameter.Choice("Head.HiddenLayers", 0, 1));
        return new Work(
            () =>
            {
                using SweepResult result = context.Speech().CreateSweep()
                    .SetPipeline(context.Transforms.Conversion.MapValueToKey("Label"), space,
                        o => context.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", o))
                    .SetDataset(context.Data.LoadFromEnumerable(rows[..8]), context.Data.LoadFromEnumerable(rows[8..]))
                        .SetMetric(SpeechMetrics.Loss).SetTuner(SweepTuner.Random()).SetMaxTrials(trials).Run();
                if (result.Trials.Count(t => t.State == SweepTrialState.Finished) != trials)
                {
                    throw new InvalidOperationException(
                        $"growth-trials: expected {trials} finished trials. " +
                        $"{result.Trials.FirstOrDefault(t => t.Error is not null)?.Error}");
                }
            },
            () => []);
    }

    /// <summary>Clips that come one by one, as a reader gives them.</summary>
    private static IEnumerable<Row> Read(int clips)
    {
        float[] source = PeerAudio.Clip(0, 10);
        for (int i = 0; i < clips; i++)
        {
            int length = (Rate / 5) + (int)(i * 7919L % (Rate / 5));
            yield return new Row
            {
                Audio =
                MLAudio.FromSamples(source.AsSpan((int)(i * 104_729L % (source.Length - length)), length), Rate),
                Label = i % 2 == 0 ? "even" : "odd"
            };
        }
    }

    private sealed class FileRow
    {
        public string Path { get; set; } = "";
    }

    private sealed class Row
    {
        public MLAudio Audio { get; set; } = null!;

        public string Label { get; set; } = "";
    }
}
