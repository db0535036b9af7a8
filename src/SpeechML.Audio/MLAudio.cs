using System.Globalization;
using SpeechML.Audio;
using SpeechML.Audio.Measures;
using SpeechML.Audio.Resampling;

namespace SpeechML;

/// <summary>
/// Mono audio in memory: float samples and their rate. Immutable. The audio counterpart of
/// <c>Microsoft.ML.Data.MLImage</c>.
/// </summary>
public sealed partial class MLAudio
{
    private readonly float[] _samples;

    private MLAudio(float[] samples, int sampleRate, string? source = null)
    {
        _samples = samples;
        SampleRate = sampleRate;
        Source = source;
    }

    /// <summary>
    /// The file it was read from, for messages; <see langword="null"/> where it was made from samples.
    /// </summary>
    public string? Source { get; }

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
        return new MLAudio(AudioFile.ReadMono(reader), reader.SampleRate, path);
    }

    /// <summary>
    /// Decodes a file as <see cref="FromFile(string)"/> does, and refuses what is suspect unless the options keep
    /// it.
    /// </summary>
    /// <exception cref="AudioException">The file is missing, damaged, not audio, or suspect.</exception>
    internal static MLAudio FromFile(string path, AudioLoadingOptions options)
    {
        using AudioReader reader = AudioFile.Open(path);
        return FromReader(reader, path, options);
    }

    /// <summary>Decodes a copy of a file, which is called by the file's own name.</summary>
    /// <inheritdoc cref="FromFile(string, AudioLoadingOptions)"/>
    internal static MLAudio FromCopy(string copy, string path, AudioLoadingOptions options)
    {
        using AudioReader reader = AudioFile.Open(copy, path);
        return FromReader(reader, path, options);
    }

    private static MLAudio FromReader(AudioReader reader, string path, AudioLoadingOptions options)
    {
        ChannelMeter? meter = options.Channel is null && reader.Channels > 1
            && options.CancellingChannels == SuspectAudioHandling.Throw ? new ChannelMeter(reader.Channels) : null;
        int rate = options.SampleRate ?? reader.SampleRate;
        float[] samples = rate == reader.SampleRate ? AudioFile.ReadMono(reader, options.Channel, meter)
            : StreamingResampler.ReadMono(reader, rate, ResamplingOptions.Hann, options.Channel, meter);
        if (reader.Truncated && options.Truncated == SuspectAudioHandling.Throw)
        {
            throw new AudioException(
                AudioErrorKind.Truncated, path,
                string.Create(CultureInfo.InvariantCulture,
                $"expected {reader.Complete}, got {samples.Length} samples " +
                $"({(double)samples.Length / rate:F3} s) and the end of the file. Copy it again, or set " +
                $"AudioLoadingOptions.Truncated to Keep."));
        }
        if (meter?.Cancelled() is { } decibels)
        {
            throw new AudioException(AudioErrorKind.CancellingChannels, path,
                $"{SuspectAudio.Cancelling(reader.Channels, decibels)}. Take one channel " +
                $"(AudioLoadingOptions.Channel = 0), or set AudioLoadingOptions.CancellingChannels to Keep.");
        }
        CheckLevel(samples, path, options);
        return new MLAudio(samples, rate, path);
    }

    private static void CheckLevel(float[] samples, string path, AudioLoadingOptions options)
    {
        float lowest = samples[0], highest = samples[0];
        foreach (float sample in samples)
        {
            lowest = Math.Min(lowest, sample);
            highest = Math.Max(highest, sample);
        }
        double peak = Math.Max(Math.Abs((double)lowest), Math.Abs((double)highest));
        if (options.OutOfRange == SuspectAudioHandling.Throw && peak > LevelMeter.MaxMagnitude)
        {
            throw new AudioException(AudioErrorKind.OutOfRange, path,
                $"{SuspectAudio.OutOfRange(peak)}. Divide them by the full scale (32768 for 16 bits), or set " +
                $"AudioLoadingOptions.OutOfRange to Keep.");
        }
        double amplitude = ((double)highest - lowest) / 2;
        if (options.Silent == SuspectAudioHandling.Keep || amplitude >= LevelMeter.MinAmplitude)
        {
            return;
        }
        string got = lowest == highest
            ? $"that are all {samples[0].ToString(CultureInfo.InvariantCulture)} (silence)"
            : $"of at most {SuspectAudio.Decibels(amplitude)} (silence but for the last bits)";
        throw new AudioException(AudioErrorKind.Silent, path,
            $"expected a recording, got {samples.Length} samples {got}. Leave it out, or set " +
            $"AudioLoadingOptions.Silent to Keep.");
    }

    /// <summary>
    /// Decodes a file, takes the mean of its channels and brings it to a sample rate, block by block: only the result
    /// is held in memory.
    /// </summary>
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
            return new MLAudio(AudioFile.ReadMono(reader), sampleRate, path);
        }
        return new MLAudio(StreamingResampler.ReadMono(reader, sampleRate, options ?? ResamplingOptions.Hann),
            sampleRate, path);
    }

    /// <summary>Copies samples.</summary>
    /// <param name="samples">Mono samples, nominally in [-1, 1].</param>
    /// <param name="sampleRate">Samples per second (Hz).</param>
    /// <exception cref="ArgumentException">A sample is a NaN or an infinity.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not positive.</exception>
    public static MLAudio FromSamples(ReadOnlySpan<float> samples, int sampleRate)
    {
        CheckRate(sampleRate);
        int bad = FiniteSamples.IndexOfOther(samples);
        if (bad >= 0)
        {
            throw new ArgumentException(
                $"Sample {bad}: expected a finite number, got " +
                $"{samples[bad].ToString(CultureInfo.InvariantCulture)}.", nameof(samples));
        }
        return new MLAudio(samples.ToArray(), sampleRate);
    }

    /// <summary>The same audio at another rate; the same object where the rate is already the one asked for.</summary>
    /// <param name="sampleRate">The rate of the result (Hz).</param>
    /// <param name="options">How to resample; null is <see cref="ResamplingOptions.Hann"/>.</param>
    /// <exception cref="ArgumentException">The rate is not positive, or samples are so large (beyond 1e36) that one of
    /// the result would not be finite.</exception>
    public MLAudio Resample(int sampleRate, ResamplingOptions? options = null)
    {
        CheckRate(sampleRate);
        return sampleRate == SampleRate ? this
            : new MLAudio(Resampler.Resample(_samples, SampleRate, sampleRate, options), sampleRate, Source);
    }

    /// <summary>
    /// Cuts leading and trailing silence by level, as <c>librosa.effects.trim</c>. Pure silence stays whole.
    /// </summary>
    /// <param name="options">What counts as silence; null for librosa's defaults.</param>
    public MLAudio TrimSilence(SilenceTrimmingOptions? options = null)
    {
        (int start, int end) = SilenceTrimmer.Find(_samples, options);
        return Part(start, end);
    }

    /// <summary>
    /// Cuts what lies before and after voice, as <c>torchaudio.functional.vad</c> from both ends. Without any voice the
    /// result is empty (0 samples).
    /// </summary>
    /// <param name="options">The detector's parameters; null for torchaudio's defaults.</param>
    public MLAudio TrimToVoice(VoiceActivityOptions? options = null)
    {
        (int start, int end) = VoiceActivityDetector.Find(_samples, SampleRate, options);
        return Part(start, end);
    }

    /// <summary>
    /// A part of the audio, in whole samples (rounded down); beyond the end there is nothing, so that the result can be
    /// shorter or empty.
    /// </summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="duration">How long it is at most; null is to the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative.</exception>
    public MLAudio Truncate(TimeSpan offset, TimeSpan? duration = null)
    {
        CheckTime(offset, nameof(offset));
        CheckTime(duration ?? TimeSpan.Zero, nameof(duration));
        int start = (int)Math.Min(_samples.Length, SamplesIn(offset));
        return Part(start, duration is { } length ? (int)Math.Min(_samples.Length, start + SamplesIn(length))
            : _samples.Length);
    }

    /// <summary>Scales the audio so that its largest magnitude is 1; silence stays as it is.</summary>
    public MLAudio NormalizePeak()
    {
        float peak = 0;
        foreach (float sample in _samples)
        {
            peak = Math.Max(peak, Math.Abs(sample));
        }
        return peak is 0 or 1 ? this : new MLAudio(Array.ConvertAll(_samples, s => s / peak), SampleRate, Source);
    }

    /// <summary>Subtracts the mean of the samples.</summary>
    /// <exception cref="AudioException">A sample less the mean is beyond what a float can be.</exception>
    public MLAudio NormalizeMean()
    {
        double sum = 0;
        foreach (float sample in _samples)
        {
            sum += sample;
        }
        float mean = (float)(sum / Math.Max(1, _samples.Length));
        if (mean == 0)
        {
            return this;
        }
        float[] centred = Array.ConvertAll(_samples, s => s - mean);
        int bad = FiniteSamples.IndexOfOther(centred);
        return bad < 0 ? new MLAudio(centred, SampleRate, Source)
            : throw new AudioException(AudioErrorKind.NonFiniteSample, Source ?? "audio", string.Create(
                CultureInfo.InvariantCulture,
                $"expected samples that fit a float once the mean ({mean}) is subtracted, got {_samples[bad]} at " +
                $"sample {bad}. Scale the audio, nominally to [-1, 1], before."));
    }

    /// <summary>The array itself, for readers inside the library: it must not be written to.</summary>
    internal float[] GetArray() => _samples;

    /// <summary>Takes ownership of an array of finite samples.</summary>
    internal static MLAudio Wrap(float[] samples, int sampleRate, string? source = null) =>
        new(samples, sampleRate, source);

    /// <summary>The samples from <paramref name="start"/> to before <paramref name="end"/>.</summary>
    internal MLAudio Part(int start, int end) =>
        start == 0 && end == _samples.Length ? this : new MLAudio(_samples[start..end], SampleRate, Source);

    // In whole numbers: the quotient of two doubles could fall short of a sample.
    private long SamplesIn(TimeSpan time) => (long)((Int128)time.Ticks * SampleRate / TimeSpan.TicksPerSecond);

    private static void CheckTime(TimeSpan time, string name)
    {
        if (time < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(
                name, $"Truncate: expected {name} to be at least 0 s, got " +
                $"{time.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture)} s.");
        }
    }

    private static void CheckRate(int sampleRate)
    {
        if (sampleRate <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(sampleRate),
                $"Sample rate: expected a positive number of samples per second, got {sampleRate}.");
        }
    }
}
