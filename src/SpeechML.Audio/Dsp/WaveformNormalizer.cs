namespace SpeechML;

/// <summary>
/// Brings a clip to zero mean and unit variance over its own samples, as Hugging Face's <c>Wav2Vec2FeatureExtractor</c>
/// with <c>do_normalize</c>:
/// <c>(x - mean) / sqrt(population variance + 1e-7)</c>.
/// </summary>
public static class WaveformNormalizer
{
    internal const double VarianceFloor = 1e-7;

    /// <summary>Normalises a clip into <paramref name="normalized"/>.</summary>
    /// <param name="samples">The samples, without padding.</param>
    /// <param name="normalized">As long as <paramref name="samples"/>; may be the same memory.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Normalize(ReadOnlySpan<float> samples, Span<float> normalized)
    {
        if (normalized.Length != samples.Length)
        {
            throw new ArgumentException(
                $"Normalised clip: expected room for {samples.Length} samples, got {normalized.Length}.",
                nameof(normalized));
        }
        if (samples.IsEmpty)
        {
            return;
        }
        (double mean, double scale) = Measure(samples);
        Apply(samples, normalized, mean, scale);
    }

    /// <summary>The mean of a clip, and what its deviations from it are multiplied by.</summary>
    internal static (double Mean, double Scale) Measure(ReadOnlySpan<float> samples)
    {
        double sum = 0;
        foreach (float sample in samples)
        {
            sum += sample;
        }
        double mean = sum / samples.Length;
        double squares = 0;
        foreach (float sample in samples)
        {
            squares += (sample - mean) * (sample - mean);
        }
        return (mean, 1 / Math.Sqrt(squares / samples.Length + VarianceFloor));
    }

    /// <summary>Normalises samples of a clip that was measured.</summary>
    internal static void Apply(ReadOnlySpan<float> samples, Span<float> normalized, double mean, double scale)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            normalized[i] = (float)((samples[i] - mean) * scale);
        }
    }
}
