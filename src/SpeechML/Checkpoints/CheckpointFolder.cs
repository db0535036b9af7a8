using System.Text.Json;
using TorchSharp;

namespace SpeechML.Checkpoints;

/// <summary>A pretrained model's folder in Hugging Face layout: <c>config.json</c> and its weights, whatever container they are in.</summary>
public sealed class CheckpointFolder : IDisposable
{
    private readonly SafetensorsFile _file;

    private CheckpointFolder(string folder, JsonElement config, SafetensorsFile file)
    {
        Path = folder;
        Config = config;
        _file = file;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The content of <c>config.json</c>.</summary>
    public JsonElement Config { get; }

    /// <summary>The tensors of all weight files, by the name they have there.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors => _file.Entries;

    /// <summary>Opens a folder; weights are read when asked for.</summary>
    public static CheckpointFolder Open(string folder)
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(System.IO.Path.Combine(folder, "config.json")));
        return new CheckpointFolder(folder, config.RootElement.Clone(), SafetensorsFile.Open(System.IO.Path.Combine(folder, "model.safetensors")));
    }

    /// <summary>The file that a tensor is in, for messages.</summary>
    public string FileOf(string name) => _file.Path;

    /// <summary>Reads a tensor with its own element type, on the CPU.</summary>
    public torch.Tensor Read(string name) => _file.Read(name);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
