using static TorchSharp.torch;

namespace SpeechML.Encoders.Native;

/// <summary>
/// Tensors in torch's own memory. <c>torch.tensor</c> of a managed array is a view of an array, which lies wherever the
/// garbage collector put it; MKL's matrix products round differently by alignment, so that the same run would end with
/// other bits. Torch's allocations are always aligned alike.
/// </summary>
internal static class AlignedTensor
{
    /// <summary>
    /// A copy of the values on the CPU. No array is made on the way: of an hour of windows those would be hundreds of
    /// megabytes before they are collected.
    /// </summary>
    /// <param name="values">The values, row after row.</param>
    /// <param name="shape">The shape, of as many.</param>
    public static unsafe Tensor Of(float[] values, params ReadOnlySpan<long> shape)
    {
        Tensor aligned = empty(shape, dtype: ScalarType.Float32, device: CPU);
        if (aligned.numel() != values.LongLength)
        {
            aligned.Dispose();
            throw new ArgumentException(
                $"Tensor: expected as many values as the shape ({string.Join(", ", shape.ToArray())}) has, got " +
                $"{values.LongLength}.", nameof(values));
        }
        if (values.Length == 0)
        {
            return aligned;
        }
        // Tensor.bytes is a span, which ends at 2 GB: of the first element only the address is taken.
        using Tensor flat = aligned.view(-1);
        using Tensor first = flat.narrow(0, 0, 1);
        long count = values.LongLength * sizeof(float);
        fixed (float* from = values)
        fixed (byte* to = first.bytes)
        {
            Buffer.MemoryCopy(from, to, count, count);
        }
        return aligned;
    }
}
