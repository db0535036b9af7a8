using Microsoft.ML.Data;
using SpeechML;
using SpeechML.Audio;

namespace Microsoft.ML;

/// <summary>
/// Trimming and levels of audio in <c>mlContext.Transforms</c>. A clip of which nothing is left is an
/// <see cref="AudioException"/> that names its file.
/// </summary>
public static class AudioTrimmingCatalog
{
    /// <summary>
    /// Cuts leading and trailing silence by level, equal to librosa's <c>effects.trim</c>. Pure silence stays whole.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the audio column to make.</param>
    /// <param name="options">What counts as silence; <see langword="null"/> for librosa's defaults.</param>
    /// <param name="inputColumnName">Name of the audio column to read; <paramref name="outputColumnName"/> where
    /// <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static AudioEditingEstimator TrimSilence(
        this TransformsCatalog catalog, string outputColumnName, SilenceTrimmingOptions? options = null,
        string? inputColumnName = null) =>
        new(catalog.GetEnvironment(), outputColumnName, new SilenceTrim(options ?? new SilenceTrimmingOptions()),
            inputColumnName ?? outputColumnName);

    /// <summary>
    /// Cuts what lies before and after voice, equal to torchaudio's <c>functional.vad</c> from both ends.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the audio column to make.</param>
    /// <param name="options">The detector's parameters; <see langword="null"/> for torchaudio's defaults.</param>
    /// <param name="inputColumnName">Name of the audio column to read; <paramref name="outputColumnName"/> where
    /// <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static AudioEditingEstimator TrimToVoice(
        this TransformsCatalog catalog, string outputColumnName, VoiceActivityOptions? options = null,
        string? inputColumnName = null) =>
        new(catalog.GetEnvironment(), outputColumnName, new VoiceTrim(options ?? new VoiceActivityOptions()),
            inputColumnName ?? outputColumnName);

    /// <summary>Keeps a part of each clip; shorter clips stay as long as they are.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the audio column to make.</param>
    /// <param name="duration">How long the part is at most; <see langword="null"/> is to the end.</param>
    /// <param name="offset">Where it begins.</param>
    /// <param name="inputColumnName">Name of the audio column to read; <paramref name="outputColumnName"/> where
    /// <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">A time is out of its range.</exception>
    public static AudioEditingEstimator TruncateAudio(
        this TransformsCatalog catalog, string outputColumnName, TimeSpan? duration, TimeSpan offset = default,
        string? inputColumnName = null) =>
        new(catalog.GetEnvironment(), outputColumnName, new Truncation(offset, duration),
            inputColumnName ?? outputColumnName);

    /// <summary>Brings each clip to a peak of 1, or to a mean of 0.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the audio column to make.</param>
    /// <param name="normalization">Which of the two.</param>
    /// <param name="inputColumnName">Name of the audio column to read; <paramref name="outputColumnName"/> where
    /// <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">Not a defined value.</exception>
    public static AudioEditingEstimator NormalizeAudio(
        this TransformsCatalog catalog, string outputColumnName,
        AudioNormalization normalization = AudioNormalization.Peak, string? inputColumnName = null) =>
        new(catalog.GetEnvironment(), outputColumnName, new Normalization(normalization),
            inputColumnName ?? outputColumnName);

    /// <summary>
    /// Cuts each recording into segments of speech: a row for each, with all columns of the recording; none of a
    /// recording without speech. Every reading computes them anew, one recording at a time.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the audio column to make.</param>
    /// <param name="options">What counts as a segment; <see langword="null"/> for the defaults.</param>
    /// <param name="inputColumnName">Name of the audio column to read; <paramref name="outputColumnName"/> where
    /// <see langword="null"/>.</param>
    /// <param name="startColumnName">Name of the column of where the segment begins, in seconds.</param>
    /// <param name="endColumnName">Name of the column of where it ends, in seconds.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or two columns have one name.</exception>
    public static SpeechSegmentationEstimator SegmentSpeech(
        this TransformsCatalog catalog, string outputColumnName, SpeechSegmentOptions? options = null,
        string? inputColumnName = null, string startColumnName = "Start", string endColumnName = "End") =>
        new(catalog.GetEnvironment(), [outputColumnName, startColumnName, endColumnName],
            inputColumnName ?? outputColumnName, options ?? new SpeechSegmentOptions());
}
