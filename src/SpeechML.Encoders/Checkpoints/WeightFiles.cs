using System.Text.Json;

namespace SpeechML.Encoders.Checkpoints;

/// <summary>The weight files of a model folder: one file, or the shards that an index names.</summary>
/// <param name="ContainerPath">The file, or the index that names the shards.</param>
/// <param name="Files">The open files.</param>
/// <param name="FileOf">The file of each tensor.</param>
internal sealed record WeightFiles(
    string ContainerPath, IReadOnlyList<IWeightsFile> Files, Dictionary<string, IWeightsFile> FileOf)
{
    /// <summary>
    /// The containers, the preferred one first: safetensors can be mapped and checked, and hold nothing but tensors.
    /// </summary>
    public static IReadOnlyList<string> Containers { get; } =
        ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    /// <summary>The containers, for messages.</summary>
    public static string LookedFor { get; } = $"one of '{string.Join("', '", Containers)}'";

    public static bool IsIndex(string container) => container.EndsWith(".index.json", StringComparison.Ordinal);

    /// <exception cref="CheckpointException">No container is there, or it is broken.</exception>
    public static WeightFiles Open(string folder)
    {
        string container = Containers.FirstOrDefault(c => File.Exists(Path.Combine(folder, c)))
            ?? throw new CheckpointException(
                folder, null, $"weights: {LookedFor}", $"none of them among {FilesIn(folder)}");
        string path = Path.Combine(folder, container);
        if (IsIndex(container))
        {
            return OpenShards(folder, path);
        }
        IWeightsFile file = OpenFile(path);
        return new WeightFiles(path, [file], file.Entries.Keys.ToDictionary(n => n, _ => file, StringComparer.Ordinal));
    }

    /// <summary>The tensors and the shard of each, as an index names them.</summary>
    /// <exception cref="CheckpointException">The index is broken, or names a file outside of the folder.</exception>
    public static Dictionary<string, string> ReadIndex(string path)
    {
        JsonElement index = CheckpointJson.ReadObject(path);
        if (!index.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
        {
            throw new CheckpointException(
                path, null, "an object 'weight_map'",
                map.ValueKind == JsonValueKind.Undefined ? "none" : map.ValueKind.ToString().ToLowerInvariant());
        }
        try
        {
            return ReadMap(path, map);
        }
        catch (InvalidOperationException error)
        {
            throw new CheckpointException(
                path, null, "names in 'weight_map' that are text", "half a surrogate pair", error);
        }
    }

    private static Dictionary<string, string> ReadMap(string path, JsonElement map)
    {
        var shards = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty tensor in map.EnumerateObject())
        {
            if (tensor.Value.ValueKind != JsonValueKind.String)
            {
                throw new CheckpointException(
                    path, tensor.Name, "the name of a shard", tensor.Value.ValueKind.ToString().ToLowerInvariant());
            }
            string shard = tensor.Value.GetString()!;
            if (!IsPlainName(shard))
            {
                throw new CheckpointException(
                    path, tensor.Name, "the name of a shard in the same folder",
                    $"'{CheckpointException.Shorten(shard)}'");
            }
            shards.Add(tensor.Name, shard);
        }
        return shards.Count > 0 ? shards : throw new CheckpointException(path, null, "tensors in 'weight_map'", "none");
    }

    private static WeightFiles OpenShards(string folder, string index)
    {
        Dictionary<string, string> shardOf = ReadIndex(index);
        var files = new Dictionary<string, IWeightsFile>(StringComparer.Ordinal);
        try
        {
            foreach (string shard in shardOf.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                string path = Path.Combine(folder, shard);
                if (!File.Exists(path))
                {
                    throw new CheckpointException(
                        index, null, $"the shard '{shard}' beside it", $"none among {FilesIn(folder)}");
                }
                files.Add(shard, OpenFile(path));
            }
            foreach ((string tensor, string shard) in shardOf)
            {
                if (!files[shard].Entries.ContainsKey(tensor))
                {
                    string? other = files.FirstOrDefault(f => f.Value.Entries.ContainsKey(tensor)).Key;
                    throw new CheckpointException(
                        files[shard].Path, tensor, "this tensor, as the index says",
                        other is null ? "none of this name" : $"it in '{other}'");
                }
            }
            return new WeightFiles(index, [.. files.Values],
                shardOf.ToDictionary(t => t.Key, t => files[t.Value], StringComparer.Ordinal));
        }
        catch
        {
            foreach (IWeightsFile file in files.Values)
            {
                file.Dispose();
            }
            throw;
        }
    }

    private static IWeightsFile OpenFile(string path) =>
        path.EndsWith(".safetensors", StringComparison.Ordinal) ? SafetensorsFile.Open(path)
            : TorchPickleFile.Open(path);

    /// <summary>
    /// Refused on every system what any system takes for a path: a folder must not load on one and escape on another.
    /// </summary>
    private static bool IsPlainName(string name) =>
        name.Length > 0 && name is not ("." or "..") && name.IndexOfAny(['/', '\\', ':', '\0']) < 0;

    private static string FilesIn(string folder)
    {
        const int MaxNamed = 12;
        string[] names = [.. Directory.EnumerateFileSystemEntries(folder).Select(p => Path.GetFileName(p))
            .Order(StringComparer.Ordinal)];
        return $"its {names.Length} entries " +
            $"({string.Join(", ", names.Take(MaxNamed).Select(n => $"'{n}'"))}" +
            $"{(names.Length > MaxNamed ? ", …" : "")})";
    }
}
