using Microsoft.ML.Data;
using SpeechML;

namespace Microsoft.ML;

/// <summary>Acoustic measures of voices in <c>mlContext.Transforms</c>.</summary>
public static class VoiceMeasureCatalog
{
    /// <summary>
    /// Measures each clip's voice: a vector of 54 numbers (pitch, jitter, shimmer, harmonics-to-noise ratio, cepstral
    /// peak prominence, intensity, formants, spectrum, pauses, speech rate) that equal Praat's. The slots have the
    /// names of <see cref="VoiceMeasures.All"/>, their units are the annotation <c>Units</c>; NaN where a measure is
    /// undefined, as jitter is in a whisper: put <c>ReplaceMissingValues</c> before a linear learner.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the vector column to make.</param>
    /// <param name="inputColumnName">Name of the audio column to read.</param>
    /// <param name="options">How to measure; <see langword="null"/> for Praat's defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static VoiceMeasuringEstimator MeasureVoice(this TransformsCatalog catalog, string outputColumnName,
        string inputColumnName, VoiceMeasureOptions? options = null) =>
        new(catalog.GetEnvironment(), outputColumnName, inputColumnName, options ?? new VoiceMeasureOptions());

    /// <summary>
    /// Mean and standard deviation over time of each clip's mel-frequency cepstral coefficients: a vector of 26
    /// numbers, 13 means (<c>mfcc01_mean</c>, the level, to <c>mfcc13_mean</c>) and 13 deviations, that equal
    /// librosa's. They help learners, but no ear reads them.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the vector column to make.</param>
    /// <param name="inputColumnName">Name of the audio column to read.</param>
    /// <param name="options">How many coefficients, and of what; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static MfccMeasuringEstimator MeasureMfcc(this TransformsCatalog catalog, string outputColumnName,
        string inputColumnName, MfccOptions? options = null) =>
        new(catalog.GetEnvironment(), outputColumnName, inputColumnName, options ?? new MfccOptions());

    /// <summary>
    /// Sets measures in relation to the subject's own: each slot less its mean over the subject's clips, over its
    /// standard deviation (n - 1). Labels are not looked at. The clips are those in the data that are transformed, in
    /// training and in scoring alike, so a subject that is scored needs several clips: with fewer than two values of a
    /// slot the result is NaN, where all are the same 0. Missing values (NaN) do not count, and stay missing. The data
    /// are read once more for the statistics: put <c>AppendCacheCheckpoint</c> between measuring and this. A prediction
    /// engine, which has one row, cannot have it.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">Name of the vector column to make.</param>
    /// <param name="inputColumnName">Name of the vector column to read.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    public static SubjectNormalizingEstimator NormalizeBySubject(this TransformsCatalog catalog,
        string outputColumnName, string inputColumnName, string subjectColumnName) =>
        new(catalog.GetEnvironment(), outputColumnName, inputColumnName, subjectColumnName);
}
