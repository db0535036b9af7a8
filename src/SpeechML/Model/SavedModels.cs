using System.IO.Compression;
using SpeechML.Encoders.Adapters.Peft;

namespace SpeechML.Model;

/// <summary>Reads speech models from where users keep them, outside of a chain of transformers.</summary>
internal static class SavedModels
{
    /// <summary>Reads a model with its weights, on the CPU.</summary>
    /// <param name="path">A zip saved by ML.NET, or a folder of <see cref="SpeechModelFolder"/>.</param>
    /// <exception cref="ArgumentException">The path is neither.</exception>
    public static SpeechModel Read(string path)
    {
        if (Directory.Exists(path))
        {
            return SpeechModelFolder.IsOne(path) ? SpeechModelFolder.Read(path)
                : throw Wrong(path, "a folder without them");
        }
        using ZipArchive zip = OpenZip(path);
        (ModelManifest facts, string place) = Find(zip, path);
        ZipArchiveEntry weights = zip.GetEntry(place + SpeechModel.WeightsEntry)
            ?? throw new FormatException(
                $"Speech model in the zip: expected an entry {SpeechModel.WeightsEntry}, found none.");
        using Stream stream = weights.Open();
        return SpeechModel.Restore(facts, stream);
    }

    /// <summary>What a model says of itself, and no weights.</summary>
    /// <inheritdoc cref="Read" path="/param"/>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static ModelManifest ReadFacts(string path)
    {
        if (Directory.Exists(path))
        {
            return SpeechModelFolder.IsOne(path) ? SpeechModelFolder.ReadFacts(path)
                : throw Wrong(path, "a folder without them");
        }
        using ZipArchive zip = OpenZip(path);
        return Find(zip, path).Facts;
    }

    private static ZipArchive OpenZip(string path)
    {
        try
        {
            return ZipFile.OpenRead(path);
        }
        catch (InvalidDataException)
        {
            throw Wrong(path, "a file that is no zip");
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
        $"Option InitialModel.Path: expected a zip with one speech model, or a folder " +
        $"with '{SpeechModelFolder.FactsFile}' or '{PeftConfig.FileName}' (a pretrained encoder's folder is option " +
        $"{nameof(SpeechTrainingOptions.Encoder)}), got '{path}', {got}.");
}
