using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>Casts between float32 and the types of 16 bits; a tensor of the right type is given back itself.</summary>
internal static class Reduced
{
    /// <summary>Whether a tensor has 16 bits per value.</summary>
    public static bool Is(Tensor tensor) => tensor.dtype is ScalarType.BFloat16 or ScalarType.Float16;

    /// <summary>The tensor in a type.</summary>
    public static Tensor As(Tensor tensor, ScalarType type) => tensor.dtype == type ? tensor : tensor.to(type);

    /// <summary>The tensor in float32, where it has 16 bits per value.</summary>
    public static Tensor Widen(Tensor tensor) => Is(tensor) ? tensor.to(ScalarType.Float32) : tensor;

    /// <summary>
    /// What a norm with float32 weights is given. The CPU's norms take 16 bits and compute in float32; a GPU's take
    /// one type only.
    /// </summary>
    public static Tensor ForNorm(Tensor tensor) => tensor.device_type == TorchSharp.DeviceType.CPU ? tensor
        : Widen(tensor);
}
