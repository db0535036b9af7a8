using System.Diagnostics;
using System.Reflection;

namespace SpeechML.TestSupport;

/// <summary>One test of this program in a process of its own, which other tests start, watch and kill.</summary>
internal static class ChildTest
{
    /// <summary>Starts it, with its output redirected.</summary>
    /// <param name="test">The test's name.</param>
    /// <param name="environment">What tells it that it is a child, and what to do; a variable without a value is
    /// removed.</param>
    public static Process Start(string test, params IEnumerable<(string Variable, string? Value)> environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        // Run as `dotnet SpeechML.X.Tests.dll` or as the program itself.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetEntryAssembly()!.Location);
        }
        start.ArgumentList.Add("--filter");
        start.ArgumentList.Add($"Name={test}");
        foreach ((string variable, string? value) in environment)
        {
            start.Environment[variable] = value;
        }
        return Process.Start(start)!;
    }

    /// <summary>Starts the child, lets it come to some point, and kills it a little later.</summary>
    /// <param name="start">Starts it.</param>
    /// <param name="arrived">Whether it has come so far.</param>
    /// <param name="delay">Milliseconds from there to the kill.</param>
    /// <param name="what">What ended too early, for the message: <c>The run ended before kill 2 of 5.</c></param>
    public static void KillAfter(Func<Process> start, Func<bool> arrived, int delay, string what)
    {
        using Process child = start();
        Task<string> output = child.StandardOutput.ReadToEndAsync();
        while (!arrived() && !child.HasExited)
        {
            Thread.Sleep(1);
        }
        Thread.Sleep(delay);
        Assert.IsFalse(child.HasExited, $"{what} {(child.HasExited ? output.Result : "")}");
        child.Kill();
        child.WaitForExit();
    }

    /// <summary>Lets the child come to its end, which must be a good one.</summary>
    public static void RunToTheEnd(Process started)
    {
        using Process child = started;
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.AreEqual(0, child.ExitCode, output);
    }
}
