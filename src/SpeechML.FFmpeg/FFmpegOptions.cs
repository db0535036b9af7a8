using System.Globalization;

namespace SpeechML;

/// <summary>How <see cref="SpeechFFmpeg"/> runs ffmpeg.</summary>
public sealed record FFmpegOptions
{
    /// <summary>The folder that ffmpeg is in. Null, the default, looks for it in the folders of <c>PATH</c>.</summary>
    public string? Folder { get; init; }

    /// <summary>How long one file may take before ffmpeg is killed. The default is 5 minutes.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The longest recording that is decoded. The default is 4 hours; at 48 kHz with two channels they take 5.5 GB of
    /// the folder for temporary files while they are read.
    /// </summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Processes at a time; further files wait. The default is the number of processors.</summary>
    public int MaxProcesses { get; init; } = Environment.ProcessorCount;

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate()
    {
        if (TimeLimit <= TimeSpan.Zero || TimeLimit > TimeSpan.FromDays(1) || MaxDuration <= TimeSpan.Zero
            || MaxDuration > TimeSpan.FromDays(30) || MaxProcesses <= 0)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"FFmpegOptions: expected TimeLimit above 0 and up to 1 day, MaxDuration above 0 and up to 30 days, " +
                $"and MaxProcesses of at least 1, got {TimeLimit.TotalSeconds} s, {MaxDuration.TotalSeconds} s and " +
                $"{MaxProcesses}."));
        }
    }
}
