using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace SpeechML.Benchmarks;

/// <summary>What trials cost that share frozen work.</summary>
internal static class SweepBenchmarks
{
    private const int Trials = 20;
    private const int Train = 24; // clips; one more of each label to validate on
    private static readonly object[] s_rates = [1e-1, 3e-2, 1e-2, 3e-3, 1e-3];
    private static readonly object[] s_heads = [0, 1];
    private static readonly object[] s_norms = [false, true];

    /// <summary>
    /// A sweep of 20 head rates and heads over the frozen Whisper base encoder at its 30 s, over 20 separate fits of
    /// the same options. Once, because separate fits take long; fails where a single loss differs.
    /// </summary>
    public static void Shared(SampleClips samples)
    {
        var mlContext = new MLContext(seed: 1);
        string folder = Path.GetFullPath(Path.Combine(samples.Encoder, "..", "..", "data", "prompts"));
        Row[] rows = [.. Directory.GetFiles(folder, "*.wav").Order(StringComparer.Ordinal).Take(Train + 2)
            .Select((file, i) => new Row { Path = Path.GetFileName(file), Label = i % 2 == 0 ? "even" : "odd" })];
        IDataView train = mlContext.Data.LoadFromEnumerable(rows[..Train]),
            validation = mlContext.Data.LoadFromEnumerable(rows[Train..]);
        var preprocessing = mlContext.Transforms.LoadAudio("Audio", folder, "Path")
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"));
        var defaults = new SpeechClassificationOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = samples.Encoder,
            Freezing = LayerFreezing.All,
            Epochs = 5
        };
        var space = new SweepSpace<SpeechClassificationOptions>(
            defaults, SweepParameter.Choice("HeadLearningRate", s_rates),
            SweepParameter.Choice("Head.HiddenLayers", s_heads), SweepParameter.Choice("Head.LayerNorm", s_norms));

        var clock = Stopwatch.StartNew();
        using SweepResult result = mlContext.Speech().CreateSweep()
            .SetPipeline(preprocessing, space,
                o => mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", o))
            .SetDataset(train, validation).SetMetric(SpeechMetrics.Loss).SetTuner(SweepTuner.Grid()).Run();
        double shared = clock.Elapsed.TotalSeconds;
        if (result.Trials.Count != Trials || result.Trials.Any(t => t.State != SweepTrialState.Finished))
        {
            throw new InvalidOperationException(
                $"shared-trials: expected {Trials} finished trials, got " +
                $"{result.Trials.Count(t => t.State == SweepTrialState.Finished)} of {result.Trials.Count}. " +
                $"{result.Trials.FirstOrDefault(t => t.Error is not null)?.Error}");
        }

        clock.Restart();
        foreach (SweepTrial trial in result.Trials)
        {
            var options = new SpeechClassificationOptions
            {
                Layers = EncoderLayers.Last,
                Encoder = samples.Encoder,
                Freezing = LayerFreezing.All,
                Epochs = defaults.Epochs,
                HeadLearningRate = (double)trial.Parameters["HeadLearningRate"],
                Head = { HiddenLayers = (int)trial.Parameters["Head.HiddenLayers"],
                LayerNorm = (bool)trial.Parameters["Head.LayerNorm"] },
                EarlyStopping = { Metric = SpeechMetrics.Loss.Name, Patience = defaults.Epochs },
            };
            var losses = new Losses();
            TransformerChain<ValueToKeyMappingTransformer> prepared = preprocessing.Fit(train);
            mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options, losses)
                .Fit(prepared.Transform(train), prepared.Transform(validation)).Dispose();
            if (!losses.Values.SequenceEqual(trial.Runs[0].Curve.Select(e => e.Validation.Loss)))
            {
                throw new InvalidOperationException(
                    $"shared-trials: expected trial {trial.Number} to have the losses of a separate fit, got others.");
            }
        }
        double separate = clock.Elapsed.TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{"shared-trials",-28} {shared / separate,7:F3}  (one run)   {Trials} trials of a sweep {shared:F1} s " +
            $"over separate fits {separate:F1} s, losses equal to the bit"));
    }

    private sealed class Losses : IProgress<TrainingProgress>
    {
        public List<double> Values { get; } = [];

        public void Report(TrainingProgress value)
        {
            if (value.EpochLoss is not null)
            {
                Values.Add(value.Validation!.Loss);
            }
        }
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
