using System.Runtime.InteropServices;

namespace SpeechML.Encoders.Native;

/// <summary>
/// Turns NNPACK off, as <c>torch.backends.nnpack.set_flags(False)</c> does in Python; TorchSharp has no such call.
/// libtorch asks NNPACK in every convolution
/// that oneDNN does not take, and on a processor it does not know it writes "Could not initialize NNPACK" to standard
/// error each time.
/// </summary>
internal static unsafe class NnpackSwitch
{
    /// <summary>
    /// Does nothing where libtorch does not export these two C++ functions under their Itanium names.
    /// </summary>
    public static void TurnOff(IntPtr libtorchCpu)
    {
        if (NativeLibrary.TryGetExport(libtorchCpu, LibtorchSymbols.GlobalContext, out IntPtr globalContext) &&
            NativeLibrary.TryGetExport(libtorchCpu, LibtorchSymbols.SetNnpack, out IntPtr setEnabled))
        {
            IntPtr context = ((delegate* unmanaged[Cdecl]<IntPtr>)globalContext)();
            ((delegate* unmanaged[Cdecl]<IntPtr, byte, void>)setEnabled)(context, 0);
        }
    }
}
