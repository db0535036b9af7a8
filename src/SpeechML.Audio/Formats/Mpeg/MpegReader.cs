using SpeechML.Audio.Formats.SndFile;

namespace SpeechML.Audio.Formats.Mpeg;

/// <summary>
/// Reads MP3 and its relatives: the frames are found and counted here, libsndfile decodes each, and what the encoder
/// put before and behind the recording is left out here.
/// </summary>
internal sealed class MpegReader : AudioReader
{
    private readonly SndFileReader _decoder;
    private readonly MpegFrames _frames;
    private long _decoded; // samples per channel
    private int _range;

    private MpegReader(SndFileReader decoder, MpegFrames frames, string name, bool isCutOff)
        : base(name)
    {
        _decoder = decoder;
        _frames = frames;
        SampleRate = decoder.SampleRate;
        Channels = decoder.Channels;
        Complete = "whole MPEG frames to its end, as many as its header says";
        Truncated = isCutOff || frames.IsCutOff;
    }

    public override long? Announced => _frames.Kept.Sum(k => k.Length);

    /// <summary>Opens a stream that can seek.</summary>
    /// <param name="library">The decoder.</param>
    /// <param name="stream">The frames, with tags or zeros around them.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="leaveOpen">Whether the stream stays open.</param>
    /// <param name="isCutOff">Whether the container around the frames is cut off.</param>
    public static MpegReader Open(
        SndFileLibrary library, Stream stream, string name, bool leaveOpen, bool isCutOff = false)
    {
        if (!library.IsAvailable)
        {
            throw library.Missing(name, "MP3");
        }
        var frames = MpegFrames.Read(stream, name);
        var content = new SegmentStream(stream, frames.Segments);
        return new MpegReader(
            SndFileReader.Open(library, AudioContainer.Mpeg, content, name, leaveOpen), frames, name, isCutOff);
    }

    public override void Dispose() => _decoder.Dispose();

    protected override int ReadCore(Span<float> interleaved)
    {
        int wanted = interleaved.Length / Channels, written = 0;
        while (written < wanted && _range < _frames.Kept.Count)
        {
            Segment range = _frames.Kept[_range];
            if (_decoded == range.End)
            {
                _range++;
                continue;
            }
            Span<float> room = interleaved[(written * Channels)..];
            long until = _decoded < range.Start ? range.Start : range.End;
            int asked = (int)Math.Min(until - _decoded, room.Length / Channels);
            int read = _decoder.Read(room[..(asked * Channels)]);
            if (read == 0)
            {
                throw new AudioException(AudioErrorKind.CorruptStream, Name,
                    $"expected {_frames.Count * _frames.First.Samples} samples in {_frames.Count} MPEG frames, got " +
                    $"{_decoded} from the decoder.");
            }
            written += _decoded < range.Start ? 0 : read;
            _decoded += read;
        }
        return written;
    }
}
