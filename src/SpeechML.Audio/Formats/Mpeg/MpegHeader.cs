using System.Buffers.Binary;
using NAudio.Wave;

namespace SpeechML.Audio.Formats.Mpeg;

/// <summary>The header of a frame of MPEG audio (ISO/IEC 11172-3, 2.4.1.3; 13818-3).</summary>
/// <param name="Length">Bytes of the frame, with the header.</param>
/// <param name="Samples">Samples of the frame, per channel.</param>
/// <param name="SampleRate">Samples per second (Hz).</param>
/// <param name="Channels">1 or 2.</param>
/// <param name="Layer">1 to 3.</param>
/// <param name="SideInfo">Bytes between the header (and its checksum) and the main data; 0 but for Layer III.</param>
internal sealed record MpegHeader(int Length, int Samples, int SampleRate, int Channels, int Layer, int SideInfo)
{
    /// <summary>Bytes of every header.</summary>
    public const int Size = 4;

    /// <summary>Parses headers; remembers those met, of which a file has few different ones.</summary>
    /// <remarks>Not safe for several threads.</remarks>
    internal sealed class Parser
    {
        private readonly Dictionary<uint, MpegHeader?> _known = [];
        private readonly byte[] _bytes = new byte[Size];

        /// <summary>The header in four bytes; null where they are none.</summary>
        public MpegHeader? Parse(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length < Size || bytes[0] != 0xFF || (bytes[1] & 0xE0) != 0xE0)
            {
                return null;
            }
            uint bits = BinaryPrimitives.ReadUInt32BigEndian(bytes);
            if (!_known.TryGetValue(bits, out MpegHeader? header))
            {
                bytes[..Size].CopyTo(_bytes);
                header = Read();
                _known.Add(bits, header);
            }
            return header;
        }

        private MpegHeader? Read()
        {
            using var stream = new MemoryStream(_bytes, writable: false);
            if (Mp3Frame.LoadFromStream(stream, readData: false) is not { } frame || frame.FileOffset != 0
                || frame.FrameLength <= Size || frame.SampleRate <= 0)
            {
                return null;
            }
            int channels = frame.ChannelMode == ChannelMode.Mono ? 1 : 2;
            int layer = frame.MpegLayer switch { MpegLayer.Layer1 => 1, MpegLayer.Layer2 => 2, _ => 3 };
            int sideInfo = layer < 3 ? 0 : frame.MpegVersion == MpegVersion.Version1
                ? (channels == 1 ? 17 : 32) : (channels == 1 ? 9 : 17);
            return new MpegHeader(
                frame.FrameLength, frame.SampleCount, frame.SampleRate, channels, layer, sideInfo);
        }
    }

    /// <summary>Whether two frames can be of one stream: the bit rate and the padding may differ.</summary>
    public bool IsLike(MpegHeader other) =>
        SampleRate == other.SampleRate && Channels == other.Channels && Layer == other.Layer
        && Samples == other.Samples;

    public override string ToString() => FormattableString.Invariant(
        $"Layer {(Layer == 3 ? "III" : Layer == 2 ? "II" : "I")}, {SampleRate} Hz, {Channels} channel") +
        (Channels == 1 ? "" : "s");
}
