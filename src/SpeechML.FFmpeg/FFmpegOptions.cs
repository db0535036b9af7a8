using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>How <see cref="SpeechFFmpeg"/> runs ffmpeg.</summary>
[DoesNotAffectResult]
public sealed record FFmpegOptions
{
    /// <summary>
    /// The folder that ffmpeg is in; <see langword="null"/>, the default, looks for it in the folders of <c>PATH</c>.
    /// </summary>
    public string? Folder { get; set; }

    /// <summary>How long one file may take before ffmpeg is killed. The default is 300 s.</summary>
    [InRange("more than 0 s, up to a day", Above = 0, Max = 86_400)]
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The longest recording that is decoded; at 48 kHz with two channels an hour takes 1.4 GB of the folder for
    /// temporary files while it is read. The default is 14400 s.
    /// </summary>
    [InRange("more than 0 s, up to 30 days", Above = 0, Max = 2_592_000)]
    public TimeSpan MaxDuration { get; set; } = TimeSpan.FromHours(4);

    /// <summary>
    /// Processes at a time; further files wait. <see langword="null"/>, the default, is the number of processors.
    /// </summary>
    [InRange("1 or more, or null", Min = 1)]
    public int? MaxProcesses { get; set; }

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate() => OptionModel.Of(typeof(FFmpegOptions)).Validate(this);
}
