using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace SpeechML.Encoders.Native;

/// <summary>
/// Loops on the threads that torch computes with. After each of its own loops torch's OpenMP threads wait actively for
/// the next, about a millisecond; .NET's pool would have to share the cores with them.
/// Where libtorch has no GNU OpenMP (Windows, macOS) it is the pool nevertheless.
/// </summary>
internal static unsafe class TorchThreads
{
    private static readonly delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<void*, void>, void*, uint, uint,
        void> s_parallel = Find();

    /// <summary>
    /// Calls <paramref name="body"/> with 0 to before <paramref name="count"/>, on as many threads as torch has, in no
    /// order. What one call throws is thrown when the others have ended.
    /// </summary>
    public static void For(int count, Action<int> body)
    {
        int threads = Math.Min(count, Math.Max(1, torch.get_num_threads()));
        var loop = new Loop { Count = count, Body = body };
        if (threads <= 1)
        {
            loop.Run();
        }
        else if (s_parallel is null)
        {
            _ = Parallel.For(0, threads, _ => loop.Run());
        }
        else
        {
            GCHandle handle = GCHandle.Alloc(loop);
            try
            {
                s_parallel(&Run, (void*)GCHandle.ToIntPtr(handle), (uint)threads, 0);
            }
            finally
            {
                handle.Free();
            }
        }
        loop.Failure?.Throw();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Run(void* handle) => ((Loop)GCHandle.FromIntPtr((IntPtr)handle).Target!).Run();

    /// <summary>libtorch's own OpenMP: the name is looked up in the libraries that it was linked with.</summary>
    private static delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<void*, void>, void*, uint, uint,
        void> Find() =>
        LibtorchSymbols.TryLoad(out IntPtr library)
            && NativeLibrary.TryGetExport(library, LibtorchSymbols.OpenMPParallel, out IntPtr function)
            ? (delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<void*, void>, void*, uint, uint, void>)function
            : null;

    private sealed class Loop
    {
        public int Taken;
        public ExceptionDispatchInfo? Failure;

        public required int Count { get; init; }

        public required Action<int> Body { get; init; }

        /// <summary>Takes numbers until none is left.</summary>
        public void Run()
        {
            for (int i = Interlocked.Increment(ref Taken) - 1; i < Count; i = Interlocked.Increment(ref Taken) - 1)
            {
#pragma warning disable CA1031 // Nothing may pass through native code; it is thrown on the thread that called.
                try
                {
                    Body(i);
                }
                catch (Exception e)
                {
                    _ = Interlocked.CompareExchange(ref Failure, ExceptionDispatchInfo.Capture(e), null);
                }
#pragma warning restore CA1031
            }
        }
    }
}
