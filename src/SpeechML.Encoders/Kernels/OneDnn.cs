using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// Matrix products by oneDNN, which lies inside libtorch. torch's own float32 products on a CPU go to MKL, which keeps
/// to narrower instructions on AMD's processors; oneDNN uses AVX-512 on all
/// that have it. Two functions of libtorch are called that TorchSharp does not bind: the C function behind
/// <c>mkldnn::_linear_pointwise</c>, and
/// <c>at::native::mkldnn_matmul</c> under its Itanium name. Nothing here records a gradient.
/// </summary>
internal static unsafe class OneDnn
{
    // oneDNN's own limit on instructions; below AVX-512 mkldnn_matmul throws a C++ exception, which must not happen
    // under managed code.
    private static readonly string[] s_limits = ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"];

    private static readonly delegate* unmanaged[Cdecl]<IntPtr, IntPtr, IntPtr*, byte*, IntPtr, long, byte**, IntPtr*,
        int> s_linear;
    private static readonly delegate* unmanaged[Cdecl]<IntPtr, IntPtr, IntPtr, float, float, void> s_product;

    private static readonly delegate* unmanaged[Cdecl]<IntPtr, IntPtr, IntPtr*, long*, long, long*, long, long*, long,
        long, byte*, IntPtr, long, byte**, IntPtr*, int> s_convolution;
    private static readonly delegate* unmanaged[Cdecl]<byte*, byte*, ulong*, int> s_call;
    private static readonly delegate* unmanaged[Cdecl]<IntPtr, IntPtr*, int> s_newHandle;

    static OneDnn()
    {
        if (!IsLimited && HasFastKernels() &&
            LibtorchSymbols.TryLoad(out IntPtr library) &&
            NativeLibrary.TryGetExport(library, LibtorchSymbols.LinearPointwise, out IntPtr linear) &&
            NativeLibrary.TryGetExport(library, LibtorchSymbols.MatrixProduct, out IntPtr product))
        {
            s_linear = (delegate* unmanaged[Cdecl]<IntPtr, IntPtr, IntPtr*, byte*, IntPtr, long, byte**, IntPtr*,
                int>)linear;
            s_product = (delegate* unmanaged[Cdecl]<IntPtr, IntPtr, IntPtr, float, float, void>)product;
            IsAvailable = true;
            if (NativeLibrary.TryGetExport(library, LibtorchSymbols.Dispatcher, out IntPtr call) &&
                NativeLibrary.TryGetExport(library, LibtorchSymbols.NewHandle, out IntPtr newHandle))
            {
                s_call = (delegate* unmanaged[Cdecl]<byte*, byte*, ulong*, int>)call;
                s_newHandle = (delegate* unmanaged[Cdecl]<IntPtr, IntPtr*, int>)newHandle;
                CanPack = true;
            }
            if (NativeLibrary.TryGetExport(library, LibtorchSymbols.ConvolutionPointwise, out IntPtr convolution))
            {
                s_convolution = (delegate* unmanaged[Cdecl]<IntPtr, IntPtr, IntPtr*, long*, long, long*, long, long*,
                    long, long, byte*, IntPtr, long, byte**, IntPtr*, int>)convolution;
                CanConvolve = true;
            }
        }
    }

    /// <summary>Whether the environment limits the instructions that oneDNN may use.</summary>
    public static bool IsLimited { get; } =
        Array.Exists(s_limits, name => Environment.GetEnvironmentVariable(name) is not null);

    /// <summary>Whether libtorch has the functions and they are the faster way on this processor.</summary>
    public static bool IsAvailable { get; }

    /// <summary>Whether weights can be packed too.</summary>
    public static bool CanPack { get; }

    /// <summary>Whether convolutions can be called too.</summary>
    public static bool CanConvolve { get; }

