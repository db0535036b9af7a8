using System.Runtime.InteropServices;
using Google.Protobuf;

namespace SpeechML.OnnxConverter.Proto;

/// <summary>
/// A message in protobuf's wire format: fields in the order in which they were added. ONNX's messages are made of it by
/// the numbers that the format publishes (<see cref="OnnxFields"/>).
/// </summary>
internal sealed class ProtoMessage
{
    private readonly List<Field> _fields = [];
    private int? _size;

    public ProtoMessage Add(int field, long value)
    {
        _fields.Add(new Field(
            CodedOutputStream.ComputeInt64Size(value), Tag(field, WireFormat.WireType.Varint),
            output => output.WriteInt64(value)));
        return this;
    }

    public ProtoMessage Add(int field, float value)
    {
        _fields.Add(new Field(
            sizeof(float), Tag(field, WireFormat.WireType.Fixed32), output => output.WriteFloat(value)));
        return this;
    }

    public ProtoMessage Add(int field, string value)
    {
        _fields.Add(new Field(
            CodedOutputStream.ComputeStringSize(value), Tag(field, WireFormat.WireType.LengthDelimited),
            output => output.WriteString(value)));
        return this;
    }

    /// <summary>Bytes, which are not copied.</summary>
    public ProtoMessage Add(int field, ReadOnlyMemory<byte> value)
    {
        ByteString bytes = UnsafeByteOperations.UnsafeWrap(value);
        _fields.Add(new Field(
            CodedOutputStream.ComputeBytesSize(bytes), Tag(field, WireFormat.WireType.LengthDelimited),
            output => output.WriteBytes(bytes)));
        return this;
    }

    public ProtoMessage Add(int field, ProtoMessage value)
    {
        _fields.Add(new Field(
            checked(CodedOutputStream.ComputeLengthSize(value.Size) + value.Size),
            Tag(field, WireFormat.WireType.LengthDelimited), output =>
            {
                output.WriteLength(value.Size);
                value.WriteFields(output);
            }));
        return this;
    }

    /// <summary>Numbers of one repeated field, packed.</summary>
    public ProtoMessage Add(int field, ReadOnlySpan<long> values)
    {
        foreach (long value in values)
        {
            Add(field, value);
        }
        return this;
    }

    public ProtoMessage Add(int field, IEnumerable<ProtoMessage> values)
    {
        foreach (ProtoMessage value in values)
        {
            Add(field, value);
        }
        return this;
    }

    /// <summary>The bytes of the fields.</summary>
    /// <exception cref="OverflowException">They are 2 GB or more, which the format cannot hold.</exception>
    public int Size => _size ??= _fields.Aggregate(0, (sum, next) =>
        checked(sum + CodedOutputStream.ComputeUInt32Size(next.Tag) + next.Size));

    public void WriteTo(Stream stream)
    {
        var output = new CodedOutputStream(stream, leaveOpen: true);
        WriteFields(output);
        output.Flush();
    }

    private static uint Tag(int field, WireFormat.WireType type) => WireFormat.MakeTag(field, type);

    private void WriteFields(CodedOutputStream output)
    {
        foreach (Field field in CollectionsMarshal.AsSpan(_fields))
        {
            output.WriteTag(field.Tag);
            field.Write(output);
        }
    }

    private readonly record struct Field(int Size, uint Tag, Action<CodedOutputStream> Write);
}
