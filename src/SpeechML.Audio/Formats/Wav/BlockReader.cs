using SpeechML.Audio.Formats.SndFile;

namespace SpeechML.Audio.Formats.Wav;

/// <summary>
/// Reads WAV whose samples come in blocks. libsndfile decodes them behind a header that is written here: where samples
/// begin and end, and whether they are cut off, is what the container's own reader found.
/// </summary>
internal sealed class BlockReader : AudioReader
{
    /// <summary>Bytes of blocks that are looked at in one read.</summary>
    private const int Look = 1 << 16;

    private readonly SndFileReader _decoder;
    private long _delivered;

    private BlockReader(SndFileReader decoder, WavLayout layout, long frames, string name)
        : base(name)
    {
        _decoder = decoder;
        SampleRate = decoder.SampleRate;
        Channels = decoder.Channels;
        Frames = frames;
        Truncated = layout.Truncated;
    }

    /// <summary>Opens the blocks of a file.</summary>
    public static BlockReader Open(
        SndFileLibrary library, WavLayout layout, BlockFormat format, Stream stream, string name, bool leaveOpen)
    {
        int size = format.Format.BlockAlign;
        long count = layout.Blocks(size, name), frames = count * format.FramesPerBlock;
        const long MaxBytes = uint.MaxValue - 4096; // of a RIFF file, less its header
        if (count * size > MaxBytes || frames > uint.MaxValue)
        {
            throw new AudioException(AudioErrorKind.TooLong, name,
                $"expected at most {MaxBytes} bytes of {format.Name}, got {count * size}. Divide the file.");
        }
        if (!library.IsAvailable)
        {
            throw library.Missing(name, $"WAV of {format.Name}");
        }
        var blocks = new Segment(layout.DataPosition, count * size);
        CheckStates(new SegmentStream(stream, blocks), format, name);
        var content = new SegmentStream(format.Header(count), stream, blocks);
        return new BlockReader(
            SndFileReader.Open(library, AudioContainer.Riff, content, name, leaveOpen), layout, frames, name);
    }

    public override void Dispose() => _decoder.Dispose();

    protected override int ReadCore(Span<float> interleaved)
    {
        int frames = _decoder.Read(interleaved);
        _delivered += frames;
        return frames > 0 || interleaved.IsEmpty || _delivered == Frames ? frames
            : throw new AudioException(AudioErrorKind.CorruptStream, Name,
                $"expected {Frames} frames in its blocks, got {_delivered} from the decoder.");
    }

    /// <summary>libsndfile takes an entry beyond a table for another: a damaged block would go by unseen.</summary>
    private static void CheckStates(SegmentStream blocks, BlockFormat format, string name)
    {
        int size = format.Format.BlockAlign;
        byte[] buffer = new byte[Math.Min(blocks.Length, Math.Max(1, Look / size) * size)];
        while (format.States.Length > 0 && blocks.Position < blocks.Length)
        {
            Span<byte> bytes = buffer.AsSpan(0, (int)Math.Min(buffer.Length, blocks.Length - blocks.Position));
            blocks.ReadExactly(bytes);
            for (int block = 0; block < bytes.Length; block += size)
            {
                foreach (int state in format.States)
                {
                    if (bytes[block + state] > format.LargestState)
                    {
                        throw new AudioException(AudioErrorKind.CorruptStream, name,
                            $"expected a{(format.Name[0] == 'I' ? "n" : "")} {format.Name} {format.StateName} of 0 " +
                            $"to {format.LargestState}, got {bytes[block + state]}.");
                    }
                }
            }
        }
    }
}
