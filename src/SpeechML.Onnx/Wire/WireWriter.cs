using System.Buffers;
using System.Text;

namespace SpeechML.Onnx.Wire;

/// <summary>Writes fields of protobuf messages.</summary>
internal sealed class WireWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    /// <summary>A field as it stands in another file.</summary>
    public WireWriter Copy(byte[] bytes, WireField field)
    {
        _bytes.Write(bytes.AsSpan(field.Start, field.End - field.Start));
        return this;
    }

    public WireWriter Add(int field, ulong value)
    {
        Number(((ulong)field << 3) | WireField.Varint);
        Number(value);
        return this;
    }

    public WireWriter Add(int field, string value) => Add(field, Encoding.UTF8.GetBytes(value));

    public WireWriter Add(int field, WireWriter message) => Add(field, message._bytes.WrittenSpan);

    private WireWriter Add(int field, ReadOnlySpan<byte> value)
    {
        Number(((ulong)field << 3) | WireField.Bytes);
        Number((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    private void Number(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }
        Byte((byte)value);
    }

    private void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }
}
