using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using SpeechML;

namespace RunFromConfig;

/// <summary>The label column that each task's trainer wants, and the trainer.</summary>
internal static class Labels
{
    private const string Label = "Label";

    public static (IDataView Data, string Label) Prepare(
        MLContext mlContext, IDataView data, SpeechModelConfig config, SpeechMetadataColumns columns, double threshold)
    {
        if (config.Task == SpeechTask.MultiLabel)
        {
            return (data, config.Label);
        }
        if (data.Schema.GetColumnOrNull(config.Label) is null)
        {
            throw new InvalidDataException(
                $"Label '{config.Label}': expected a column of the metadata, which has " +
                $"'{string.Join("', '", data.Schema.Select(c => c.Name))}'.");
        }
        bool rated = columns.Features.Contains(config.Label);
        if (config.Task == SpeechTask.Binary)
        {
            return (rated ? mlContext.Speech().AddBinaryLabel(data, Label, config.Label, threshold)
                : mlContext.Speech().AddBinaryLabel(data, Label, config.Label, config.PositiveValue), Label);
        }
        if (rated)
        {
            data = mlContext.Data.FilterRowsByMissingValues(data, config.Label);
        }
        IEstimator<ITransformer> step = config.Task switch
        {
            SpeechTask.Regression => mlContext.Transforms.Conversion.ConvertType(Label, config.Label, DataKind.Single),
            _ => mlContext.Transforms.Conversion.MapValueToKey(
            Label, config.Label, keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue),
        };
        return (step.Fit(data).Transform(data), Label);
    }

    public static ITransformer Fit(
        MLContext mlContext, SpeechModelConfig config, string label, IDataView train, IDataView? validation,
        IProgress<TrainingProgress> progress) => config.Trainer switch
        {
            SpeechMultiLabelOptions o =>
                mlContext.Speech().Trainers.MultiLabelClassification(label, "Audio", o, progress)
                    .Fit(train, validation),
            SpeechOrdinalOptions o =>
            mlContext.Speech().Trainers.OrdinalClassification(label, "Audio", o, progress).Fit(train, validation),
            SpeechClassificationOptions o =>
            mlContext.MulticlassClassification.Trainers.SpeechClassification(label, "Audio", o, progress)
            .Fit(train, validation),
            SpeechBinaryOptions o =>
            mlContext.BinaryClassification.Trainers.SpeechClassification(label, "Audio", o, progress)
            .Fit(train, validation),
            SpeechRegressionOptions o =>
            mlContext.Regression.Trainers.SpeechRegression(label, "Audio", o, progress).Fit(train, validation),
            _ => throw new InvalidOperationException(
            $"Trainer options: expected those of a task, got {config.Trainer.GetType().Name}."),
        };
}
