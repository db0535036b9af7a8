using System.Runtime.InteropServices;
using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks.Peers;

/// <summary>
/// libtorch's own autocast, which TorchSharp does not bind: three functions under their Itanium names, for the calling
/// thread. It is the peer of our bfloat16.
/// </summary>
internal static unsafe class TorchAutocast
{
    // c10::DeviceType::CPU and c10::ScalarType::BFloat16 are bytes.
    private const sbyte Cpu = 0;
    private const sbyte BFloat16 = 15;

    /// <summary>
    /// Turns it on, with its cache of rounded weights, which a program that leaves the context after each call has not.
    /// </summary>
    public static void UseBFloat16()
    {
        IntPtr library = NativeLibrary.Load(LibtorchSymbols.Library);
        var setType = (delegate* unmanaged[Cdecl]<sbyte, sbyte, void>)NativeLibrary.GetExport(
            library, "_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE");
        var setEnabled = (delegate* unmanaged[Cdecl]<sbyte, byte, void>)NativeLibrary.GetExport(
            library, "_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb");
        var setCache = (delegate* unmanaged[Cdecl]<byte, void>)NativeLibrary.GetExport(
            library, "_ZN2at8autocast26set_autocast_cache_enabledEb");
        setType(Cpu, BFloat16);
        setEnabled(Cpu, 1);
        setCache(1);
        using Tensor product = ones(2, 2).matmul(ones(2, 2));
        if (product.dtype != ScalarType.BFloat16)
        {
            throw new InvalidOperationException(
                $"Autocast: expected a product in BFloat16 once it is on, got {product.dtype}.");
        }
    }
}
