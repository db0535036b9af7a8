using Microsoft.ML.Runtime;

namespace SpeechML.Data.Measures;

/// <summary>How a column of measures is made, for files that are no model zips.</summary>
/// <param name="Column">The column.</param>
/// <param name="Transform">Which measures: the name that model zips have for the transform.</param>
/// <param name="Options">Its options, JSON.</param>
internal sealed record MeasuringRecipe(string Column, string Transform, string Options)
{
    private static readonly Dictionary<string, Create> s_all = new(StringComparer.Ordinal)
    {
        [VoiceMeasuringTransformer.LoaderSignature] = VoiceMeasuringTransformer.Of,
        [MfccMeasuringTransformer.LoaderSignature] = MfccMeasuringTransformer.Of,
    };

    private delegate AudioMeasuringTransformer Create(
        IHostEnvironment env, string output, string input, string options);

    /// <summary>That of a transformer.</summary>
    public static MeasuringRecipe Of(AudioMeasuringTransformer transformer) => new(
        transformer.OutputColumnName, transformer.Signature, transformer.OptionsText);

    /// <summary>The transformer.</summary>
    /// <param name="env">The environment.</param>
    /// <param name="audioColumn">The audio that is measured.</param>
    /// <exception cref="FormatException">The transform or its options are not known.</exception>
    public AudioMeasuringTransformer Transformer(IHostEnvironment env, string audioColumn) =>
        s_all.TryGetValue(Transform, out Create? create) ? create(env, Column, audioColumn, Options)
            : throw new FormatException(
                $"Measures of column '{Column}': expected {string.Join(" or ", s_all.Keys)}, got '{Transform}': a " +
                "newer version of SpeechML wrote the file.");
}
