using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;

namespace SpeechML.Tests.Hub;

/// <summary>Models of the Hub among the reference values, and how clips go through them.</summary>
internal sealed class HubModels : IDisposable
{
    private readonly SafetensorsFile _golden;

    public HubModels(string name)
    {
        Folder = Golden.At("classifiers", name);
        Json = Golden.Json("classifiers", name, "golden.json");
        _golden = SafetensorsFile.Open(Path.Combine(Folder, "golden.safetensors"));
    }

    public MLContext Context { get; } = new(seed: 1);

    public string Folder { get; }

    public JsonElement Json { get; }

    public bool IsAdapter => Directory.Exists(Path.Combine(Folder, "adapter"));

    public bool IsSpeaker => Class.EndsWith("ForXVector", StringComparison.Ordinal);

    public string Class => Json.GetProperty("class").GetString()!;

    public string[] Labels => [.. Json.GetProperty("labels").EnumerateArray().Select(l => l.GetString()!)];

    /// <summary>The folder that is loaded.</summary>
    public string Model => IsAdapter ? Path.Combine(Folder, "adapter") : Folder;

    public HuggingFaceModelOptions Options => new() { BaseModel = IsAdapter ? Path.Combine(Folder, "base") : "" };

    public int Clips => _golden.Entries.Keys.Count(k => k.EndsWith(".waveform", StringComparison.Ordinal));

    public static IEnumerable<object[]> Names(bool speakers) => Golden.Cases("classifiers")
        .Where(name => new HubModels(name).IsSpeaker == speakers).Select(name => new object[] { name });

    public float[] Expected(int clip, string what)
    {
        using torch.Tensor tensor = _golden.Read($"clip{clip}.{what}");
        return GoldenTensors.ToFloats(tensor);
    }

    public IDataView Data() => View(Context, [.. Enumerable.Range(0, Clips).Select(Wave)]);

    public static IDataView View(MLContext context, IReadOnlyList<float[]> clips) =>
        context.Data.LoadFromEnumerable(
            clips.Select((c, i) => new Row { Audio = MLAudio.FromSamples(c, 16000), Name = $"clip {i}" }));

    /// <summary>Vectors of a column; a number is a vector of one.</summary>
    public static float[][] Read(IDataView data, string column) =>
        data.Schema[column].Type is VectorDataViewType ? [.. data.GetColumn<float[]>(column)]
            : [.. data.GetColumn<float>(column).Select(v => new[] { v })];

    public void Dispose() => _golden.Dispose();

    private float[] Wave(int clip)
    {
        using torch.Tensor samples = _golden.Read($"clip{clip}.waveform");
        using torch.Tensor values = samples.to(torch.ScalarType.Float32) / 32768f;
        return GoldenTensors.ToFloats(values);
    }

    private sealed class Row
    {
        public MLAudio? Audio { get; set; }

        public string Name { get; set; } = "";
    }
}
