using System.Runtime.InteropServices;
using TorchSharp;

namespace SpeechML.Encoders.Checkpoints.Mapping;

/// <summary>Tensors over mapped memory. What is mapped stays until the last of them is freed.</summary>
internal static unsafe partial class MappedTensors
{
    /// <summary>Bytes to which torch's own tensors are aligned: elsewhere, products could round otherwise.</summary>
    public const int Alignment = 64;

    /// <summary>Fewer bytes are copied: for them a page is shared with others.</summary>
    public const long Smallest = 1 << 16;

    /// <summary>Whether memory lies as torch's own tensors do.</summary>
    public static bool IsAligned(void* address) => (nuint)address % Alignment == 0;

    /// <summary>A tensor over a part of the file; <see langword="null"/> where it is small or lies otherwise than
    /// torch's own tensors.</summary>
    /// <param name="file">What is mapped.</param>
    /// <param name="offset">First byte in it.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="shape">The shape, of as many bytes.</param>
    /// <param name="type">The type of the elements.</param>
    /// <param name="alignment">Bytes that the address must be a multiple of.</param>
    public static torch.Tensor? Of(
        MappedFile file, long offset, long length, ReadOnlySpan<long> shape, torch.ScalarType type,
        int alignment = Alignment)
    {
        byte* address = file.Address + offset;
        if (length < Smallest || (nuint)address % (nuint)alignment != 0)
        {
            return null;
        }
        file.AddReference();
        IntPtr handle;
        fixed (long* sizes = shape)
        {
            handle = THSTensor_new(
                address, &MappedFile.OnRelease, sizes, shape.Length, (sbyte)type, (sbyte)type, 0, -1, 0);
        }
        if (handle == IntPtr.Zero)
        {
            file.Dispose();
            torch.CheckForErrors();
        }
        return torch.Tensor.UnsafeCreateTensor(handle);
    }

    /// <summary>TorchSharp's own function, which it offers for managed arrays only.</summary>
    [LibraryImport("LibTorchSharp")]
    private static partial IntPtr THSTensor_new(
        void* data, delegate* unmanaged[Cdecl]<void*, void> release, long* sizes, int dimensions, sbyte type,
        sbyte wanted, int deviceType, int deviceIndex, byte requiresGradient);
}
