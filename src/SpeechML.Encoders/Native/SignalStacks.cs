using System.Runtime.InteropServices;

namespace SpeechML.Encoders.Native;

/// <summary>
/// Has the handlers of signals run on a stack of their own. oneDNN's product of float32 on AVX-512
/// (<c>jit_avx512_common_gemm_f32</c>) points the stack register into a block of the heap for more than some 2,000
/// inner elements: what a signal then puts on the stack of that thread overwrites what lies before the block, and the
/// process ends ("corrupted size vs. prev_size"). So did Ctrl+Z and <c>fg</c>, and Ctrl+C, while an encoder was
/// fine-tuned. Every thread of .NET has another stack for signals, but .NET asks for it for its own errors only.
/// </summary>
internal static unsafe partial class SignalStacks
{
    private const int OnStack = 0x08000000; // SA_ONSTACK
    private const int Signals = 31; // those with names; .NET and glibc use the others for themselves

    /// <summary>
    /// Asks for it in all handlers that there are: quick, and again for those that came since the last call.
    /// </summary>
    public static void Apply()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return;
        }
        for (int signal = 1; signal <= Signals; signal++)
        {
            Action action;
            // SIG_DFL is 0, SIG_IGN is 1.
            if (sigaction(signal, null, &action) == 0 && action.Handler > 1 && (action.Flags & OnStack) == 0)
            {
                action.Flags |= OnStack;
                _ = sigaction(signal, &action, null);
            }
        }
    }

    /// <summary>Whether a signal has a handler that runs on the thread's own stack.</summary>
    public static bool IsExposed(int signal)
    {
        Action action;
        return sigaction(signal, null, &action) == 0 && action.Handler > 1 && (action.Flags & OnStack) == 0;
    }

    [LibraryImport("libc")]
    private static partial int sigaction(int signal, Action* wanted, Action* found);

    // struct sigaction of glibc and musl, 64 bits.
    [StructLayout(LayoutKind.Sequential)]
    private struct Action
    {
        public nint Handler;
        public fixed ulong Mask[16];
        public int Flags;
        public nint Restorer;
    }
}
