using System.Text.Json.Nodes;
using SpeechML.Audio.Common;
using SpeechML.Encoders;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Kernels;
using SpeechML.Model.HuggingFace;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Model;

/// <summary>
/// A fine-tuned model as a Hugging Face folder: the encoder as transformers writes it, its adapter below <c>adapter</c>
/// as PEFT writes it, and what no
/// Python library knows in files of its own: <c>head.safetensors</c> (<c>mix.*</c>, <c>pooling.*</c>, <c>head.*</c>)
/// and <c>speechml.json</c> (<see cref="ModelManifest"/>).
/// </summary>
internal static class SpeechModelFolder
{
    public const string FactsFile = ModelFiles.Facts;
    public const string HeadFile = ModelFiles.Head;
    public const string AdapterFolder = ModelFiles.AdapterFolder;
    public static bool IsOne(string folder) => File.Exists(Path.Combine(folder, FactsFile));

    /// <summary>Writes a folder; all of it or, where it was not there before, nothing.</summary>
    /// <param name="model">The model; it is not changed.</param>
    /// <param name="folder">A new or empty folder.</param>
    /// <param name="mergeAdapter">Fold an adapter into the encoder's weights.</param>
    /// <param name="overwrite">Replace files in a folder that is not empty.</param>
    /// <exception cref="CheckpointException">The folder is not empty and <paramref name="overwrite"/> is not
    /// set.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <returns>The Python class that was written, or why it is none.</returns>
    public static string Write(SpeechModel model, string folder, bool mergeAdapter, bool overwrite)
    {
        using ModuleLifetime.Use use = model.Network.BeginUse();
        using WeightAccess access = WeightAccess.Begin();
        using DisposeScope scope = NewDisposeScope();
        SpeechEncoder encoder = model.Network.Encoder;
        ModelManifest facts = mergeAdapter ? model.Facts with { Lora = null, AdapterConfig = null } : model.Facts;
        List<(string Name, Tensor Tensor)> head =
            [.. model.Weights()
            .Where(t => !t.Key.StartsWith(SpeechNetwork.EncoderPrefix, StringComparison.Ordinal))
            .Select(t => (t.Key, t.Value))];
        // The weights were found to be all there above.
        (PythonHead? python, string why) = ClassifierWriter.Of(model);
        List<(string Name, Action<string> Write)> files =
        [
            ("README.md", path => FolderWriter.WriteText(
                path, SpeechModelReadme.Write(facts, model.Network, python, why))),
            (HeadFile, path => SafetensorsFile.Write(path, head, FolderWriter.TorchMetadata)),
            (FactsFile, path => FolderWriter.WriteText(path, facts.ToJson().ReplaceLineEndings("\n"))),
        ];
        if (facts.Lora is { } lora)
        {
            LoraAdapter adapter = LoraAdapter.On(encoder, lora,
                facts.AdapterConfig is { } source ? JsonObject.Create(source) : null);
            files.AddRange(adapter.Files(null, python).Select(f => ($"{AdapterFolder}/{f.Name}", f.Write)));
        }
        files.AddRange(EncoderFolder.Files(encoder, mergeAdapter, python));
        FolderWriter.Write(folder, overwrite, [.. files]);
        string noProgram = PythonProgram.WhyNot(facts);
        return python is not null
            ? $"the class {python.Class}: Python's pipeline(\"audio-classification\") gives the model's scores" +
                (facts.Lora is null ? "" : " once the adapter is on it")
            : $"the encoder alone, because {why}: the folder's README.md has " +
                (noProgram.Length == 0 ? "a program that gives the model's scores"
                : $"no program that gives the model's scores either, because {noProgram}; LoadHuggingFace reads it");
    }

    /// <summary>What the model says of itself, and no weights.</summary>
    public static ModelManifest ReadFacts(string folder)
    {
        using FileStream stream = File.OpenRead(Path.Combine(folder, FactsFile));
        return ModelManifest.Parse(ManifestChecks.ReadText(stream, FactsFile));
    }

