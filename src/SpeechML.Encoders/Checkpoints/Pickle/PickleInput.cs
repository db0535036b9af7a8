using System.Buffers.Binary;
using System.Text;

namespace SpeechML.Encoders.Checkpoints.Pickle;

/// <summary>
/// Reads a pickle's bytes through a small window; a length is checked against the bytes left before anything is
/// allocated.
/// </summary>
internal sealed class PickleInput
{
    private const int WindowSize = 1 << 15;

    private static readonly UTF8Encoding s_strictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ByteSource _source;
    private readonly long _end;
    private readonly byte[] _window;
    private long _windowStart;
    private int _windowLength;
    private int _next;

    /// <param name="source">The file.</param>
    /// <param name="start">First byte of the pickle.</param>
    /// <param name="length">Bytes it may have at most.</param>
    public PickleInput(ByteSource source, long start, long length)
    {
        _source = source;
        _windowStart = start;
        _end = start + length;
        _window = new byte[(int)Math.Min(WindowSize, length)];
    }

    /// <summary>The next byte's position in the file.</summary>
    public long Position => _windowStart + _next;

    public long Left => _end - Position;

    public byte ReadByte()
    {
        if (_next == _windowLength)
        {
            Refill();
        }
        return _window[_next++];
    }

    public ulong ReadUnsigned(int bytes)
    {
        ulong value = 0;
        for (int i = 0; i < bytes; i++)
        {
            value |= (ulong)ReadByte() << (8 * i);
        }
        return value;
    }

    public double ReadDoubleBigEndian()
    {
        Span<byte> bytes = stackalloc byte[8];
        Read(bytes);
        return BinaryPrimitives.ReadDoubleBigEndian(bytes);
    }

    public byte[] ReadBytes(ulong count)
    {
        if (count > (ulong)Left)
        {
            throw new CheckpointException(
                _source.Name, null, $"{count} bytes in the pickle at byte {Position}", $"{Left} up to its end");
        }
        byte[] bytes = new byte[count];
        Read(bytes);
        return bytes;
    }

    public string ReadText(ulong count)
    {
        byte[] bytes = ReadBytes(count);
        try
        {
            return s_strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new CheckpointException(
                _source.Name, null, $"text in UTF-8 in the pickle before byte {Position}", "bytes that are not", error);
        }
    }

    /// <summary>A line of a GLOBAL: short ASCII up to a line feed.</summary>
    public string ReadLine()
    {
        const int Longest = 256;
        var line = new StringBuilder();
        for (byte b = ReadByte(); b != (byte)'\n'; b = ReadByte())
        {
            if (line.Length == Longest || b is < 0x20 or > 0x7E)
            {
                throw new CheckpointException(
                    _source.Name,
                    null, $"a name of at most {Longest} ASCII characters in the pickle at byte {Position - 1}",
                    $"byte 0x{b:X2} after '{line}'");
            }
            line.Append((char)b);
        }
        return line.ToString();
    }

    private void Read(Span<byte> destination)
    {
        for (int i = 0; i < destination.Length;)
        {
            if (_next == _windowLength)
            {
                Refill();
            }
            int count = Math.Min(destination.Length - i, _windowLength - _next);
            _window.AsSpan(_next, count).CopyTo(destination[i..]);
            _next += count;
            i += count;
        }
    }

    private void Refill()
    {
        _windowStart += _windowLength;
        _next = 0;
        _windowLength = 0;
        int count = (int)Math.Min(_window.Length, _end - _windowStart);
        if (count == 0)
        {
            throw new CheckpointException(
                _source.Name, null, "a pickle that ends with STOP", $"its end at byte {_windowStart} without one");
        }
        _source.Read(_windowStart, _window.AsSpan(0, count));
        _windowLength = count;
    }
}
