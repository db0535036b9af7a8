using System.Text;

namespace SpeechML.Onnx.Wire;

/// <summary>Writes fields of protobuf messages.</summary>
internal sealed class WireWriter
{
    private readonly MemoryStream _stream;

    public WireWriter(int capacity = 0)
    {
        _stream = new MemoryStream(capacity);
    }

    public byte[] ToArray() => _stream.ToArray();

    /// <summary>A field as it stands in another file.</summary>
    public WireWriter Copy(byte[] bytes, WireField field)
    {
        _stream.Write(bytes, field.Start, field.End - field.Start);
        return this;
    }

    public WireWriter Add(int field, ulong value)
    {
        Number(((ulong)field << 3) | WireField.Varint);
        Number(value);
        return this;
    }

    public WireWriter Add(int field, string value) => Add(field, Encoding.UTF8.GetBytes(value));

    public WireWriter Add(int field, WireWriter message)
    {
        Number(((ulong)field << 3) | WireField.Bytes);
        Number((ulong)message._stream.Length);
        message._stream.WriteTo(_stream);
        return this;
    }

    private WireWriter Add(int field, byte[] value)
    {
        Number(((ulong)field << 3) | WireField.Bytes);
        Number((ulong)value.Length);
        _stream.Write(value);
        return this;
    }

    private void Number(ulong value)
    {
        while (value >= 0x80)
        {
            _stream.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }
        _stream.WriteByte((byte)value);
    }
}
