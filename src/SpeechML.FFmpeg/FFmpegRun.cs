using System.Diagnostics;
using System.Globalization;
using FFMpegCore;
using FFMpegCore.Enums;
using FFMpegCore.Exceptions;

namespace SpeechML.FFmpeg;

/// <summary>One run of ffmpeg: a file of a known container to a WAV file.</summary>
/// <param name="program">ffmpeg.</param>
/// <param name="demuxer">The reader of the container: ffmpeg guesses nothing.</param>
internal sealed class FFmpegRun(FFmpegProgram program, string demuxer)
{
    /// <summary>Lines of errors that are kept.</summary>
    private const int MaxLines = 20;

    private readonly List<string> _errors = [];

    /// <summary>What ffmpeg said, the first lines.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_errors)
            {
                return [.. _errors];
            }
        }
    }

    /// <summary>Runs ffmpeg to its end.</summary>
    /// <param name="source">The file.</param>
    /// <param name="target">Where the WAV file goes.</param>
    /// <param name="maxDuration">How much is decoded.</param>
    /// <param name="timeLimit">When the process is killed.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <returns>Whether it succeeded.</returns>
    /// <exception cref="TimeoutException">The time is over.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public bool Run(
        string source, string target, TimeSpan maxDuration, TimeSpan timeLimit, CancellationToken cancellation)
    {
        string most = maxDuration.TotalSeconds.ToString("F3", CultureInfo.InvariantCulture);
        // -xerror: a packet that cannot be decoded ends it, instead of going missing.
        Task run = FFMpegArguments
            .FromFileInput(Quoted("file:" + source), verifyExists: false, input => input
                .ForceFormat(demuxer)
                .WithCustomArgument("-hide_banner -nostdin -xerror -protocol_whitelist file"))
            .OutputToFile(Quoted("file:" + target), overwrite: true, output => output
                .WithCustomArgument($"-map 0:a:0 -map_metadata -1 -threads 1 -t {most} -c:a pcm_f32le -rf64 auto")
                .ForceFormat("wav"))
            .NotifyOnStandardError(Keep)
            .CancellableThrough(out Action cancel, TimeSpan.Zero)
            .WithLogLevel(FFMpegLogLevel.Error)
            .ProcessAsynchronously(throwOnError: true, new FFOptions { BinaryFolder = program.Folder },
                CancellationToken.None); // which would wait for ffmpeg to end by itself
        try
        {
            if (!run.Wait((int)timeLimit.TotalMilliseconds, cancellation))
            {
                throw new TimeoutException();
            }
        }
        catch (AggregateException e)
        {
            if (e.InnerException is not FFMpegException)
            {
                Keep(e.InnerException!.Message); // the process could not be started
            }
            return false;
        }
        finally
        {
            End(run, cancel);
        }
        return true;
    }

    /// <summary>
    /// Kills the process if it runs, and waits for its end: nothing may be written behind this. The wrapper forgets a
    /// cancellation that comes while it starts the process, so that it is repeated.
    /// </summary>
    private static void End(Task run, Action cancel)
    {
        const int TurnMilliseconds = 20, Turns = 500;
        for (int turn = 0; !run.IsCompleted && turn < Turns; turn++)
        {
            try
            {
                cancel();
            }
#pragma warning disable CA1031 // Whatever it throws, the process has just ended, or the next turn tries again.
            catch (Exception)
#pragma warning restore CA1031
            {
            }
            Task.WaitAny([run], TurnMilliseconds);
        }
        _ = run.Exception; // seen: it says that the run was cancelled
    }

    private void Keep(string line)
    {
        lock (_errors)
        {
            if (_errors.Count < MaxLines && !string.IsNullOrWhiteSpace(line))
            {
                _errors.Add(line.Trim());
            }
        }
    }

    /// <summary>
    /// A name as the wrapper must be given it: it puts quotes around and nothing before those within (the rules of
    /// <see cref="ProcessStartInfo.Arguments"/>).
    /// </summary>
    private static string Quoted(string name)
    {
        var text = new System.Text.StringBuilder();
        int slashes = 0;
        foreach (char c in name)
        {
            if (c == '"')
            {
                text.Append('\\', slashes + 1);
            }
            slashes = c == '\\' ? slashes + 1 : 0;
            text.Append(c);
        }
        return text.Append('\\', slashes).ToString();
    }
}
