using System.Text;

namespace SpeechML.Onnx.Wire;

/// <summary>
/// Writes fields of protobuf messages. What is copied stays where it is until the end: weights are in memory once more,
/// not once for each message around them.
/// </summary>
internal sealed class WireWriter
{
    private const int MaxOfANumber = 10; // 64 bits, 7 a byte

    private readonly List<ReadOnlyMemory<byte>> _parts = [];
    private int _length;

    public byte[] ToArray()
    {
        byte[] all = new byte[_length];
        int at = 0;
        foreach (ReadOnlyMemory<byte> part in _parts)
        {
            part.CopyTo(all.AsMemory(at));
            at += part.Length;
        }
        return all;
    }

    /// <summary>A field as it stands in another file.</summary>
    public WireWriter Copy(byte[] bytes, WireField field) =>
        Append(bytes.AsMemory(field.Start, field.End - field.Start));

    public WireWriter Add(int field, ulong value) => Numbers(((ulong)field << 3) | WireField.Varint, value);

    public WireWriter Add(int field, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        return Numbers(((ulong)field << 3) | WireField.Bytes, (ulong)bytes.Length).Append(bytes);
    }

    public WireWriter Add(int field, WireWriter message)
    {
        _ = Numbers(((ulong)field << 3) | WireField.Bytes, (ulong)message._length);
        message._parts.ForEach(part => Append(part));
        return this;
    }

    private WireWriter Append(ReadOnlyMemory<byte> bytes)
    {
        _length = checked(_length + bytes.Length);
        _parts.Add(bytes);
        return this;
    }

    private WireWriter Numbers(ulong first, ulong second)
    {
        byte[] bytes = new byte[2 * MaxOfANumber];
        int at = 0;
        foreach (ulong number in new[] { first, second })
        {
            ulong rest = number;
            for (; rest >= 0x80; rest >>= 7)
            {
                bytes[at++] = (byte)(rest | 0x80);
            }
            bytes[at++] = (byte)rest;
        }
        return Append(bytes.AsMemory(0, at));
    }
}
