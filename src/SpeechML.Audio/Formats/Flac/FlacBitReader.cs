using System.Buffers.Binary;
using System.Numerics;

namespace SpeechML.Audio.Formats.Flac;

/// <summary>
/// Reads bits, most significant first, from a stream. Keeps all bytes since the last mark, so that checksums can be
/// taken over them.
/// </summary>
internal sealed class FlacBitReader(Stream stream)
{
    private const int FirstSize = 1 << 15;

    /// <summary>Zeros behind the last byte, so that 8 bytes can be loaded anywhere.</summary>
    private const int Slack = 16;

    private byte[] _buffer = new byte[FirstSize + Slack];
    private int _end;
    private int _mark;
    private long _bit;
    private bool _streamEnded;

    /// <summary>The bytes from the mark to the reader's place, which must be at a whole byte.</summary>
    public ReadOnlySpan<byte> SinceMark => _buffer.AsSpan(_mark, (int)(_bit >> 3) - _mark);

    /// <summary>Everything held from the mark on.</summary>
    public ReadOnlySpan<byte> HeldFromMark => _buffer.AsSpan(_mark, _end - _mark);

    /// <summary>Whether no whole byte is left.</summary>
    public bool IsAtEnd
    {
        get
        {
            Refill();
            return _bit + 8 > _end * 8L;
        }
    }

    /// <summary>Lets go of the bytes before the reader's place.</summary>
    public void Mark() => _mark = (int)(_bit >> 3);

    /// <summary>Up to 32 bits.</summary>
    /// <exception cref="EndOfStreamException">Fewer are left.</exception>
    public uint Read(int count)
    {
        if (count == 0)
        {
            return 0;
        }
        Refill();
        uint value = (uint)(Load() >> (64 - count));
        Advance(count);
        return value;
    }

    /// <summary>Up to 32 bits in two's complement.</summary>
    public int ReadSigned(int count) => count == 0 ? 0 : (int)(Read(count) << (32 - count)) >> (32 - count);

    /// <summary>The number of zeros before the next one, which is passed too.</summary>
    public int ReadUnary()
    {
        for (int zeros = 0; ;)
        {
            Refill();
            int offset = (int)(_bit & 7);
            int here = BitOperations.LeadingZeroCount(Load());
            if (here < 64 - offset)
            {
                Advance(here + 1);
                return zeros + here;
            }
            Advance(64 - offset);
            zeros += 64 - offset;
        }
    }

    /// <summary>
    /// Rice-coded values: a unary quotient, then <paramref name="parameter"/> bits; the sign is in the last bit.
    /// </summary>
    public void ReadRice(Span<int> values, int parameter)
    {
        for (int i = 0; i < values.Length; i++)
        {
            Refill();
            ulong bits = Load();
            int zeros = BitOperations.LeadingZeroCount(bits);
            uint folded;
            // 57 bits of the word are sure to be there
            if (zeros + 1 + parameter <= 57)
            {
                uint low = parameter == 0 ? 0 : (uint)((bits << (zeros + 1)) >> (64 - parameter));
                Advance(zeros + 1 + parameter);
                folded = ((uint)zeros << parameter) | low;
            }
            else
            {
                uint quotient = (uint)ReadUnary();
                folded = (quotient << parameter) | Read(parameter);
            }
            values[i] = (int)(folded >> 1) ^ -(int)(folded & 1);
        }
    }

    /// <summary>Passes the bits up to the next whole byte.</summary>
    public void AlignToByte() => _bit = (_bit + 7) & ~7L;

    /// <summary>Passes whole bytes.</summary>
    public void Skip(long bytes)
    {
        while (bytes > 0)
        {
            Refill();
            int step = (int)Math.Min(bytes, Math.Max(1, _end - (int)(_bit >> 3)));
            Advance(8L * step);
            Mark();
            bytes -= step;
        }
    }

    private ulong Load() => BinaryPrimitives.ReadUInt64BigEndian(_buffer.AsSpan((int)(_bit >> 3))) << (int)(_bit & 7);

    private void Advance(long bits)
    {
        _bit += bits;
        if (_bit > _end * 8L)
        {
            throw new EndOfStreamException();
        }
    }

    /// <summary>Makes sure that 9 bytes are held, unless the stream has ended.</summary>
    private void Refill()
    {
        if (_bit + 72 > _end * 8L && !_streamEnded)
        {
            FillBuffer();
        }
    }

    private void FillBuffer()
    {
        if (_mark > 0)
        {
            _buffer.AsSpan(_mark, _end - _mark).CopyTo(_buffer);
            _bit -= 8L * _mark;
            _end -= _mark;
            _mark = 0;
        }
        if (_buffer.Length - Slack - _end < FirstSize / 2)
        {
            Array.Resize(ref _buffer, (2 * (_buffer.Length - Slack)) + Slack);
        }
        int read = stream.ReadAtLeast(
            _buffer.AsSpan(_end, _buffer.Length - Slack - _end), 9, throwOnEndOfStream: false);
        _streamEnded = read < 9;
        _end += read;
        _buffer.AsSpan(_end, Math.Min(Slack, _buffer.Length - _end)).Clear();
    }
}
