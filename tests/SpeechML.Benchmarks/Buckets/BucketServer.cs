using System.Diagnostics;
using SpeechML.TestSupport.GoogleCloud;

namespace SpeechML.Benchmarks.Buckets;

/// <summary>The storage tests' server in a process of its own, with the clips in its bucket.</summary>
internal sealed class BucketServer : IDisposable
{
    public const string Flag = "--bucket";

    private readonly Process _process;

    public BucketServer(string folder)
    {
        _process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!, [typeof(BucketServer).Assembly.Location, Flag, folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Address = new Uri(_process.StandardOutput.ReadLine()!);
    }

    public Uri Address { get; }

    /// <summary>The server's process: serves until its standard input ends.</summary>
    /// <param name="folder">What is in the bucket, under <c>clips/</c>.</param>
    public static int Run(string folder)
    {
        using var server = new GcsServer { Latency = TimeSpan.FromMilliseconds(50) };
        foreach (string file in Directory.GetFiles(folder))
        {
            server.Backend.Put("clips/" + Path.GetFileName(file), File.ReadAllBytes(file));
        }
        Console.WriteLine(server.Address);
        _ = Console.In.ReadToEnd();
        return 0;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