    /// <summary>
    /// A convolution over the last dimension, with GELU (erf) where asked for: (batch, inputs, 1, frames) to a fresh
    /// (batch, outputs, 1, frames), each in torch's <c>channels_last</c> order, which is frame after frame.
    /// </summary>
    /// <returns><see langword="null"/> where libtorch refuses.</returns>
    public static Tensor? Convolution(
        Tensor input, Tensor weight, Tensor? bias, long stride, long padding, bool gelu)
    {
        IntPtr biasHandle = bias?.Handle ?? IntPtr.Zero;
        IntPtr result = IntPtr.Zero;
        long* paddings = stackalloc long[2] { 0, padding }, strides = stackalloc long[2] { 1, stride },
            dilations = stackalloc long[2] { 1, 1 };
        int error;
        fixed (byte* none = "none\0"u8, activation = gelu ? "gelu\0"u8 : "none\0"u8)
        {
            byte* algorithm = none;
            error = s_convolution(input.Handle, weight.Handle, bias is null ? null : &biasHandle, paddings, 2, strides,
                2, dilations, 2, 1, activation, IntPtr.Zero, 0, &algorithm, &result);
        }
        GC.KeepAlive(input);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        return error == 0 ? Tensor.UnsafeCreateTensor(result) : null;
    }

    /// <summary>
    /// A weight (outputs, inputs) in the order that <see cref="Linear"/> reads it in: an opaque tensor of the same
    /// shape, whose values <c>to_dense</c> gives back.
    /// </summary>
    /// <returns><see langword="null"/> where libtorch refuses.</returns>
    public static Tensor? Pack(Tensor weight)
    {
        IntPtr handle;
        if (s_newHandle(weight.Handle, &handle) != 0)
        {
            return null;
        }
        // The operator takes the tensor and an optional number of rows (0 is none), and leaves its result.
        ulong* stack = stackalloc ulong[2] { (ulong)handle, 0 };
        int error;
        fixed (byte* name = "mkldnn::_reorder_linear_weight\0"u8, overload = "\0"u8)
        {
            error = s_call(name, overload, stack);
        }
        GC.KeepAlive(weight);
        return error == 0 ? Tensor.UnsafeCreateTensor((IntPtr)stack[0]) : null;
    }

    /// <summary>
    /// <c>x Wᵀ + b</c>, with GELU (erf) where asked for: contiguous (…, inputs) and (outputs, inputs) to a fresh (…,
    /// outputs).
    /// </summary>
    /// <returns><see langword="null"/> where libtorch refuses.</returns>
    public static Tensor? Linear(Tensor input, Tensor weight, Tensor? bias, bool gelu)
    {
        IntPtr biasHandle = bias?.Handle ?? IntPtr.Zero;
        IntPtr result = IntPtr.Zero;
        int error;
        fixed (byte* none = "none\0"u8, activation = gelu ? "gelu\0"u8 : "none\0"u8)
        {
            byte* algorithm = none;
            error = s_linear(input.Handle, weight.Handle, bias is null ? null : &biasHandle, activation, IntPtr.Zero, 0,
                &algorithm, &result);
        }
        GC.KeepAlive(input);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        return error == 0 ? Tensor.UnsafeCreateTensor(result) : null;
    }

    /// <summary>
    /// <c>result ← kept · result + factor · a b</c>; (rows, inner) and (inner, columns), or three dimensions of which
    /// the first is a batch.
    /// </summary>
    /// <param name="a">Either order of the last two dimensions in memory; another order is copied.</param>
    /// <param name="b">As <paramref name="a"/>.</param>
    /// <param name="result">Contiguous, of the right shape: it is not checked.</param>
    /// <param name="factor">Factor of the product.</param>
    /// <param name="keep">Whether the result's old values are added to.</param>
    public static void Product(Tensor a, Tensor b, Tensor result, float factor = 1, bool keep = false)
    {
        s_product(a.Handle, b.Handle, result.Handle, keep ? 1 : 0, factor);
        GC.KeepAlive(a);
        GC.KeepAlive(b);
        GC.KeepAlive(result);
    }

    /// <summary>
    /// AMD with AVX-512: measured at twice MKL's rate. Without AVX-512 the two are alike, and on Intel's processors MKL
    /// uses it too.
    /// </summary>
    private static bool HasFastKernels()
    {
        if (!OperatingSystem.IsLinux() || !X86Base.X64.IsSupported || !Avx512BW.VL.IsSupported
            || !Avx512DQ.IsSupported)
        {
            return false;
        }
        (_, int b, int c, int d) = X86Base.CpuId(0, 0);
        return (b, d, c) == (0x68747541, 0x69746E65, 0x444D4163); // "Auth" "enti" "cAMD"
    }
}
