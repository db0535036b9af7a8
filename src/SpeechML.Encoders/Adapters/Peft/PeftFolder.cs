using System.Text.RegularExpressions;
using SpeechML.Encoders.Adapters.Lora;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Adapters.Peft;

/// <summary>
/// The tensors of a PEFT folder. PEFT names them <c>base_model.model.</c>, the Python model's own name of the map,
/// <c>lora_A.weight</c> and so on.
/// </summary>
internal static class PeftFolder
{
    private const string Root = "base_model.model.";
    private const string WeightsFile = "adapter_model.safetensors";
    private const string OldWeightsFile = "adapter_model.bin";

    /// <summary>The files of weights, the preferred one first.</summary>
    public static IReadOnlyList<string> Containers { get; } = [WeightsFile, OldWeightsFile];

    /// <summary>The files of weights, for messages.</summary>
    public static string LookedFor { get; } = $"'{WeightsFile}' or '{OldWeightsFile}'";

    /// <summary>
    /// Makes the adapters that the rules choose and fills them from the folder; the encoder is not changed.
    /// </summary>
    /// <exception cref="CheckpointException">The tensors are not those that the rules mean for this
    /// encoder.</exception>
    public static (string Prefix, List<LoraSite> Sites) Read(string folder, SpeechEncoder encoder, LoraRules rules)
    {
        using IWeightsFile file = Open(folder);
        string prefix = FindPrefix(file, encoder);
        Func<string, string> moduleName = FindNames(file, encoder, prefix);
        try
        {
            Check(file, encoder, rules, prefix, moduleName);
            List<LoraSite> sites = LoraSite.Plan(encoder, rules, prefix, moduleName);
            Fill(file, sites, prefix);
            return (prefix, sites);
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new InvalidDataException(
                $"'{Path.Combine(folder, PeftConfig.FileName)}': expected expressions that match a name within " +
                $"{error.MatchTimeout.TotalSeconds} s, got '{CheckpointException.Shorten(error.Pattern)}'.", error);
        }
    }

    /// <summary>Whether a folder holds an adapter.</summary>
    public static bool IsOne(string folder) => File.Exists(Path.Combine(folder, PeftConfig.FileName));

    /// <summary>The files of a folder, and what writes each.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="config">The text of <c>adapter_config.json</c>.</param>
    /// <param name="prefix">What the Python model has before the encoder's names.</param>
    /// <param name="saved">Tensors of whole modules, by their names in the Python model.</param>
    public static (string Name, Action<string> Write)[] Files(
        LoraAdapter adapter, string config, string prefix, IEnumerable<(string Name, Tensor Tensor)> saved)
    {
        List<(string Name, Tensor Tensor)> tensors =
            [.. adapter.Sites.SelectMany(site => site.PeftParameters())
            .Select(p => (Root + prefix + p.Name, (Tensor)p.Parameter)),
            .. saved.Select(t => (Root + t.Name, t.Tensor))];
        return
        [
            (WeightsFile, path => SafetensorsFile.Write(path, tensors, FolderWriter.TorchMetadata)),
            (PeftConfig.FileName, path => FolderWriter.WriteText(path, config)),
        ];
    }

    /// <summary>
    /// The tensors of a folder that are not of the encoder, by their names in the Python model: heads that
    /// <c>modules_to_save</c> names.
    /// </summary>
    /// <param name="file">The folder's weights.</param>
    /// <param name="config">The encoder.</param>
    /// <param name="prefixes">What may stand before its names.</param>
    public static IEnumerable<(string Name, TensorEntry Entry)> Beside(
        IWeightsFile file, EncoderConfig config, IReadOnlyList<string> prefixes)
    {
        Dictionary<string, TensorEntry> entries = file.Entries
            .Where(e => e.Key.StartsWith(Root, StringComparison.Ordinal))
            .ToDictionary(e => e.Key[Root.Length..], e => e.Value, StringComparer.Ordinal);
        return WeightImporter.Beside(config, entries.Keys, prefixes).Select(name => (name, entries[name]));
    }

    /// <summary>Opens the weights of a folder.</summary>
    /// <exception cref="CheckpointException">There are none, or they are broken.</exception>
    public static IWeightsFile Open(string folder)
    {
        string path = Path.Combine(folder, WeightsFile);
        if (File.Exists(path))
        {
            return SafetensorsFile.Open(path);
        }
        string old = Path.Combine(folder, OldWeightsFile);
        return File.Exists(old) ? TorchPickleFile.Open(old)
            : throw new CheckpointException(folder, null, LookedFor, "neither");
    }

    /// <summary>
    /// What stands before the encoder's names; an adapter of the bare encoder fits one that lies in a larger model, and
    /// the other way round.
    /// </summary>
    private static string FindPrefix(IWeightsFile file, SpeechEncoder encoder)
    {
        IReadOnlyList<string> prefixes =
            EncoderFamily.All.Single(family => family.ModelType == encoder.Config.ModelType).Prefixes;
        HashSet<string> roots = Roots(encoder);
        return prefixes.FirstOrDefault(prefix => file.Entries.Keys.Any(name => IsInside(name, prefix, roots)))
            ?? throw new CheckpointException(
                file.Path,
                file.Entries.Keys.Order(StringComparer.Ordinal).FirstOrDefault(),
                $"tensors of encoder '{encoder.Config.ModelType}', such as " +
                $"'{Root}{EncoderNames.Prefix(encoder)}" +
                $"{EncoderFamily.Of(encoder).ModuleName(LoraSite.Maps(encoder).Keys.First())}.lora_A.weight'",
                $"none among {file.Entries.Count}");
    }

