namespace SpeechML.Audio.Storage;

/// <summary>What lies at a path where a model is expected: the one place that tells them apart.</summary>
internal sealed class ModelPath
{
    /// <summary>The file that makes a folder that of a run.</summary>
    public const string RunFile = "train_config.json";

    /// <summary>The file that makes a folder that of a study.</summary>
    public const string StudyFile = "study.jsonl";

    /// <summary>A saved model in a folder of ours.</summary>
    public const string ModelFile = "model.zip";

    private const int MaxNames = 1000; // of a folder: more are not looked at
    private const int MaxRuns = 3; // named in a message

    private static readonly string[] s_huggingFace = ["config.json", "adapter_config.json", "speechml.json"];
    private static readonly string[] s_weights = [".safetensors", ".bin", ".pt", ".pth", ".ckpt"];

    private ModelPath(ModelPathKind kind, string words, string? zip = null, string? run = null)
    {
        Kind = kind;
        Words = words;
        Zip = zip;
        Run = run;
    }

    public ModelPathKind Kind { get; }

    /// <summary>What it is, for messages: <c>an ONNX file</c>.</summary>
    public string Words { get; }

    /// <summary>
    /// The model zip that is meant: the file itself, that of a run (the best before the last) or of a study;
    /// <see langword="null"/> where there is none (yet).
    /// </summary>
    public string? Zip { get; }

    /// <summary>The folder of the run that it is or lies in; <see langword="null"/> where there is none.</summary>
    public string? Run { get; }

    /// <summary>Looks at a path or an address.</summary>
    public static ModelPath Of(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string bare = StoragePath.IsRemote(path) ? path.TrimEnd('/') : Path.TrimEndingDirectorySeparator(path);
        bool isFile = StoragePath.IsRemote(path)
            ? HasEnding(bare, ".zip", ".onnx") && StoragePath.Exists(bare) : File.Exists(path);
        return isFile ? OfFile(bare) : OfFolder(bare);
    }

    /// <summary>
    /// Whether a path that is not there has a model, a run or a study beside it: it is a wrong path and no id of a hub.
    /// </summary>
    public static bool LiesBesideModels(string path)
    {
        string? folder = StoragePath.IsRemote(path) ? null : Path.GetDirectoryName(path);
        return !string.IsNullOrEmpty(folder) && Directory.Exists(folder)
            && Directory.EnumerateFileSystemEntries(folder).Take(MaxNames).Any(
                e => HasEnding(e, ".zip", ".onnx") || File.Exists(Path.Combine(e, RunFile))
                || File.Exists(Path.Combine(e, StudyFile)));
    }

    private static ModelPath OfFile(string path)
    {
        if (HasEnding(path, ".onnx"))
        {
            return new ModelPath(ModelPathKind.Onnx, "an ONNX file", run: RunOf(path));
        }
        Span<byte> start = stackalloc byte[AudioSignature.Length];
        using (Stream stream = StoragePath.OpenRead(path))
        {
            start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        }
        return start.StartsWith("PK"u8)
            ? new ModelPath(ModelPathKind.Zip, "a model zip", path, RunOf(path))
            : AudioSignature.Detect(start) != AudioContainer.Unknown || HasEnding(path, [.. AudioPath.Extensions])
            ? new ModelPath(ModelPathKind.Audio, "a recording")
            : new ModelPath(ModelPathKind.OtherFile,
                start.IsEmpty ? "an empty file"
                : HasEnding(path, s_weights) ? "a file of weights alone: name its folder"
                : "a file that is no zip and no ONNX file", run: RunOf(path));
    }

    private static ModelPath OfFolder(string path)
    {
        string? own = FirstOf(path, ModelFile);
        if (FirstOf(path, RunFile) is not null)
        {
            string? zip = FirstOf(path, $"best/{ModelFile}", $"last/{ModelFile}");
            return new ModelPath(ModelPathKind.Run,
                zip is null ? "the folder of a run that has no saved model yet" : "the folder of a run", zip, path);
        }
        if (FirstOf(path, StudyFile) is not null)
        {
            return new ModelPath(ModelPathKind.Study, "the folder of a study", own);
        }
        if (own is not null)
        {
            return new ModelPath(ModelPathKind.Zip, $"a folder with {ModelFile}", own, RunOf(path));
        }
        if (FirstOf(path, s_huggingFace) is not null)
        {
            return new ModelPath(ModelPathKind.HuggingFace, "a model of the Hugging Face Hub");
        }
        if (IsObject(path))
        {
            return OfFile(path);
        }
        if (!Directory.Exists(path))
        {
            return new ModelPath(ModelPathKind.Nothing, $"no file or folder of this name{NearPath.Say(path)}");
        }
        string[] runs = [.. Directory.EnumerateDirectories(path).Take(MaxNames)
            .Where(d => FirstOf(d, RunFile, StudyFile) is not null).Order(StringComparer.Ordinal)];
        return runs.Length == 0
            ? new ModelPath(ModelPathKind.OtherFolder, $"a folder without {RunFile} (of a run), {StudyFile} " +
                $"(of a study) and {s_huggingFace[0]} (of a model of the Hub)")
            : new ModelPath(ModelPathKind.Runs, $"a folder of runs: name one of them, such as " +
                $"'{string.Join("', '", runs.Take(MaxRuns))}'");
    }

    /// <summary>Whether there is an object of a name that may as well be a folder's.</summary>
    private static bool IsObject(string path) => StoragePath.IsRemote(path)
        && path.IndexOf('/', path.IndexOf("://", StringComparison.Ordinal) + "://".Length) >= 0
        && StoragePath.Exists(path);

    private static string? FirstOf(string folder, params string[] names) =>
        names.Select(n => StoragePath.Combine(folder, n)).FirstOrDefault(StoragePath.Exists);

    /// <summary>The run in whose folder, or in a folder of it, something lies.</summary>
    private static string? RunOf(string path)
    {
        string above = path;
        for (int level = 0; level < 2; level++)
        {
            above = StoragePath.IsRemote(above) ? above[..Math.Max(0, above.LastIndexOf('/'))]
                : Path.GetDirectoryName(above) ?? "";
            if (above.Length == 0)
            {
                return null;
            }
            if (FirstOf(above, RunFile) is not null)
            {
                return above;
            }
        }
        return null;
    }

    private static bool HasEnding(string path, params string[] endings) =>
        endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}

/// <summary>Kinds of what lies at a path.</summary>
internal enum ModelPathKind
{
    Nothing,

    /// <summary>A model zip, or a folder with <c>model.zip</c>.</summary>
    Zip,

    Onnx,

    /// <summary>The folder of a run.</summary>
    Run,

    /// <summary>The folder of a study.</summary>
    Study,

    /// <summary>A folder with several of them in it.</summary>
    Runs,

    /// <summary>A folder in the layout of the Hugging Face Hub.</summary>
    HuggingFace,

    Audio,
    OtherFile,
    OtherFolder,
}
