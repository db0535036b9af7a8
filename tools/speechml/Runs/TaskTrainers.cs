using Microsoft.ML;

namespace SpeechML.Tool.Runs;

/// <summary>The trainer of each task.</summary>
internal static class TaskTrainers
{
    public static IEstimator<ITransformer> Create(
        MLContext mlContext, SpeechTrainingOptions options, string label, IProgress<TrainingProgress>? progress,
        CancellationToken cancellation) => options switch
        {
            SpeechMultiLabelOptions o =>
                mlContext.Speech().Trainers.MultiLabelClassification(label, "Audio", o, progress, cancellation),
            SpeechOrdinalOptions o =>
                mlContext.Speech().Trainers.OrdinalClassification(label, "Audio", o, progress, cancellation),
            SpeechClassificationOptions o => mlContext.MulticlassClassification.Trainers
                .SpeechClassification(label, "Audio", o, progress, cancellation),
            SpeechBinaryOptions o => mlContext.BinaryClassification.Trainers
                .SpeechClassification(label, "Audio", o, progress, cancellation),
            SpeechRegressionOptions o =>
                mlContext.Regression.Trainers.SpeechRegression(label, "Audio", o, progress, cancellation),
            _ => throw new InvalidOperationException(
                $"Trainer options: expected those of a task, got {options.GetType().Name}."),
        };
}
