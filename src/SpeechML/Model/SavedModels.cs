using System.IO.Compression;
using SpeechML.Audio.Storage;
using SpeechML.Encoders;
using SpeechML.Encoders.Adapters.Peft;
using SpeechML.Encoders.Hub;
using SpeechML.Model.HuggingFace;
using SpeechML.Model.Zips;

namespace SpeechML.Model;

/// <summary>Reads speech models from where users keep them, outside of a chain of transformers.</summary>
internal static class SavedModels
{
    /// <summary>Reads a model with its weights, on the CPU.</summary>
    /// <param name="path">A zip saved by ML.NET, the folder of a run, or one of
    /// <see cref="SpeechModelFolder"/>.</param>
    /// <exception cref="ArgumentException">The path is neither.</exception>
    public static SpeechModel Read(string path)
    {
        path = ZipOrPath(path);
        if (!File.Exists(path))
        {
            using EncoderLocation found = EncoderLocation.Find(path);
            return SpeechModelFolder.IsOne(found.Folder) ? SpeechModelFolder.Read(found.Folder)
                : OfHub(found.Folder, path, hub => hub.Read());
        }
        using FileStream file = File.OpenRead(path);
        using ZipArchive zip = OpenZip(file, path);
        (ModelManifest facts, string place) = Find(zip, path);
        using SafetensorsFile? stored =
            StoredWeights.Open(file, (place + SpeechModel.WeightsEntry).Replace('\\', '/'), SpeechModel.WeightsEntry);
        if (stored is not null)
        {
            return SpeechModel.Restore(facts, stored);
        }
        ZipArchiveEntry weights = zip.GetEntry(place + SpeechModel.WeightsEntry)
            ?? throw new FormatException(
                $"Speech model in the zip: expected an entry {SpeechModel.WeightsEntry}, found none.");
        using Stream stream = weights.Open();
        return SpeechModel.Restore(facts, stream);
    }

    /// <summary>Reads a model of the Hub or a folder that this library wrote, on the CPU.</summary>
    /// <param name="model">A folder, its address or a Hub id.</param>
    /// <param name="options">How it is loaded.</param>
    /// <param name="speaker">Whether one of speakers' embeddings is wanted, or one with a head.</param>
    /// <exception cref="CheckpointException">A file is missing or broken, or says what we cannot do.</exception>
    public static SpeechModel ReadHuggingFace(string model, HuggingFaceModelOptions options, bool speaker)
    {
        using EncoderLocation place =
            EncoderLocation.Find(model, new HubOptions { KeepDownload = options.KeepDownload });
        if (!speaker && SpeechModelFolder.IsOne(place.Folder))
        {
            return SpeechModelFolder.Read(place.Folder);
        }
        using HubClassifier hub = HubClassifier.Open(place.Folder, options);
        return hub.Head.Speaker is not null == speaker ? hub.Read() : throw new CheckpointException(
            place.Folder, null,
            speaker ? "a model of speakers' embeddings (…ForXVector)" : "a classifier",
            speaker ? "a classifier: use mlContext.Speech().LoadHuggingFace"
                : "one of speakers' embeddings: use mlContext.Transforms.EmbedSpeaker");
    }

    /// <summary>What a model says of itself, and no weights.</summary>
    /// <inheritdoc cref="Read" path="/param"/>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static ModelManifest ReadFacts(string path)
    {
        path = ZipOrPath(path);
        if (!File.Exists(path))
        {
            using EncoderLocation found = EncoderLocation.Find(path);
            return SpeechModelFolder.IsOne(found.Folder) ? SpeechModelFolder.ReadFacts(found.Folder)
                : OfHub(found.Folder, path, hub => hub.Facts);
        }
        using FileStream file = File.OpenRead(path);
        using ZipArchive zip = OpenZip(file, path);
        return Find(zip, path).Facts;
    }

    /// <summary>
    /// Whether a path is rather the id of a model of the Hub, with a revision or not. One with runs or models beside it
    /// is none: it would be asked for on the network.
    /// </summary>
    public static bool IsHubId(string path) =>
        !File.Exists(path) && !Directory.Exists(path) && path.Contains('/', StringComparison.Ordinal)
        && HubNames.IsId(path.Split('@', 2)[0]) && !ModelPath.LiesBesideModels(path);

    /// <summary>The path of a file or folder as it is, or the folder of a model of the Hub.</summary>
    public static string FolderOrPath(string path) => IsHubId(path) ? FolderOf(path) : path;

    /// <summary>The folder of a model of the Hub, which is brought to this machine unless it is there.</summary>
    /// <param name="model">The model.</param>
    /// <param name="say">Told of a download; <see langword="null"/> for nobody.</param>
    public static string FolderOf(string model, Action<string>? say = null)
    {
        using EncoderLocation found = EncoderLocation.Find(model, new HubOptions { KeepDownload = true },
            say is null ? null : new DownloadLines(model, say));
        return found.Folder;
    }

    /// <summary>The zip of a run or study, else the path as it is.</summary>
    private static string ZipOrPath(string path) =>
        Directory.Exists(path) && ModelPath.Of(path).Zip is { } zip ? zip : path;

    private static T OfHub<T>(string folder, string path, Func<HubClassifier, T> read)
    {
        if (!HubClassifier.IsOne(folder))
        {
            ModelPath other = ModelPath.Of(folder);
            throw Wrong(path, other.Kind is ModelPathKind.OtherFolder or ModelPathKind.HuggingFace
                ? "a folder without them" : other.Words);
        }
        using HubClassifier hub = HubClassifier.Open(folder, new HuggingFaceModelOptions());
        return hub.Head.Task is null ? throw Wrong(path, "one of speakers' embeddings") : read(hub);
    }

    private static ZipArchive OpenZip(FileStream file, string path)
    {
        try
        {
            return new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        }
        catch (InvalidDataException)
        {
            throw Wrong(path, ModelPath.Of(path).Words);
        }
    }

    /// <summary>The one model of a chain; beside a trained one, featurizers do not count.</summary>
    private static (ModelManifest Facts, string Place) Find(ZipArchive zip, string path)
    {
        List<(ModelManifest Facts, string Place)> models = [];
        foreach (ZipArchiveEntry entry in zip.Entries.Where(
            e => Path.GetFileName(e.FullName.Replace('\\', '/')) == SpeechModel.FactsEntry))
        {
            using Stream stream = entry.Open();
            models.Add((ModelManifest.Parse(ManifestChecks.ReadText(stream, entry.FullName)),
                entry.FullName[..^SpeechModel.FactsEntry.Length]));
        }
        List<(ModelManifest Facts, string Place)> trained = models.FindAll(m => m.Facts.Head is not null);
        return (trained.Count > 0 ? trained : models) switch
        {
            [var one] => one,
            [] => throw Wrong(path, "a zip without a speech model"),
            var several => throw Wrong(path, $"a zip with {several.Count} speech models"),
        };
    }

    private static ArgumentException Wrong(string path, string got) => new(
        $"Option InitialModel.Path: expected a zip with one speech model, the folder of a run with one, or a " +
        $"folder with '{SpeechModelFolder.FactsFile}' or '{PeftConfig.FileName}', or with a classifier of the Hub (a " +
        $"pretrained encoder's folder is option " +
        $"{nameof(SpeechTrainingOptions.Encoder)}), got '{path}', {got}.");
}
