using Microsoft.ML;
using SpeechML.Audio.Storage;
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
    /// <param name="path">The path or address of a model zip, or of the folder of a run or study that has one.</param>
    /// <param name="inputSchema">The schema of its input.</param>
    /// <exception cref="InvalidDataException">There is no such model; says what is there.</exception>
    /// <exception cref="StorageException">The store failed.</exception>
    public ITransformer LoadModel(string path, out DataViewSchema inputSchema)
    {
        ModelPath found = ModelPath.Of(path);
        if (found.Zip is not { } zip)
        {
            string other = found.Kind switch
            {
                ModelPathKind.Onnx => ": use LoadOnnx of the package SpeechML.Onnx",
                ModelPathKind.HuggingFace => ": use LoadHuggingFace",
                _ => "",
            };
            throw new InvalidDataException(
                $"Model '{path}': expected a model zip, or the folder of a run or study with one, got {found.Words}" +
                $"{other}.");
        }
        using Stream stream = StoragePath.OpenRead(zip);
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
