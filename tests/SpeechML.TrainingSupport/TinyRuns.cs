using Microsoft.ML;
using SpeechML.TestSupport;

namespace SpeechML.TrainingSupport;

/// <summary>Whole runs of a second: trained, judged, saved.</summary>
internal sealed class TinyRuns
{
    public SmallRuns Small { get; } = new();

    public MLContext Context => Small.Context;

    public static SpeechRunColumns Columns(string label) =>
        new() { Label = label, AudioKey = "Path", Subject = "Subject" };

    public static SpeechMultiLabelOptions MultiLabel(string? pooling = null) => new()
    {
        Layers = EncoderLayers.Last,
        Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
        Pooling = pooling ?? SpeechPooling.Attention,
        Epochs = 2,
        BatchSize = 4,
        EncoderLearningRate = 1e-3,
        HeadLearningRate = 1e-2,
    };

    public (SpeechRun Run, ITransformer Model) MultiLabelRun(
        string runs, SpeechRunOptions? options = null, SpeechMultiLabelOptions? training = null)
    {
        training ??= MultiLabel();
        SpeechRun run = Context.Speech().CreateRun(runs, training, options);
        ITransformer model = Context.Speech().Trainers.MultiLabelClassification(
            "Labels", "Audio", training, run.Progress).Fit(Small.Data, Small.Data);
        return (Finish(run, model, "Labels"), model);
    }

    public (SpeechRun Run, ITransformer Model) ClassRun(string runs)
    {
        SpeechClassificationOptions training = SmallRuns.Options();
        SpeechRun run = Context.Speech().CreateRun(runs, training);
        ITransformer model = Context.MulticlassClassification.Trainers.SpeechClassification(
            "Key", "Audio", training, run.Progress).Fit(Small.Data);
        return (Finish(run, model, "Key"), model);
    }

    public SpeechRun Finish(SpeechRun run, ITransformer model, string label)
    {
        run.RecordData(Small.Data, Columns(label));
        run.Evaluate(model, Small.Data, Columns(label));
        run.Complete(Context, model, Small.Data.Schema);
        return run;
    }
}
