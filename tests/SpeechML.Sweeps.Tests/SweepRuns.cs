using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using static SpeechML.SweepParameter;

namespace SpeechML.Sweeps.Tests;

/// <summary>Small sweeps over the sample recordings.</summary>
internal static class SweepRuns
{
    public static SpeechClassificationOptions Defaults => new()
    {
        Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
        Layers = EncoderLayers.Last,
        Freezing = LayerFreezing.All,
        Epochs = 3,
        BatchSize = 4,
        Seed = 5,
    };

    /// <summary>Rates and heads over a frozen encoder.</summary>
    public static SweepSpace<SpeechClassificationOptions> Heads(SpeechClassificationOptions? defaults = null) => new(
        defaults ?? Defaults,
        Range("HeadLearningRate", 1e-3, 1e-1, logScale: true),
        Range("Head.HiddenLayers", 0, 1),
        Range("Head.Dropout", 0.0, 0.5).OnlyWhenAbove("Head.HiddenLayers", 0));

    public static SpeechSweep Create(
        MLContext mlContext, SweepSpace<SpeechClassificationOptions> space,
        Action<SpeechClassificationOptions>? each = null, IProgress<TrainingProgress>? steps = null)
    {
        List<PromptRow> rows = Prompts.Rows(20);
        IDataView train = mlContext.Data.LoadFromEnumerable(rows.Where((_, i) => i % 5 < 3));
        IDataView validation = mlContext.Data.LoadFromEnumerable(rows.Where((_, i) => i % 5 >= 3));
        return mlContext.Speech().CreateSweep()
            .SetPipeline(Preprocessing(mlContext), space, Trainer(mlContext, each, steps))
            .SetDataset(train, validation).SetMetric(SpeechMetrics.Accuracy);
    }

    public static EstimatorChain<Microsoft.ML.Transforms.ValueToKeyMappingTransformer> Preprocessing(
        MLContext mlContext) => PromptAudio.Pipeline(mlContext)
        .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"));

    public static Func<SpeechClassificationOptions, SpeechClassificationTrainer> Trainer(
        MLContext mlContext, Action<SpeechClassificationOptions>? each = null,
        IProgress<TrainingProgress>? steps = null) => options =>
    {
        each?.Invoke(options);
        return mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options, steps);
    };

    /// <summary>All that must be the same however often a study was broken off: not times and memory.</summary>
    public static string[] Facts(SweepResult result) =>
    [
        .. result.Trials.Select(t => string.Create(CultureInfo.InvariantCulture,
            $"{t.Number} {t.State} {t.Value:R} " +
            $"{string.Join(' ', t.Parameters.Select(p => FormattableString.Invariant($"{p.Key}={p.Value}")))} | " +
            $"{string.Join(" ; ", t.Runs.Select(r => string.Join(' ', r.Curve.Select(Losses))))}")),
        $"best {result.BestTrial.Number}",
    ];

    private static string Losses(SweepEpoch e) =>
        FormattableString.Invariant($"{e.TrainingLoss:R}/{e.Validation.Loss:R}/{e.BestEpoch}");

    internal sealed class Recorder(Action<SweepProgress>? act = null) : IProgress<SweepProgress>
    {
        public List<SweepProgress> Reports { get; } = [];

        public void Report(SweepProgress value)
        {
            Reports.Add(value);
            act?.Invoke(value);
        }
    }
}
