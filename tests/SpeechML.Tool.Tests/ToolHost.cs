using System.Diagnostics;
using System.Text.Json;
using SpeechML.TestSupport;

namespace SpeechML.Tool.Tests;

/// <summary>
/// The tool in one process for all command lines that need none of their own (<c>tests/SpeechML.ToolHost</c>). Every
/// verb runs as a user starts it in some test (<see cref="ToolProcess"/>); the others share what a start takes.
/// </summary>
internal static class ToolHost
{
    private static readonly Lock s_lock = new();
    private static readonly Queue<string> s_said = [];
    private static Process? s_process;

    /// <summary>Runs a command line.</summary>
    public static (int Code, string Output, string Error) Run(params string[] arguments) => Run(null, arguments);

    /// <summary>Runs it in a folder.</summary>
    public static (int Code, string Output, string Error) RunIn(string folder, params string[] arguments) =>
        Run(folder, arguments);

    /// <summary>Runs it, expects success, and gives its output.</summary>
    public static string Succeed(params string[] arguments)
    {
        (int code, string output, string error) = Run(arguments);
        Assert.AreEqual(0, code, error);
        return output;
    }

    /// <summary>Ends the process.</summary>
    public static void Stop()
    {
        if (s_process is null)
        {
            return;
        }
        s_process.StandardInput.Close();
        s_process.WaitForExit();
        s_process.Dispose();
        s_process = null;
    }

    private static (int Code, string Output, string Error) Run(string? folder, string[] arguments)
    {
        lock (s_lock)
        {
            s_process ??= Start();
            s_process.StandardInput.WriteLine(
                JsonSerializer.Serialize(new { Arguments = arguments, Folder = folder, Input = "" }));
            s_process.StandardInput.Flush();
            string? line = s_process.StandardOutput.ReadLine();
            Assert.IsNotNull(
                line, $"The process ended in '{string.Join(' ', arguments)}'. {string.Join('\n', s_said)}");
            JsonElement answer = JsonDocument.Parse(line).RootElement;
            return (answer.GetProperty("Code").GetInt32(), answer.GetProperty("Output").GetString()!,
                answer.GetProperty("Error").GetString()!);
        }
    }

    private static Process Start()
    {
        // With its output redirected, as with ToolProcess: nothing is written as to a terminal.
        Process process = Process.Start(new ProcessStartInfo("dotnet", [RepositoryFiles.ToolHost])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.ErrorDataReceived += (_, e) => s_said.Enqueue(e.Data ?? "");
        process.BeginErrorReadLine();
        return process;
    }
}
