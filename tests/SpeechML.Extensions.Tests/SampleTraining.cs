using System.IO.Compression;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Extensions.Tests;

/// <summary>Trainings of a head, each of milliseconds, on eight sample recordings.</summary>
internal sealed class SampleTraining : IDisposable
{
    private static readonly string s_root = typeof(SampleTraining).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    private readonly MLContext _mlContext = new(seed: 1);
    private readonly string _zip = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".zip");
    private readonly IDataView _data;

    public SampleTraining()
    {
        string folder = Path.Combine(s_root, "samples", "data", "prompts");
        IDataView rows = _mlContext.Data.LoadFromEnumerable(
            Directory.GetFiles(folder, "*.wav").Order(StringComparer.Ordinal).Take(8).Select((file, i) => new Row
            {
                Path = file,
                Class = $"class {i % 3}",
                Flag = i % 2 == 0,
                Rating = i % 4,
                Labels = [i % 2, i / 2 % 2],
            }));
        _data = _mlContext.Transforms.LoadAudio("Audio", folder, nameof(Row.Path))
            .Append(_mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(_mlContext.Transforms.Conversion.MapValueToKey("Key", nameof(Row.Class)))
            .Fit(rows).Transform(rows);
    }

    public static string Encoder => Path.Combine(
        s_root, "tests", "SpeechML.TestSupport", "Fixtures", "golden", "encoders", "hubert-base-like");

    public static T Options<T>()
        where T : SpeechTrainingOptions, new() => new()
        {
            Encoder = Encoder,
            Freezing = LayerFreezing.All,
            Epochs = 3,
            BatchSize = 4,
            HeadLearningRate = 1e-2,
        };

    /// <summary>The scores of a model, once its zip gives the same.</summary>
    /// <param name="options">The options.</param>
    /// <param name="manifest">The text of <c>model.json</c> in the zip.</param>
    public float[][] FitSaveLoad(SpeechTrainingOptions options, out string manifest)
    {
        ITransformer model = options switch
        {
            SpeechClassificationOptions o =>
                _mlContext.MulticlassClassification.Trainers.SpeechClassification("Key", "Audio", o).Fit(_data),
            SpeechOrdinalOptions o =>
                _mlContext.Speech().Trainers.OrdinalClassification("Key", "Audio", o).Fit(_data),
            SpeechMultiLabelOptions o =>
                _mlContext.Speech().Trainers.MultiLabelClassification("Labels", "Audio", o).Fit(_data),
            SpeechBinaryOptions o =>
                _mlContext.BinaryClassification.Trainers.SpeechClassification("Flag", "Audio", o).Fit(_data),
            _ => _mlContext.Regression.Trainers.SpeechRegression(
                "Rating", "Audio", (SpeechRegressionOptions)options).Fit(_data),
        };
        float[][] scores = Scores(model);
        _mlContext.Model.Save(model, _data.Schema, _zip);
        (model as IDisposable)?.Dispose();
        ITransformer loaded = _mlContext.Model.Load(_zip, out _);
        float[][] again = Scores(loaded);
        (loaded as IDisposable)?.Dispose();
        for (int i = 0; i < scores.Length; i++)
        {
            CollectionAssert.AreEqual(scores[i], again[i]);
            Assert.IsTrue(Array.TrueForAll(scores[i], float.IsFinite));
        }
        manifest = Manifest();
        return scores;
    }

    /// <summary>Changes <c>model.json</c> of the zip that was written last.</summary>
    public void ReplaceInManifest(string text, string with)
    {
        string manifest = Manifest();
        Assert.Contains(text, manifest);
        using ZipArchive archive = ZipFile.Open(_zip, ZipArchiveMode.Update);
        ZipArchiveEntry entry = archive.Entries.Single(e => e.Name == "model.json");
        string name = entry.FullName;
        entry.Delete();
        using var writer = new StreamWriter(archive.CreateEntry(name, CompressionLevel.NoCompression).Open());
        writer.Write(manifest.Replace(text, with, StringComparison.Ordinal));
    }

    public void Load() => (_mlContext.Model.Load(_zip, out _) as IDisposable)?.Dispose();

    public void Dispose() => File.Delete(_zip);

    private float[][] Scores(ITransformer model)
    {
        IDataView scored = model.Transform(_data);
        return scored.Schema["Score"].Type is VectorDataViewType
            ? [.. scored.GetColumn<float[]>("Score")]
            : [.. scored.GetColumn<float>("Score").Select(s => new[] { s })];
    }

    private string Manifest()
    {
        using ZipArchive archive = ZipFile.OpenRead(_zip);
        using var reader = new StreamReader(archive.Entries.Single(e => e.Name == "model.json").Open());
        return reader.ReadToEnd();
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";

        public string Class { get; set; } = "";

        public bool Flag { get; set; }

        public float Rating { get; set; }

        [VectorType(2)]
        public float[] Labels { get; set; } = [];
    }
}