    /// <summary>
    /// How the Python model that the adapter was made on calls its modules: as the checkpoint does, where a name is so
    /// (an older version of transformers), else as the family's do in memory.
    /// </summary>
    private static Func<string, string> FindNames(IWeightsFile file, SpeechEncoder encoder, string prefix)
    {
        Func<string, string> inMemory = EncoderFamily.Of(encoder).ModuleName;
        string? renamed = LoraSite.Maps(encoder).Keys.FirstOrDefault(name => inMemory(name) != name
            && file.Entries.ContainsKey($"{Root}{prefix}{name}.lora_A.weight"));
        return renamed is null ? inMemory : name => name;
    }

    /// <summary>The first parts of the encoder's names, in checkpoints and in Python's memory.</summary>
    private static HashSet<string> Roots(SpeechEncoder encoder)
    {
        HashSet<string> roots = WeightImporter.Roots(encoder);
        Func<string, string> inMemory = EncoderFamily.Of(encoder).ModuleName;
        roots.UnionWith(LoraSite.Maps(encoder).Keys.Select(name => inMemory(name).Split('.')[0]));
        return roots;
    }

    private static bool IsInside(string name, string prefix, HashSet<string> roots) =>
        name.StartsWith(Root, StringComparison.Ordinal) && WeightImporter.IsInside(name[Root.Length..], prefix, roots);

    /// <summary>Compares names and shapes with what the rules mean, before anything of such a size is made.</summary>
    private static void Check(
        IWeightsFile file, SpeechEncoder encoder, LoraRules rules, string prefix, Func<string, string> moduleName)
    {
        var expected = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach ((string name, Projection map) in LoraSite.Maps(encoder)
            .Select(map => (moduleName(map.Key), map.Value)).Where(map => rules.Adapts(prefix + map.Item1)))
        {
            string full = Root + prefix + name;
            (long outputs, long inputs) = (map.WeightForm.shape[0], map.WeightForm.shape[1]);
            long rank = rules.RankOf(prefix + name);
            expected.Add($"{full}.lora_A.weight", [rank, inputs]);
            expected.Add($"{full}.lora_B.weight", [outputs, rank]);
            if (rules.Dora)
            {
                expected.Add($"{full}.lora_magnitude_vector", [outputs]);
            }
        }
        foreach ((string name, long[] shape) in expected)
        {
            string wanted =
                $"shape {WeightImporter.Shape(shape)}, by '{PeftConfig.FileName}' and encoder " +
                $"'{encoder.Config.ModelType}'";
            if (!file.Entries.TryGetValue(name, out TensorEntry? entry))
            {
                throw new CheckpointException(file.Path, name, wanted, "no such tensor");
            }
            if (!entry.Shape.AsSpan().SequenceEqual(shape))
            {
                throw new CheckpointException(file.Path, name, wanted, WeightImporter.Shape(entry.Shape));
            }
            if (!WeightImporter.Floating.Contains(entry.DType))
            {
                throw new CheckpointException(file.Path, name, "a floating-point type", entry.DType);
            }
        }
        HashSet<string> roots = Roots(encoder);
        string? odd = file.Entries.Keys.Order(StringComparer.Ordinal)
            .FirstOrDefault(name => IsInside(name, prefix, roots) && !expected.ContainsKey(name)
                && !IsLeftOut(name[(Root.Length + prefix.Length)..], encoder, moduleName));
        if (odd is not null)
        {
            throw new CheckpointException(
                file.Path,
                odd, $"only LoRA of linear maps that '{PeftConfig.FileName}' names and encoder " +
                $"'{encoder.Config.ModelType}' of {encoder.Config.LayerCount} layers has",
                "another part of the encoder (LoRA of a convolution or a whole module of 'modules_to_save' can be " +
                "used once it is folded into the base model by PEFT's merge_and_unload)");
        }
        if (expected.Count == 0)
        {
            throw new CheckpointException(
                file.Path,
                null, $"tensors of the {encoder.BuiltLayers} layers in use of encoder '{encoder.Config.ModelType}'",
                $"none among {file.Entries.Count}");
        }
    }

    /// <summary>Whether a name lies in a layer that the model has but that was not built.</summary>
    private static bool IsLeftOut(string name, SpeechEncoder encoder, Func<string, string> moduleName) =>
        encoder.Config.Groups.Layers.Skip(encoder.BuiltLayers)
            .Any(layer => name.StartsWith(moduleName(layer + "."), StringComparison.Ordinal));

    private static void Fill(IWeightsFile file, List<LoraSite> sites, string prefix)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        foreach ((string name, Parameter parameter) in sites.SelectMany(site => site.PeftParameters()))
        {
            using Tensor value = file.Read(Root + prefix + name);
            _ = parameter.copy_(value);
            WeightImporter.CheckFinite(file.Path, Root + prefix + name, parameter);
        }
    }
}
