using System.Runtime.InteropServices;

namespace SpeechML.Encoders.Native;

/// <summary>
/// Settings of glibc's allocator for tensors that come and go at a few tens of MB. By default glibc maps each of them
/// anew and gives it back, so that every page
/// is zeroed and faulted in again in every operation; with these it keeps them. Only on Linux with glibc: musl, Windows
/// and macOS have no such function.
/// </summary>
internal static unsafe class AllocatorSettings
{
    /// <summary>Environment variable: <c>off</c> leaves the allocator as it is.</summary>
    public const string Variable = "SPEECHML_MALLOC";

    // malloc.h
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MapThreshold = -3;

    // What libtorch allocates while it is loaded, with room to spare; an arena holds 64 MB.
    private const int LoadingBytes = 48 << 20;

    private static int s_applied;
    private static bool s_isGlibc;

    /// <summary>Applies them, once in a process. They last, and hold for everything in it that calls malloc.</summary>
    public static void Apply()
    {
        if (!OperatingSystem.IsLinux() ||
            string.Equals(Environment.GetEnvironmentVariable(Variable), "off", StringComparison.OrdinalIgnoreCase) ||
            Interlocked.Exchange(ref s_applied, 1) != 0)
        {
            return;
        }
        // musl has neither of the two; gnu_get_libc_version tells glibc from whatever else may be called libc.so.6.
        if (!NativeLibrary.TryLoad("libc.so.6", out IntPtr libc) ||
            !NativeLibrary.TryGetExport(libc, "gnu_get_libc_version", out _) ||
            !NativeLibrary.TryGetExport(libc, "mallopt", out IntPtr address))
        {
            return;
        }
        var mallopt = (delegate* unmanaged[Cdecl]<int, int, int>)address;
        // Larger blocks are still mapped (none in a base model). glibc before 2.35 refuses more than 32 MB.
        if (mallopt(MapThreshold, 1 << 30) == 0)
        {
            _ = mallopt(MapThreshold, 32 << 20);
        }
        _ = mallopt(TrimThreshold, int.MaxValue);
        s_isGlibc = true;
        // 64 MB: the heap grows in steps that hold a batch's activations, not in one system call per tensor.
        _ = mallopt(TopPad, 64 << 20);
    }

    /// <summary>
    /// Lets the calling thread's arena grow at once by what loading libtorch takes. The arena of a thread that is not
    /// the first one grows by a page or two at a time, in ten thousand system calls, and other threads wait for each.
    /// </summary>
    public static void ReserveForLoading()
    {
        if (s_isGlibc)
        {
            NativeMemory.Free(NativeMemory.Alloc(LoadingBytes));
        }
    }
}
