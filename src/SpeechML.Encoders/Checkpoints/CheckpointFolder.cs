using System.Text.Json;
using SpeechML.Encoders.Adapters.Peft;
using SpeechML.Encoders.Checkpoints;
using TorchSharp;

namespace SpeechML;

/// <summary>
/// A pretrained model's folder in Hugging Face layout: <c>config.json</c> and its weights, whatever container they are
/// in. Of several containers the
/// first of <c>model.safetensors</c>, <c>model.safetensors.index.json</c>, <c>pytorch_model.bin</c>,
/// <c>pytorch_model.bin.index.json</c> is taken.
/// </summary>
public sealed class CheckpointFolder : IDisposable
{
    internal const string ConfigFile = "config.json";
    internal const string PreprocessorFile = "preprocessor_config.json";
    internal const string ProcessorFile = "processor_config.json";

    private readonly IReadOnlyList<IWeightsFile> _files;
    private readonly Dictionary<string, IWeightsFile> _fileOf;

    private CheckpointFolder(string folder, JsonElement config, WeightFiles weights)
    {
        Path = folder;
        Config = config;
        WeightsPath = weights.ContainerPath;
        (PreprocessorPath, PreprocessorConfig) = ReadPreprocessor(folder);
        _files = weights.Files;
        _fileOf = weights.FileOf;
        Tensors = _fileOf.ToDictionary(t => t.Key, t => t.Value.Entries[t.Key], StringComparer.Ordinal);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The content of <c>config.json</c>.</summary>
    public JsonElement Config { get; }

    /// <summary>
    /// What the folder says of the feature extractor, where it does: <c>feature_extractor</c> in
    /// <c>processor_config.json</c> (as transformers 5 writes
    /// it), else the content of <c>preprocessor_config.json</c>.
    /// </summary>
    public JsonElement? PreprocessorConfig { get; }

    /// <summary>The file that <see cref="PreprocessorConfig"/> is from, for messages.</summary>
    internal string? PreprocessorPath { get; }

    /// <summary>The file of weights, or the index of its shards, for messages.</summary>
    internal string WeightsPath { get; }

    /// <summary>The tensors of all weight files, by the name they have there.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors { get; }

    /// <summary>Opens a folder; weights are read when asked for.</summary>
    /// <exception cref="CheckpointException">The folder has no <c>config.json</c> or no weights (what was looked for is
    /// listed), or one of its files is broken or names what is not there.</exception>
    public static CheckpointFolder Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string config = System.IO.Path.Combine(folder, ConfigFile);
        if (!File.Exists(config))
        {
            throw new CheckpointException(
                folder, null, $"a model folder with '{ConfigFile}' and {WeightFiles.LookedFor}",
                !Directory.Exists(folder) ? "nothing: there is no such folder"
                : PeftFolder.IsOne(folder) ? $"an adapter alone ('{PeftConfig.FileName}'): name the base model here"
                : $"no '{ConfigFile}'");
        }
        JsonElement facts = CheckpointJson.ReadObject(config);
        WeightFiles weights = WeightFiles.Open(folder);
        try
        {
            return new CheckpointFolder(folder, facts, weights);
        }
        catch
        {
            foreach (IWeightsFile file in weights.Files)
            {
                file.Dispose();
            }
            throw;
        }
    }

    /// <summary>The file that a tensor is in, for messages.</summary>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    public string FileOf(string name) => Find(name).Path;

    /// <summary>Reads a tensor with its own element type, on the CPU.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or torch has no such element type.</exception>
    public torch.Tensor Read(string name) => Find(name).Read(name);

    /// <summary>Copies a tensor into one of its shape, whose type it then has.</summary>
    internal void CopyTo(string name, torch.Tensor target)
    {
        IWeightsFile file = Find(name);
        if (file is SafetensorsFile safe)
        {
            safe.CopyTo(name, target);
            return;
        }
        using torch.Tensor value = file.Read(name);
        _ = target.copy_(value);
    }

    /// <inheritdoc cref="SafetensorsFile.TryMap"/>
    internal torch.Tensor? TryMap(string name, int alignment) =>
        (Find(name) as SafetensorsFile)?.TryMap(name, alignment);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IWeightsFile file in _files)
        {
            file.Dispose();
        }
    }

    private static (string? Path, JsonElement? Config) ReadPreprocessor(string folder)
    {
        string processor = System.IO.Path.Combine(folder, ProcessorFile);
        if (File.Exists(processor)
            && CheckpointJson.ReadObject(processor).TryGetProperty("feature_extractor", out JsonElement extractor))
        {
            return extractor.ValueKind == JsonValueKind.Object
                ? (processor, extractor)
                : throw CheckpointException.InField(
                    processor, "feature_extractor", "an object", extractor.ValueKind.ToString().ToLowerInvariant());
        }
        string preprocessor = System.IO.Path.Combine(folder, PreprocessorFile);
        return File.Exists(preprocessor) ? (preprocessor, CheckpointJson.ReadObject(preprocessor)) : (null, null);
    }

    private IWeightsFile Find(string name) =>
        _fileOf.TryGetValue(name, out IWeightsFile? file) ? file
            : throw new CheckpointException(Path, name, "a tensor of this name", $"none among its {_fileOf.Count}");
}
