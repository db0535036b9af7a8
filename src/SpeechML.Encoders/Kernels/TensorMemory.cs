using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Kernels;

/// <summary>Tensors as memory, for arithmetic of our own.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>Whether a tensor holds float32 on the CPU.</summary>
    public static bool IsFloat32OnCpu(Tensor tensor) =>
        tensor.dtype == ScalarType.Float32 && tensor.device_type == DeviceType.CPU;

    /// <summary>
    /// Where the values of a contiguous tensor of less than 2 GB begin. The tensor must be kept alive while they are
    /// used.
    /// </summary>
    public static float* Address(Tensor tensor) =>
        (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
}
