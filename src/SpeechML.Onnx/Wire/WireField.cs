namespace SpeechML.Onnx.Wire;

/// <summary>A field of a protobuf message.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Type">Its wire type.</param>
/// <param name="Start">Where its tag begins.</param>
/// <param name="Content">Where what it holds begins; of a number its own place.</param>
/// <param name="End">Where the next field begins.</param>
/// <param name="Value">The number, where it is one.</param>
internal readonly record struct WireField(int Number, int Type, int Start, int Content, int End, ulong Value)
{
    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Bytes = 2;
    public const int Fixed32 = 5;
}
