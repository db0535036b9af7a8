using System.Buffers.Binary;
using System.Text;

namespace SpeechML.Onnx.Wire;

/// <summary>
/// Walks the fields of protobuf messages. Whatever the bytes, it reads within them or says that they end.
/// </summary>
internal static class WireReader
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The fields of a message.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="start">Where the message begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <exception cref="FormatException">The bytes are no message.</exception>
    public static IEnumerable<WireField> Fields(byte[] bytes, int start, int end)
    {
        int at = start;
        while (at < end)
        {
            WireField field = Field(bytes, at, end);
            yield return field;
            at = field.End;
        }
    }

    /// <summary>The text of a field.</summary>
    public static string Text(byte[] bytes, WireField field)
    {
        try
        {
            return field.Type == WireField.Bytes
                ? s_strict.GetString(bytes.AsSpan(field.Content, field.End - field.Content)) : throw Wrong("a text");
        }
        catch (DecoderFallbackException)
        {
            throw Wrong("a text in UTF-8");
        }
    }

    private static WireField Field(byte[] bytes, int start, int end)
    {
        int at = start;
        ulong tag = Number(bytes, ref at, end);
        ulong number = tag >> 3;
        if (number is 0 or > 536_870_911)
        {
            throw Wrong("a field");
        }
        int type = (int)(tag & 7), content = at;
        switch (type)
        {
            case WireField.Varint:
                ulong value = Number(bytes, ref at, end);
                return new WireField((int)number, type, start, content, at, value);
            case WireField.Fixed64 when end - at >= sizeof(ulong):
                return new WireField((int)number, type, start, content, at + sizeof(ulong),
                    BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)));
            case WireField.Fixed32 when end - at >= sizeof(uint):
                return new WireField((int)number, type, start, content, at + sizeof(uint),
                    BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)));
            case WireField.Bytes:
                ulong length = Number(bytes, ref at, end);
                return length <= (ulong)(end - at)
                    ? new WireField((int)number, type, start, at, at + (int)length, length) : throw Wrong("more bytes");
            default:
                throw Wrong("a field");
        }
    }

    private static ulong Number(byte[] bytes, ref int at, int end)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64 && at < end; shift += 7)
        {
            byte next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
        throw Wrong("a number");
    }

    private static FormatException Wrong(string expected) => new(
        $"expected {expected} of ONNX's wire format, got the end of the file or something else: it is cut off, " +
        "damaged or no ONNX model");
}
