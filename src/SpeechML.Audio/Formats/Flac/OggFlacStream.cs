using SpeechML.Audio.Common;

namespace SpeechML.Audio.Formats.Flac;

/// <summary>
/// The FLAC stream inside an Ogg file (RFC 9639, section 10.1; RFC 3533): the packets one after the other, without the
/// 9 bytes of mapping header. Forward only.
/// </summary>
/// <param name="stream">The pages of this logical stream alone, whose order and checksums were looked at.</param>
internal sealed class OggFlacStream(Stream stream) : ForwardStream
{
    private const int PageHeaderSize = 27;

    // 0x7F, "FLAC", version (2 bytes), number of header packets (2 bytes)
    private const int MappingHeaderSize = 9;

    private readonly byte[] _page = new byte[255 * 255];
    private int _from;
    private int _to;
    private bool _isFirst = true;

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

    /// <summary>Reads a page; false at the end of the stream.</summary>
    private bool NextPage()
    {
        Span<byte> header = _page.AsSpan(0, PageHeaderSize);
        if (!Fill(header))
        {
            return false;
        }
        Span<byte> lengths = _page.AsSpan(0, header[PageHeaderSize - 1]);
        if (!Fill(lengths))
        {
            return false;
        }
        int size = 0;
        foreach (byte length in lengths)
        {
            size += length;
        }
        if (!Fill(_page.AsSpan(0, size)))
        {
            return false;
        }
        _from = _isFirst ? Math.Min(size, MappingHeaderSize) : 0;
        _to = size;
        _isFirst = false;
        return true;
    }

    private bool Fill(Span<byte> target) =>
        stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) == target.Length;
}
