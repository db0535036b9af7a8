using System.Runtime.InteropServices;
using SpeechML.Encoders.Native;

namespace SpeechML.Encoders.Tests.Native;

/// <summary>No handler of a signal runs on the stack of a thread that may be inside oneDNN.</summary>
[TestClass]
public sealed class SignalStackTests
{
    private const int Continue = 18, Urgent = 23; // SIGCONT, SIGURG

    [TestMethod]
    public void EnsureLoaded_HandlersOfSignals_RunOnAStackOfTheirOwn()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            Assert.Inconclusive("Linux on x64 only.");
        }
        foreach (int signal in new[] { Continue, Urgent })
        {
            int came = 0;
            using var handled = new ManualResetEventSlim();
            using var registration = PosixSignalRegistration.Create((PosixSignal)signal, context =>
            {
                context.Cancel = true;
                came++;
                handled.Set();
            });
            TorchNativeLibrary.EnsureLoaded();
            Assert.IsFalse(SignalStacks.IsExposed(signal), $"signal {signal}");
            Assert.AreEqual(0, Kill(Environment.ProcessId, signal));
            Assert.IsTrue(handled.Wait(TimeSpan.FromSeconds(20)), $"signal {signal}");
            Assert.AreEqual(1, came);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
