using static TorchSharp.torch;

namespace SpeechML.Encoders.Native;

/// <summary>
/// Tensors in torch's own memory. <c>torch.tensor</c> of a managed array is a view of that array, which lies wherever
/// the garbage collector put it; MKL's matrix products round
/// differently by alignment, so that the same run would end with other bits. Torch's allocations are always aligned
/// alike.
/// </summary>
internal static class AlignedTensor
{
    /// <summary>A copy of the values on the CPU.</summary>
    public static Tensor Of(float[] values, params ReadOnlySpan<long> shape)
    {
        using Tensor view = tensor(values, shape);
        return view.clone();
    }
}
