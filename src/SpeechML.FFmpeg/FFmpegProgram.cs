using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SpeechML.FFmpeg;

/// <summary>The installed ffmpeg: found, and asked for its version, once.</summary>
internal sealed partial class FFmpegProgram
{
    /// <summary>The first version of 2018: older ones get no more corrections for damaged files.</summary>
    private const int MinMajor = 4;

    private const int AnswerSeconds = 20;

    private static readonly ConcurrentDictionary<string, string?> s_faults = new();

    private FFmpegProgram(string folder) => Folder = folder;

    /// <summary>Where it is.</summary>
    public string Folder { get; }

    private static string FileName => OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg";

    /// <summary>Finds ffmpeg.</summary>
    /// <param name="folder">Its folder; null for those of PATH.</param>
    /// <param name="name">The file to be decoded, for messages.</param>
    /// <param name="format">The file's format, for messages.</param>
    /// <exception cref="AudioException">There is none, or one that is too old or does not run.</exception>
    public static FFmpegProgram Find(string? folder, string name, string format)
    {
        string[] folders = folder is not null ? [Path.GetFullPath(folder)]
            : [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
                .Where(Path.IsPathFullyQualified)];
        string? found = Array.Find(folders, f => File.Exists(Path.Combine(f, FileName)));
        string? fault = found is null
            ? $"no program '{FileName}' in {(folder is null ? "the folders of PATH" : $"'{folder}'")}"
            : s_faults.GetOrAdd(Path.Combine(found, FileName), FaultOf);
        return fault is null ? new FFmpegProgram(found!)
            : throw new AudioException(AudioErrorKind.DecoderMissing, name,
                $"expected ffmpeg {MinMajor} or later to decode {format}, got {fault}. Install it: 'apt-get install " +
                "ffmpeg' (Debian, Ubuntu), 'dnf install ffmpeg-free' (Fedora), 'brew install ffmpeg' (macOS), " +
                "'winget install ffmpeg' (Windows); or name its folder in FFmpegOptions.Folder.");
    }

    private static string? FaultOf(string program)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, "-version")
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
            })!;
            Task<string> answer = process.StandardOutput.ReadToEndAsync();
            _ = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(TimeSpan.FromSeconds(AnswerSeconds)))
            {
                process.Kill(entireProcessTree: true);
                return $"'{program}', which does not say its version within {AnswerSeconds} s";
            }
            string first = answer.GetAwaiter().GetResult().Split('\n')[0].Trim();
            // Builds from the sources of a day ("N-109542-g...") name no version.
            Match match = Version().Match(first);
            return !first.StartsWith("ffmpeg version", StringComparison.Ordinal)
                ? $"'{program}', which answers '{first}' when it is asked for its version"
                : match.Success && int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) < MinMajor
                    ? $"'{first}' ('{program}')" : null;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            return $"'{program}', which does not run: {e.Message}";
        }
    }

    [GeneratedRegex(@"^ffmpeg version n?(\d{1,3})\.")]
    private static partial Regex Version();
}
