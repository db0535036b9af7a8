using Microsoft.ML;
using SpeechML.Data.AudioColumns;

namespace SpeechML;

/// <content>Models in stores.</content>
public sealed partial class SpeechCatalog
{
    /// <summary>
    /// Saves a model as <c>mlContext.Model.Save</c> does, to a path or to an address (<c>gs://bucket/model.zip</c>);
    /// the file appears whole or not at all.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="inputSchema">The schema of its input, or <see langword="null"/>.</param>
    /// <param name="path">A path or an address.</param>
    /// <param name="overwrite">Whether a file that is there may be replaced.</param>
    /// <exception cref="StorageException">There is a file and <paramref name="overwrite"/> is not set, or the store
    /// failed.</exception>
    public void SaveModel(ITransformer model, DataViewSchema? inputSchema, string path, bool overwrite = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        StoragePath.Write(path, stream => _mlContext.Model.Save(model, inputSchema, stream), overwrite);
    }

    /// <summary>
    /// Loads a model as <c>mlContext.Model.Load</c> does, from a path or from an address
    /// (<c>gs://bucket/model.zip</c>).
    /// </summary>
    /// <param name="path">A path or an address.</param>
    /// <param name="inputSchema">The schema of its input.</param>
    /// <exception cref="InvalidDataException">The file is no zip.</exception>
    /// <exception cref="StorageException">There is no such object, or the store failed.</exception>
    public ITransformer LoadModel(string path, out DataViewSchema inputSchema)
    {
        using Stream stream = StoragePath.OpenRead(path);
        Span<byte> start = stackalloc byte[2];
        if (stream.CanSeek)
        {
            if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length
                || !start.SequenceEqual("PK"u8))
            {
                throw new InvalidDataException($"Model '{path}': expected a model zip, got a file that is no zip.");
            }
            stream.Position = 0;
        }
        return _mlContext.Model.Load(stream, out inputSchema);
    }

    /// <summary>
    /// The same model, whose <c>LoadAudio</c> looks for recordings in another folder. A model that was saved has no
    /// absolute folder of the machine that trained it (but with <see cref="AudioLoadingOptions.SaveFolder"/>): without
    /// this, names are relative to the current directory. Full paths in the data stand for themselves.
    /// </summary>
    /// <param name="model">A model that was loaded or fitted.</param>
    /// <param name="audioFolder">A path or an address (<c>gs://...</c>); <see langword="null"/> for the current
    /// directory.</param>
    /// <returns>A model that shares everything else with <paramref name="model"/>: dispose one of them.</returns>
    /// <exception cref="ArgumentException">The model does not load audio.</exception>
    public ITransformer WithAudioFolder(ITransformer model, string? audioFolder)
    {
        ArgumentNullException.ThrowIfNull(model);
        return AudioFolders.Replace(_mlContext, model, audioFolder) ?? throw new ArgumentException(
            "Model: expected a chain with LoadAudio, got one that reads audio from its input. Set the folder where " +
            "that audio is loaded.", nameof(model));
    }
}
