using SpeechML.Encoders.Native;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using SpeechML.Benchmarks.Peers;

namespace SpeechML.Benchmarks.Workers;

/// <summary>
/// The parent's end of a <see cref="Worker"/>. A process-wide setting of ours (the allocator) does not reach the peers.
/// </summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process _process;

    /// <param name="name">What is measured.</param>
    /// <param name="side">Which side, or which size, of it.</param>
    /// <param name="ourAllocator">Whether this library may set the allocator up.</param>
    public WorkerProcess(string name, string side, bool ourAllocator)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath!,
            [typeof(Worker).Assembly.Location, Worker.Flag, name, side])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true
        };
        if (!ourAllocator)
        {
            start.Environment[AllocatorSettings.Variable] = "off";
        }
        _process = Process.Start(start)!;
        _ = Answer();
    }

    public double Run() => Ask("run");

    public double PeakMegabytes() => Ask("peak");

    public float[] Check()
    {
        string path = Path.Combine(PeerFiles.Cache, $"check-{Environment.ProcessId}-{_process.Id}.bin");
        _ = Ask("check " + path);
        float[] values = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray();
        File.Delete(path);
        return values;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private double Ask(string what)
    {
        _process.StandardInput.WriteLine(what);
        return double.Parse(Answer(), CultureInfo.InvariantCulture);
    }

    private string Answer() =>
        _process.StandardOutput.ReadLine()
        ?? throw new InvalidOperationException("A benchmark's process ended before it answered; its error is above.");
}
