using System.Globalization;
using SpeechML.Audio;
using SpeechML.Audio.Formats;

namespace SpeechML.FFmpeg;

/// <summary>
/// Decodes by ffmpeg. It gets the name of a file (of a stream, that of a copy), because many containers need seeking,
/// and writes a WAV file of 32-bit floats at the recording's own rate and channels.
/// </summary>
#pragma warning disable CA1001 // It lives as long as the process; the semaphore has no handle unless one is asked for.
internal sealed class FFmpegDecoder(FFmpegOptions options) : IAudioDecoder
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _processes = new(options.MaxProcesses ?? Environment.ProcessorCount);

    public string Name => SpeechFFmpeg.Name;

    public IReadOnlyList<string> Extensions => ForeignFormats.Extensions;

    public bool Recognizes(ReadOnlySpan<byte> start) => ForeignFormats.Demuxer(start) is not null;

    public AudioDecoderOutput Decode(AudioDecoderInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Span<byte> start = stackalloc byte[ForeignFormats.HeadSize];
        input.Content.Position = Tags.Skip(input.Content, 0);
        start = start[..input.Content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        string demuxer = ForeignFormats.Demuxer(start) ?? throw new AudioException(
            AudioErrorKind.NotAudio, input.Name, "expected a format that ffmpeg decodes, got another.");
        string format = ForeignFormats.Of(start)?.Name ?? (demuxer == "ogg" ? "Ogg" : demuxer.ToUpperInvariant());
        bool isCut = CutFile.Is(input.Content, demuxer, input.Name);
        var program = FFmpegProgram.Find(options.Folder, input.Name, format);
        _processes.Wait(input.Cancellation);
        try
        {
            return Decode(program, input, demuxer, format, isCut);
        }
        finally
        {
            _processes.Release();
        }
    }

    private AudioDecoderOutput Decode(
        FFmpegProgram program, AudioDecoderInput input, string demuxer, string format, bool isCut)
    {
        using TemporaryFile? copy = input.Path is null ? new TemporaryFile() : null;
        using var decoded = new TemporaryFile();
        input.Content.Position = 0;
        copy?.Fill(input.Content);
        TimeSpan most = input.MaxDuration < options.MaxDuration ? input.MaxDuration.Value : options.MaxDuration;
        var run = new FFmpegRun(program, demuxer);
        bool succeeded;
        try
        {
            // A second more, so that a longer recording is seen to be one.
            succeeded = run.Run(copy?.Path ?? input.Path!, decoded.Path, most + TimeSpan.FromSeconds(1),
                options.TimeLimit, input.Cancellation);
        }
        catch (TimeoutException e)
        {
            throw new AudioException(AudioErrorKind.CorruptStream, input.Name, string.Create(
                CultureInfo.InvariantCulture, $"expected ffmpeg to decode {format} within " +
                $"{options.TimeLimit.TotalSeconds} s, got no end. Set FFmpegOptions.TimeLimit to give it longer."), e);
        }
        if (!succeeded)
        {
            throw Failure(input.Name, format, run.Errors);
        }
        FileStream wav = decoded.Take();
        try
        {
            if (input.MaxDuration is null || most < input.MaxDuration)
            {
                CheckDuration(wav, input.Name);
            }
            return new AudioDecoderOutput(wav, isCut || run.Errors.Any(SaysCut));
        }
        catch
        {
            wav.Dispose();
            throw;
        }
    }

    private void CheckDuration(FileStream wav, string name)
    {
        using AudioReader reader = AudioFile.Open(wav, name, leaveOpen: true);
        if (reader.Frames > (long)(options.MaxDuration.TotalSeconds * reader.SampleRate))
        {
            throw new AudioException(AudioErrorKind.TooLong, name, string.Create(CultureInfo.InvariantCulture,
                $"expected at most {options.MaxDuration.TotalSeconds} s of audio, got more. Set " +
                $"FFmpegOptions.MaxDuration to take longer recordings."));
        }
    }

    private static AudioException Failure(string name, string format, IReadOnlyList<string> errors)
    {
        if (errors.Any(e => e.Contains("matches no streams", StringComparison.Ordinal)))
        {
            return new AudioException(AudioErrorKind.EmptyAudio, name,
                $"expected a sound track in {format}, got none that ffmpeg can find.");
        }
        string said = errors.Count == 0 ? "nothing said" : string.Join(" ", errors.Take(2).Select(e => $"'{e}'"));
        return errors.Any(e => e.Contains("Unknown input format", StringComparison.Ordinal)
                || e.Contains("ecoder not found", StringComparison.Ordinal)
                || e.Contains("no decoder", StringComparison.OrdinalIgnoreCase))
            ? new AudioException(AudioErrorKind.DecoderMissing, name,
                $"expected an ffmpeg that decodes {format}, got one without it ({said}). Install a full build.")
            : new AudioException(AudioErrorKind.CorruptStream, name,
                $"expected {format} that is whole, got an error of ffmpeg ({said}). Copy the file again, or convert " +
                $"what is left of it: {ForeignFormats.Command(name)}.");
    }

    private static bool SaysCut(string error) =>
        error.Contains("ended prematurely", StringComparison.Ordinal)
        || error.Contains("partial file", StringComparison.Ordinal)
        || error.Contains("runcat", StringComparison.Ordinal);
}
