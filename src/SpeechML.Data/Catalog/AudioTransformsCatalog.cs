using Microsoft.ML.Data;
using SpeechML;

namespace Microsoft.ML;

/// <summary>Loading, resampling and augmenting audio in <c>mlContext.Transforms</c>.</summary>
public static class AudioTransformsCatalog
{
    /// <summary>
    /// Reads audio files named by a text column into a column of <see cref="MLAudio"/>: mono, at the file's own rate.
    /// Decoding runs ahead on other threads.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the audio column to make.</param>
    /// <param name="audioFolder">
    /// The folder that names are relative to; <see langword="null"/> where the column holds full paths. <c>audioKey</c>
    /// finds <c>folder/key.ext</c> or <c>folder/key/waveform.ext</c>.
    /// </param>
    /// <param name="inputColumnName">Name of the text column; <paramref name="outputColumnName"/> where
    /// <see langword="null"/>.</param>
    /// <param name="options">Layout of the folder, and what to do with files that are cut off or silent; by default
    /// they are errors.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <example>See <c>samples/Demo</c>.</example>
    public static AudioLoadingEstimator LoadAudio(
        this TransformsCatalog catalog, string outputColumnName, string? audioFolder, string? inputColumnName = null,
        AudioLoadingOptions? options = null) =>
        new(catalog.GetEnvironment(), outputColumnName, audioFolder, inputColumnName ?? outputColumnName,
            options ?? new AudioLoadingOptions());

    /// <summary>Brings audio to one sample rate, equal to torchaudio's <c>functional.resample</c>.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the audio column to make.</param>
    /// <param name="sampleRate">The rate (Hz); encoders take 16,000.</param>
    /// <param name="inputColumnName">Name of the audio column to read; <paramref name="outputColumnName"/> where
    /// <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not one.</exception>
    public static AudioResamplingEstimator ResampleAudio(
        this TransformsCatalog catalog, string outputColumnName, int sampleRate, string? inputColumnName = null) =>
        new(catalog.GetEnvironment(), outputColumnName, sampleRate, inputColumnName ?? outputColumnName);

    /// <summary>
    /// Changes audio at random while the pipeline is fitted, and only then: scoring and loaded models pass it on
    /// unchanged. Deterministic under a seed, whatever the number of
    /// threads; each reading of the data is an epoch with changes of its own. Trainers must be appended to the same
    /// chain (see <see cref="AudioAugmentationEstimator"/>).
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the audio column to make.</param>
    /// <param name="augmentation">One effect, or several composed.</param>
    /// <param name="seed">The seed; <see langword="null"/>, the default, for that of the <c>MLContext</c>, or 0 where
    /// it has none.</param>
    /// <param name="inputColumnName">Name of the audio column to read; <paramref name="outputColumnName"/> where
    /// <see langword="null"/>.</param>
    public static AudioAugmentationEstimator AugmentAudio(
        this TransformsCatalog catalog, string outputColumnName, AudioAugmentation augmentation, int? seed = null,
        string? inputColumnName = null) =>
        new(catalog.GetEnvironment(), outputColumnName, augmentation, seed, inputColumnName ?? outputColumnName);
}
