using System.IO.Compression;
using Microsoft.ML;
using SpeechML.TestSupport;

namespace SpeechML.TrainingSupport;

/// <summary>Small runs from the sample recordings to the bytes of the model's weights.</summary>
internal static class TrainingRuns
{
    /// <summary>
    /// Options under which every kind of state matters: dropout in encoder and head, accumulation with a smaller last
    /// group, a schedule.
    /// </summary>
    public static SpeechClassificationOptions Options(string checkpoints = "") => new()
    {
        Layers = EncoderLayers.Last,
        Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
        Epochs = 4,
        BatchSize = 2,
        Optimizer = { AccumulationSteps = 2 },
        EncoderLearningRate = 1e-3,
        Head = new HeadOptions { HiddenLayers = 1, BottleneckSize = 8, Dropout = 0.3 },
        Checkpoints = { Folder = checkpoints },
    };

    /// <summary>Trains on ten clips, judges on six, and gives the weights as they are in the model's zip.</summary>
    public static byte[] Fit(
        SpeechClassificationOptions options, IProgress<TrainingProgress>? progress = null, bool augmented = false,
        bool validated = true, int clips = 10, CancellationToken cancellation = default)
    {
        var mlContext = new MLContext(seed: 1);
        List<PromptRow> rows = Prompts.Rows(16);
        var trainer = mlContext.MulticlassClassification.Trainers.SpeechClassification(
            "Label", "Audio", options, progress, cancellation);
        IDataView all = mlContext.Data.LoadFromEnumerable(rows);
        IDataView train = mlContext.Data.LoadFromEnumerable(rows.Take(clips));
        var audio = PromptAudio.Pipeline(mlContext).Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Fit(all);
        ITransformer model;
        if (augmented)
        {
            model = mlContext.Transforms.AugmentAudio("Audio", new AddGaussianNoise(p: 1), seed: 3).Append(trainer)
                .Fit(audio.Transform(train));
        }
        else
        {
            model = trainer.Fit(audio.Transform(train),
                validated ? audio.Transform(mlContext.Data.LoadFromEnumerable(rows.Skip(10))) : null);
        }
        using (model as IDisposable)
        {
            using var zip = new MemoryStream();
            mlContext.Model.Save(model, null, zip);
            using var archive = new ZipArchive(zip);
            using Stream weights = archive.Entries.Single(e => e.Name == "weights.safetensors").Open();
            using var bytes = new MemoryStream();
            weights.CopyTo(bytes);
            return bytes.ToArray();
        }
    }

    /// <summary>Keeps what is reported, and may act on it.</summary>
    internal sealed class Recorder(Action<TrainingProgress>? act = null) : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Steps { get; } = [];

        public IEnumerable<TrainingProgress> Epochs => Steps.Where(s => s.EpochLoss is not null);

        public void Report(TrainingProgress value)
        {
            Steps.Add(value);
            act?.Invoke(value);
        }
    }
}
