namespace SpeechML.OnnxConverter.Graph;

/// <summary>Element types, by the numbers of ONNX's TensorProto.DataType.</summary>
internal enum ElementType
{
    Float = 1,
    Int64 = 7,
    String = 8,
    Boolean = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
}
