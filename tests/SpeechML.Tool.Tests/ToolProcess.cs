using System.Diagnostics;
using System.Runtime.InteropServices;
using SpeechML.TestSupport;

namespace SpeechML.Tool.Tests;

/// <summary>The tool as a user starts it, in a process of its own.</summary>
internal static class ToolProcess
{
    public const int SigInt = 2;

    /// <summary>Runs it to its end.</summary>
    public static (int Code, string Output, string Error) Run(params string[] arguments) =>
        RunWith(null, null, arguments);

    /// <param name="input">What standard input gives; <see langword="null"/> for nothing.</param>
    /// <param name="environment">Changes the environment.</param>
    /// <param name="arguments">The command line.</param>
    public static (int Code, string Output, string Error) RunWith(
        string? input, Action<IDictionary<string, string?>>? environment, params string[] arguments) =>
        ChildProgram.Run("dotnet", [RepositoryFiles.Tool, .. arguments],
            start => environment?.Invoke(start.Environment), input ?? "");

    /// <summary>Runs it in a folder.</summary>
    public static (int Code, string Output, string Error) RunIn(string folder, params string[] arguments) =>
        ChildProgram.Run("dotnet", [RepositoryFiles.Tool, .. arguments], start => start.WorkingDirectory = folder);

    /// <summary>Runs it, expects success, and gives its output.</summary>
    public static string Succeed(params string[] arguments)
    {
        (int code, string output, string error) = Run(arguments);
        Assert.AreEqual(0, code, error);
        return output;
    }

    public static Process Start(Action<IDictionary<string, string?>>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [RepositoryFiles.Tool, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        environment?.Invoke(start.Environment);
        return Process.Start(start)!;
    }

    /// <summary>Sends Ctrl-C.</summary>
    public static void Interrupt(Process process) => Assert.AreEqual(0, Kill(process.Id, SigInt));

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
