using System.Diagnostics;
using System.Globalization;

namespace SpeechML.Benchmarks.Deployment;

/// <summary>A program as <c>dotnet publish</c> leaves it.</summary>
internal sealed class PublishedProgram
{
    private const string Platform = "linux-x64";
    private const string Name = "ScoreFolder";

    private readonly string _folder;

    private PublishedProgram(string runtime, string model, bool selfContained, string folder)
    {
        (Runtime, Model, IsSelfContained, _folder) = (runtime, model, selfContained, folder);
    }

    public string Runtime { get; }

    public string Model { get; }

    public bool IsSelfContained { get; }

    /// <summary>Size of all files, in units of 2^20 bytes.</summary>
    public double Megabytes => new DirectoryInfo(_folder).EnumerateFiles("*", SearchOption.AllDirectories)
        .Where(f => f.Extension is not (".pdb" or ".xml")).Sum(f => f.Length) / 1048576.0;

    /// <summary>Publishes a project.</summary>
    /// <param name="runtime">What scores, for the table.</param>
    /// <param name="project">The project's folder.</param>
    /// <param name="model">What the program is given.</param>
    /// <param name="selfContained">Whether .NET comes with it.</param>
    /// <param name="folder">Where to.</param>
    public static PublishedProgram Of(
        string runtime, string project, string model, bool selfContained, string folder)
    {
        var start = new ProcessStartInfo("dotnet",
        [
            "publish", project, "-c", "Release", "-r", Platform,
            selfContained ? "--self-contained" : "--no-self-contained",
            "-o", folder, "-nologo", "-v", "quiet", "--tl:off", "-nodeReuse:false",
        ]);
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode == 0 ? new PublishedProgram(runtime, model, selfContained, folder)
            : throw new InvalidOperationException($"dotnet publish {project}: ended with {process.ExitCode}.");
    }

    /// <summary>Starts it on a folder of clips: seconds to its first line, to its end, and its memory in MB.</summary>
    public (double First, double All, double Peak) Run(string clips)
    {
        var start = new ProcessStartInfo(Path.Combine(_folder, Name), [Model, clips]) { RedirectStandardOutput = true };
        long begin = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        using var done = new CancellationTokenSource();
        double peak = 0;
        Task watch = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                peak = Math.Max(peak, Resident(process.Id));
                Thread.Sleep(5);
            }
        });
        string? line = process.StandardOutput.ReadLine();
        double first = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        _ = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double all = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        done.Cancel();
        watch.Wait();
        return line is not null && process.ExitCode == 0 ? (first, all, peak)
            : throw new InvalidOperationException($"{_folder}/{Name}: ended with {process.ExitCode}.");
    }

    // VmHWM: the most memory that was resident at once so far.
    private static double Resident(int process)
    {
        try
        {
            return File.ReadLines($"/proc/{process}/status")
                .Where(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Select(l => double.Parse(l[6..^2], CultureInfo.InvariantCulture) / 1024).FirstOrDefault();
        }
        catch (IOException)
        {
            return 0; // it has ended
        }
    }
}
