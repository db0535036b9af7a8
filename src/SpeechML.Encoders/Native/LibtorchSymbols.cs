using System.Runtime.InteropServices;

namespace SpeechML.Encoders.Native;

/// <summary>
/// Functions of libtorch that are called although TorchSharp does not bind them; C++ ones under their Itanium names. A
/// test fails when the libtorch of the build lacks one. Kernels/README.md says what is then lost.
/// </summary>
internal static class LibtorchSymbols
{
    public const string Library = "libtorch_cpu.so";

    /// <summary>The C function behind <c>mkldnn::_linear_pointwise</c>.</summary>
    public const string LinearPointwise = "aoti_torch_cpu__linear_pointwise";

    /// <summary>The C function behind <c>mkldnn::_convolution_pointwise</c>.</summary>
    public const string ConvolutionPointwise = "aoti_torch_cpu_mkldnn__convolution_pointwise";

    /// <summary><c>at::native::mkldnn_matmul</c> of three constant tensors and two floats.</summary>
    public const string MatrixProduct = "_ZN2at6native13mkldnn_matmulERKNS_6TensorES3_S3_ff";

    /// <summary>
    /// The C function that calls an operator by name: here <c>mkldnn::_reorder_linear_weight</c>.
    /// </summary>
    public const string Dispatcher = "aoti_torch_call_dispatcher";

    /// <summary>The C function that makes another handle of a tensor, which the dispatcher takes over.</summary>
    public const string NewHandle = "aoti_torch_new_tensor_handle";

    /// <summary><c>at::globalContext()</c>.</summary>
    public const string GlobalContext = "_ZN2at13globalContextEv";

    /// <summary><c>at::Context::setUserEnabledNNPACK(bool)</c>.</summary>
    public const string SetNnpack = "_ZN2at7Context20setUserEnabledNNPACKEb";

    /// <summary>GNU OpenMP's parallel region, in a library that libtorch is linked with.</summary>
    public const string OpenMPParallel = "GOMP_parallel";

    /// <summary><c>at::TensorBase::_version() const</c>.</summary>
    public const string Version = "_ZNK2at10TensorBase8_versionEv";

    /// <summary>
    /// libtorch, on Linux. TorchSharp is started first: whoever asked before it would find nothing, and remember that.
    /// </summary>
    public static bool TryLoad(out IntPtr library)
    {
        library = IntPtr.Zero;
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }
        try
        {
            TorchNativeLibrary.EnsureLoaded();
        }
        catch (Exception error) when (error is DllNotFoundException or IOException
            or UnauthorizedAccessException or InvalidOperationException)
        {
            return false; // the first use of torch says what is wrong
        }
        return NativeLibrary.TryLoad(Library, out library);
    }

    /// <summary>All that must be there on x64 Linux.</summary>
    public static IReadOnlyList<string> All { get; } =
        [
            LinearPointwise, ConvolutionPointwise, MatrixProduct, Dispatcher, NewHandle, GlobalContext, SetNnpack,
            OpenMPParallel, Version,
        ];
}
