using System.Diagnostics;

namespace SpeechML.TestSupport;

/// <summary>A program in a process of its own, run to its end.</summary>
internal static class ChildProgram
{
    /// <summary>Runs it.</summary>
    /// <param name="program">Its name or path.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="set">Changes folder and environment.</param>
    /// <param name="input">What standard input gives; <see langword="null"/> for this process's own.</param>
    /// <returns>Exit code, standard output and standard error.</returns>
    public static (int Code, string Output, string Error) Run(
        string program, IEnumerable<string> arguments, Action<ProcessStartInfo>? set = null, string? input = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = input is not null,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        set?.Invoke(start);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        process.WaitForExit();
        return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Runs a program of .NET, expects success, and gives its output.</summary>
    /// <inheritdoc cref="Run"/>
    public static string Succeed(
        string program, IEnumerable<string> arguments, Action<ProcessStartInfo>? set = null)
    {
        (int code, string output, string error) = Run("dotnet", [program, .. arguments], set);
        Assert.AreEqual(0, code, output + error);
        return output;
    }
}
