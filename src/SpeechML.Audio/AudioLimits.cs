using System.Globalization;

namespace SpeechML;

/// <summary>How much audio is taken from a stream or a provider, so that a service can be given anything.</summary>
public sealed record AudioLimits
{
    /// <summary>A rate above this makes no longer recordings: a header can say any.</summary>
    private const int MaxRate = 192_000;

    /// <summary>The largest content, in bytes. The default is 256 MiB.</summary>
    public long MaxBytes { get; init; } = 256L << 20;

    /// <summary>
    /// The longest recording, once decoded: a few kilobytes can hold hours of silence. The default is 1 hour. Rates
    /// above 192 kHz count as 192 kHz.
    /// </summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The limits that hold where none are given.</summary>
    internal static AudioLimits Default { get; } = new();

    /// <summary>The largest number of frames at a rate.</summary>
    internal long MaxFrames(int sampleRate) => (long)Int128.Min(
        long.MaxValue, (Int128)MaxDuration.Ticks * Math.Min(sampleRate, MaxRate) / TimeSpan.TicksPerSecond);

    /// <exception cref="ArgumentException">A limit is not positive.</exception>
    internal void Validate()
    {
        if (MaxBytes <= 0 || MaxDuration <= TimeSpan.Zero)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"AudioLimits: expected MaxBytes and MaxDuration above 0, got {MaxBytes} bytes and " +
                $"{MaxDuration.TotalSeconds} s."));
        }
    }

    /// <exception cref="AudioException">A content is larger.</exception>
    internal void CheckBytes(long bytes, string name)
    {
        if (bytes > MaxBytes)
        {
            throw new AudioException(AudioErrorKind.TooLong, name,
                $"expected at most {MaxBytes} bytes, got more. Set AudioLimits.MaxBytes to take larger recordings.");
        }
    }

    /// <summary>The error for a recording that is longer.</summary>
    internal AudioException TooLong(string name) => new(AudioErrorKind.TooLong, name, string.Create(
        CultureInfo.InvariantCulture, $"expected at most {MaxDuration.TotalSeconds} s of audio, got more. Set " +
        $"AudioLimits.MaxDuration to take longer recordings."));
}
