using SpeechML.Encoders.Adapters.Peft;

namespace SpeechML.Encoders.Checkpoints;

/// <summary>The files of a repository or a store that make a model: what of it is brought to this machine.</summary>
internal static class ModelFiles
{
    /// <summary>What this library says of a model that it fine-tuned.</summary>
    public const string Facts = "speechml.json";

    /// <summary>The layers that such a model has on its encoder.</summary>
    public const string Head = "head.safetensors";

    /// <summary>The folder of such a model's adapter.</summary>
    public const string AdapterFolder = "adapter";

    /// <summary>The files to bring, but for the shards that an index among them names; the weights are last.</summary>
    /// <param name="there">Paths of the files that are there.</param>
    /// <returns>None where there are neither an encoder nor an adapter.</returns>
    public static IReadOnlyList<string> Of(IReadOnlyCollection<string> there)
    {
        string? container = WeightFiles.Containers.FirstOrDefault(there.Contains);
        string? adapter = PeftFolder.Containers.FirstOrDefault(there.Contains);
        bool isWhole = container is not null && there.Contains(CheckpointFolder.ConfigFile);
        bool isAdapter = adapter is not null && there.Contains(PeftConfig.FileName);
        if (!isWhole && !isAdapter)
        {
            return [];
        }
        List<string?> wanted =
            [CheckpointFolder.ConfigFile, CheckpointFolder.PreprocessorFile, CheckpointFolder.ProcessorFile];
        if (isWhole && there.Contains(Facts))
        {
            string? own = PeftFolder.Containers.Select(Below).FirstOrDefault(there.Contains);
            wanted.AddRange([Facts, Head, .. own is null ? [] : new[] { Below(PeftConfig.FileName), own }]);
        }
        wanted.AddRange([.. isAdapter ? new[] { PeftConfig.FileName, adapter } : [], container]);
        return [.. wanted.OfType<string>().Where(there.Contains)];
    }

    /// <summary>As <see cref="Of"/>, with every file that may be a shard.</summary>
    public static IEnumerable<string> WithShards(IReadOnlyCollection<string> there)
    {
        IReadOnlyList<string> files = Of(there);
        string? shard = files.LastOrDefault(WeightFiles.IsIndex) is { } index
            ? Path.GetExtension(index[..^".index.json".Length]) : null;
        return files.Union(there.Where(n => shard is not null && n.EndsWith(shard, StringComparison.Ordinal)
            && !n.Contains('/', StringComparison.Ordinal)));
    }

    private static string Below(string name) => $"{AdapterFolder}/{name}";
}
