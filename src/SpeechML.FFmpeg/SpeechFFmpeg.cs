using SpeechML.FFmpeg;

namespace SpeechML;

/// <summary>
/// M4A, MP4, MOV, 3GP, WebM, Matroska, WMA, AMR, AAC, Speex, AC-3, WavPack and others, also the first sound track of a
/// video, through an installed <c>ffmpeg</c>: one call at the start of a program, and such files work wherever SpeechML
/// takes audio.
/// </summary>
/// <example><code>SpeechFFmpeg.Register();
/// MLAudio audio = MLAudio.FromFile("memo.m4a");</code></example>
public static class SpeechFFmpeg
{
    /// <summary>The name of the decoder in <see cref="AudioDecoders"/>.</summary>
    public const string Name = "ffmpeg";

    /// <summary>
    /// Makes ffmpeg decode, in the whole process, what SpeechML does not decode by itself. No program is started yet:
    /// that ffmpeg is absent is said of the first file that needs it.
    /// </summary>
    /// <param name="options">Where ffmpeg is and how much it may take; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static void Register(FFmpegOptions? options = null) => AudioDecoders.Register(Open(options));

    /// <summary>A decoder for use by itself.</summary>
    /// <inheritdoc cref="Register"/>
    public static IAudioDecoder Open(FFmpegOptions? options = null)
    {
        FFmpegOptions own = options is null ? new FFmpegOptions() : options with { }; // it may be changed later
        own.Validate();
        return new FFmpegDecoder(own);
    }
}
