using System.Buffers.Binary;
using SpeechML.Audio.Common;

namespace SpeechML.Audio.Formats.Flac;

/// <summary>
/// The FLAC stream inside an Ogg file (RFC 9639, section 10.1; RFC 3533): the packets of one logical stream one after
/// the other, without the 9 bytes of mapping
/// header. Page checksums are verified. Forward only.
/// </summary>
internal sealed class OggFlacStream(Stream stream, string name) : ForwardStream
{
    private const int PageHeaderSize = 27;
    private const int ChecksumAt = 22;
    private const int SerialAt = 14;

    // 0x7F, "FLAC", version (2 bytes), number of header packets (2 bytes)
    private const int MappingHeaderSize = 9;

    private readonly byte[] _page = new byte[PageHeaderSize + 255 + (255 * 255)];
    private int _from;
    private int _to;
    private uint? _serial;

    /// <summary>
    /// Whether an Ogg file that starts so holds FLAC: 28 bytes of page header, then the mapping header.
    /// </summary>
    public static bool IsFlac(ReadOnlySpan<byte> start) =>
        start.Length > 33 && start[28] == 0x7F && start[29..33].SequenceEqual("FLAC"u8);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (_from == _to)
        {
            if (!NextPage())
            {
                return 0;
            }
        }
        int count = Math.Min(buffer.Length, _to - _from);
        _page.AsSpan(_from, count).CopyTo(buffer);
        _from += count;
        return count;
    }

    /// <summary>Reads a page; false at the end of the file, also inside a page.</summary>
    private bool NextPage()
    {
        Span<byte> header = _page.AsSpan(0, PageHeaderSize);
        if (!Fill(header))
        {
            return false;
        }
        if (!header.StartsWith("OggS"u8))
        {
            throw new AudioException(
                AudioErrorKind.CorruptStream, name, "expected an Ogg page ('OggS'), got other bytes.");
        }
        Span<byte> lengths = _page.AsSpan(PageHeaderSize, header[PageHeaderSize - 1]);
        if (!Fill(lengths))
        {
            return false;
        }
        int size = 0;
        foreach (byte length in lengths)
        {
            size += length;
        }
        int body = PageHeaderSize + lengths.Length;
        if (!Fill(_page.AsSpan(body, size)))
        {
            return false;
        }
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(header[ChecksumAt..]),
            serial = BinaryPrimitives.ReadUInt32LittleEndian(header[SerialAt..]);
        header.Slice(ChecksumAt, 4).Clear();
        uint computed = FlacChecksums.Crc32(_page.AsSpan(0, body + size));
        if (computed != stored)
        {
            throw new AudioException(
                AudioErrorKind.CorruptStream, name,
                $"expected an Ogg page with checksum {stored:X8}, got {computed:X8}.");
        }
        bool isFirst = _serial is null;
        _serial ??= serial;
        bool isOurs = serial == _serial; // other logical streams are passed over
        _from = isOurs ? body + (isFirst ? Math.Min(size, MappingHeaderSize) : 0) : 0;
        _to = isOurs ? body + size : 0;
        return true;
    }

    private bool Fill(Span<byte> target) =>
        stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) == target.Length;
}
