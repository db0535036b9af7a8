using Microsoft.ML.Data;
using SpeechML;

namespace Microsoft.ML;

/// <summary>Speech transforms in <c>mlContext.Transforms</c>.</summary>
public static class SpeechTransformsCatalog
{
    /// <summary>
    /// Turns audio into the pooled features of a pretrained speech encoder: an ordinary vector column for any ML.NET
    /// trainer.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the vector column to make.</param>
    /// <param name="options">Encoder, layers and pooling.</param>
    /// <param name="inputColumnName">Name of the audio column to read. The default is <c>Audio</c>.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static SpeechEncodingEstimator EncodeSpeech(
        this TransformsCatalog catalog, string outputColumnName, SpeechEncodingOptions options,
        string inputColumnName = "Audio") =>
        new(catalog.GetEnvironment(), outputColumnName, inputColumnName, options);

    /// <inheritdoc cref="EncodeSpeech(TransformsCatalog, string, SpeechEncodingOptions, string)"/>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the vector column to make.</param>
    /// <param name="encoder">The encoder's folder or Hub id; its last layer, mean over frames.</param>
    /// <param name="inputColumnName">Name of the audio column to read. The default is <c>Audio</c>.</param>
    public static SpeechEncodingEstimator EncodeSpeech(
        this TransformsCatalog catalog, string outputColumnName, string encoder, string inputColumnName = "Audio") =>
        catalog.EncodeSpeech(outputColumnName, new SpeechEncodingOptions { Encoder = encoder }, inputColumnName);

    /// <summary>
    /// Turns audio into embeddings of the speaker by a model of the Hugging Face Hub whose class is
    /// <c>…ForXVector</c>: an ordinary vector column. <c>ScoreSpeakers</c> compares two of them.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the vector column to make.</param>
    /// <param name="model">The model: a folder, its address, or a Hub id such as
    /// <c>microsoft/wavlm-base-plus-sv</c>.</param>
    /// <param name="inputColumnName">Name of the audio column to read. The default is <c>Audio</c>.</param>
    /// <param name="options">What is done with long clips, whether a download is kept.</param>
    /// <exception cref="ArgumentException">There is no such folder, and the name is no id.</exception>
    public static SpeakerEmbeddingEstimator EmbedSpeaker(
        this TransformsCatalog catalog, string outputColumnName, string model, string inputColumnName = "Audio",
        HuggingFaceModelOptions? options = null) =>
        new(catalog.GetEnvironment(), outputColumnName, model, inputColumnName,
            options ?? new HuggingFaceModelOptions());
}
