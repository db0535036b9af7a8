using SpeechML.Audio;

namespace SpeechML;

/// <summary>Mono audio in memory: float samples and their rate. Immutable. The audio counterpart of <c>Microsoft.ML.Data.MLImage</c>.</summary>
public sealed class MLAudio
{
    private readonly float[] _samples;

    private MLAudio(float[] samples, int sampleRate)
    {
        _samples = samples;
        SampleRate = sampleRate;
    }

    /// <summary>The samples, nominally in [-1, 1]; always finite.</summary>
    public ReadOnlyMemory<float> Samples => _samples;

    /// <summary>Samples per second (Hz).</summary>
    public int SampleRate { get; }

    /// <summary>The number of samples.</summary>
    public int Length => _samples.Length;

    /// <summary>How long the audio lasts.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds((double)_samples.Length / SampleRate);

    /// <summary>Decodes a file and takes the mean of its channels; the file's own rate is kept.</summary>
    /// <exception cref="AudioException">The file is missing, damaged, or not audio.</exception>
    public static MLAudio FromFile(string path)
    {
        using AudioReader reader = AudioFile.Open(path);
        return new MLAudio(AudioFile.ReadMono(reader), reader.SampleRate);
    }

    /// <summary>Decodes a file, takes the mean of its channels and brings it to a sample rate, block by block: only the result is held in memory.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sampleRate">The rate of the result (Hz).</param>
    /// <param name="options">How to resample; null is <see cref="ResamplingOptions.Hann"/>.</param>
    /// <exception cref="AudioException">The file is missing, damaged, or not audio.</exception>
    public static MLAudio FromFile(string path, int sampleRate, ResamplingOptions? options = null)
    {
        CheckRate(sampleRate);
        using AudioReader reader = AudioFile.Open(path);
        if (reader.SampleRate == sampleRate)
        {
            return new MLAudio(AudioFile.ReadMono(reader), sampleRate);
        }
        return new MLAudio(StreamingResampler.ReadMono(reader, sampleRate, options ?? ResamplingOptions.Hann), sampleRate);
    }

    /// <summary>Copies samples.</summary>
    /// <param name="samples">Mono samples, nominally in [-1, 1].</param>
    /// <param name="sampleRate">Samples per second (Hz).</param>
    /// <exception cref="ArgumentException">A sample is a NaN or an infinity.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not positive.</exception>
    public static MLAudio FromSamples(ReadOnlySpan<float> samples, int sampleRate)
    {
        CheckRate(sampleRate);
        for (int i = 0; i < samples.Length; i++)
        {
            if (!float.IsFinite(samples[i]))
            {
                throw new ArgumentException($"Sample {i}: expected a finite number, got {samples[i].ToString(System.Globalization.CultureInfo.InvariantCulture)}.", nameof(samples));
            }
        }
        return new MLAudio(samples.ToArray(), sampleRate);
    }

    /// <summary>The same audio at another rate; the same object where the rate is already the one asked for.</summary>
    /// <param name="sampleRate">The rate of the result (Hz).</param>
    /// <param name="options">How to resample; null is <see cref="ResamplingOptions.Hann"/>.</param>
    public MLAudio Resample(int sampleRate, ResamplingOptions? options = null)
    {
        CheckRate(sampleRate);
        return sampleRate == SampleRate ? this : new MLAudio(Resampler.Resample(_samples, SampleRate, sampleRate, options), sampleRate);
    }

    /// <summary>The array itself, for readers inside the library: it must not be written to.</summary>
    internal float[] GetArray() => _samples;

    /// <summary>Takes ownership of an array of finite samples.</summary>
    internal static MLAudio Wrap(float[] samples, int sampleRate) => new(samples, sampleRate);

    private static void CheckRate(int sampleRate)
    {
        if (sampleRate <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(sampleRate), $"Sample rate: expected a positive number of samples per second, got {sampleRate}.");
        }
    }
}
