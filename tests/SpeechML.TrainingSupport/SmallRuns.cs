using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;

namespace SpeechML.TrainingSupport;

/// <summary>Trainings of a second on eight of the sample recordings, for what happens before and after them.</summary>
internal sealed class SmallRuns
{
    public SmallRuns()
    {
        IDataView rows = Prompts.View(Context, 8);
        Data = PromptAudio.Pipeline(Context).Append(Context.Transforms.Conversion.MapValueToKey("Key", "Label"))
            .Fit(rows).Transform(rows);
    }

    public MLContext Context { get; } = new(seed: 1);

    /// <summary>Columns <c>Audio</c>, <c>Label</c> (text), <c>Labels</c>, <c>Key</c>.</summary>
    public IDataView Data { get; }

    /// <summary>Options of a run that changes the weights much.</summary>
    public static SpeechClassificationOptions Options(string encoder = "hubert-base-like") => new()
    {
        Layers = EncoderLayers.Last,
        Encoder = RepositoryFiles.TinyEncoder(encoder),
        WhisperContext = WhisperContext.Trimmed,
        Epochs = 2,
        BatchSize = 4,
        Seed = 0,
        EncoderLearningRate = 1e-3,
        HeadLearningRate = 1e-2,
        Schedule = { WarmupRatio = 0 },
    };

    /// <summary>
    /// The same options for a run whose steps are too small to move a float32: the model is what it began with.
    /// </summary>
    public static T Still<T>(T options)
        where T : SpeechTrainingOptions
    {
        (options.Epochs, options.EncoderLearningRate, options.HeadLearningRate, options.Optimizer.WeightDecay) =
            (1, 1e-30, 1e-30, 0);
        return options;
    }

    public SpeechClassificationTransformer Fit(SpeechClassificationOptions options, IDataView? data = null) =>
        Context.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", options).Fit(data ?? Data);

    public float[][] Scores(ITransformer model, string column = "Score") =>
        [.. model.Transform(Data).GetColumn<float[]>(column)];

    public string Save(ITransformer model, string path)
    {
        Context.Model.Save(model, Data.Schema, path);
        return path;
    }

    /// <summary>Every weight of a model by name.</summary>
    public static Dictionary<string, float[]> Weights(SpeechScoringTransformer model) =>
        model.Model.Network.state_dict()
            .ToDictionary(t => t.Key, t => GoldenTensors.ToFloats(t.Value), StringComparer.Ordinal);

    /// <summary>The text of the model's facts in a zip.</summary>
    public static string Facts(string zip)
    {
        using ZipArchive archive = ZipFile.OpenRead(zip);
        using var reader = new StreamReader(archive.Entries.Single(e => e.Name == "model.json").Open());
        return reader.ReadToEnd();
    }
}
