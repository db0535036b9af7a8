namespace SpeechML;

/// <summary>Where one tensor lies in a checkpoint file.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="DType">The element type as safetensors spells it: <c>F32</c>, <c>F16</c>, <c>BF16</c>, <c>I64</c>,
/// ...</param>
/// <param name="Shape">The dimensions, outermost first.</param>
/// <param name="Offset">First byte in the file; in a compressed entry of a zip, the first byte of that entry's
/// compressed data.</param>
/// <param name="Length">Length in bytes once read, contiguous.</param>
public sealed record TensorEntry(string Name, string DType, long[] Shape, long Offset, long Length);
