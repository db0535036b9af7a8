using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Native;

/// <summary>
/// How often a tensor's values were changed in place, which torch counts and TorchSharp does not show. Arithmetic of
/// our own on its memory does not count.
/// </summary>
internal static unsafe class TensorVersion
{
    private static readonly delegate* unmanaged[Cdecl]<IntPtr, long> s_version =
        LibtorchSymbols.TryLoad(out IntPtr library)
            && NativeLibrary.TryGetExport(library, LibtorchSymbols.Version, out IntPtr function)
            ? (delegate* unmanaged[Cdecl]<IntPtr, long>)function : null;

    private static long s_written;

    /// <summary>
    /// How often arithmetic of our own wrote to the memory of any weight: what was computed from weights holds while
    /// neither this nor their versions change.
    /// </summary>
    public static long Written => Interlocked.Read(ref s_written);

    /// <summary>Says that memory of a weight was written without torch.</summary>
    public static void NoteWritten() => Interlocked.Increment(ref s_written);

    /// <summary>The count; <see langword="null"/> where libtorch does not export the function.</summary>
    public static long? Of(Tensor tensor)
    {
        if (s_version is null)
        {
            return null;
        }
        long version = s_version(tensor.Handle);
        GC.KeepAlive(tensor);
        return version;
    }
}