    /// <summary>Reads a folder, on the CPU.</summary>
    /// <exception cref="CheckpointException">A file is missing or broken, or is not of the model that
    /// <c>speechml.json</c> describes.</exception>
    public static SpeechModel Read(string folder)
    {
        using WeightAccess access = WeightAccess.Begin();
        ModelManifest facts = ReadFacts(folder);
        // The adapter comes after the weights that it stands on.
        SpeechModel model = Restore(folder, facts with { Lora = null });
        try
        {
            if (facts.Lora is not null)
            {
                _ = LoraAdapter.Load(model.Network.Encoder, Path.Combine(folder, AdapterFolder));
            }
            model = model.WithFacts(facts);
            CheckHeads(model, folder);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The head is there twice, for us and for Python: where another program trained on, they differ, and neither may
    /// be taken for the other.
    /// </summary>
    private static void CheckHeads(SpeechModel model, string folder)
    {
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder);
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor mine) in ClassifierWriter.Of(model).Head?.Tensors ?? [])
        {
            if (checkpoint.Tensors.ContainsKey(name) && !AreSame(checkpoint.Read(name), mine))
            {
                throw new CheckpointException(checkpoint.FileOf(name), name,
                    $"what '{HeadFile}' says of the head",
                    $"other values: another program changed the folder. Without '{FactsFile}' it is loaded as the " +
                    "classifier that 'config.json' describes");
            }
        }
    }

    private static bool AreSame(Tensor a, Tensor b)
    {
        using Tensor equal = a.shape.AsSpan().SequenceEqual(b.shape) ? a.eq(b).all() : tensor(false);
        return equal.item<bool>();
    }

    private static SpeechModel Restore(string folder, ModelManifest facts)
    {
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder);
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, HeadFile));
        ManifestChecks.Check(facts, file.Entries);
        if (facts.BuiltLayers > checkpoint.Tensors.Count)
        {
            throw new CheckpointException(checkpoint.WeightsPath, null, $"tensors of {facts.BuiltLayers} layers",
                $"{checkpoint.Tensors.Count} tensors");
        }
        Dictionary<string, string> sources = [];
        return SpeechModel.Restore(
            facts,
            network =>
            {
                sources = EncoderLoader.Match(network.Encoder, checkpoint);
                CheckHead(network, file);
            },
            network =>
            {
                WeightImporter.Fill(network.Encoder, checkpoint, sources);
                using DisposeScope scope = NewDisposeScope();
                using IDisposable still = no_grad();
                foreach ((string name, Tensor target) in Head(network))
                {
                    _ = target.copy_(file.Read(name));
                    WeightImporter.CheckFinite(file.Path, name, target);
                }
            });
    }

    private static Dictionary<string, Tensor> Head(SpeechNetwork network) => network.state_dict()
        .Where(t => !t.Key.StartsWith(SpeechNetwork.EncoderPrefix, StringComparison.Ordinal))
        .ToDictionary(StringComparer.Ordinal);

    private static void CheckHead(SpeechNetwork network, SafetensorsFile file)
    {
        Dictionary<string, Tensor> wanted = Head(network);
        if (file.Entries.Keys.Except(wanted.Keys).Order(StringComparer.Ordinal).FirstOrDefault() is { } odd)
        {
            throw new CheckpointException(file.Path, odd, $"only what '{FactsFile}' describes", "another tensor");
        }
        foreach ((string name, Tensor target) in wanted)
        {
            string shape = $"shape {WeightImporter.Shape(target.shape)}, by '{FactsFile}'";
            if (!file.Entries.TryGetValue(name, out TensorEntry? entry))
            {
                throw new CheckpointException(file.Path, name, shape, "no such tensor");
            }
            if (!entry.Shape.AsSpan().SequenceEqual(target.shape))
            {
                throw new CheckpointException(file.Path, name, shape, WeightImporter.Shape(entry.Shape));
            }
            if (!WeightImporter.Floating.Contains(entry.DType))
            {
                throw new CheckpointException(file.Path, name, "a floating-point type", entry.DType);
            }
        }
    }
}
