using SpeechML.Tool.Cli;

namespace SpeechML.ToolHost;

/// <summary>A command line.</summary>
/// <param name="Arguments">What stands behind the tool's name.</param>
/// <param name="Folder">Where it runs; <see langword="null"/> for this process's folder.</param>
/// <param name="Input">What standard input gives.</param>
internal sealed record ToolCall(string[] Arguments, string? Folder, string Input)
{
    private const int Crashed = 134; // as a process ends whose exception nobody catches

    /// <summary>Runs it as <c>Main</c> does, with standard input, output and error of its own.</summary>
    public static ToolAnswer Run(ToolCall call)
    {
        string before = Environment.CurrentDirectory;
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        using var input = new StringReader(call.Input);
        Console.SetIn(input);
        Console.SetOut(output);
        Console.SetError(error);
        Environment.CurrentDirectory = call.Folder ?? before;
        int code;
        try
        {
            code = ToolCommand.Run(call.Arguments);
        }
#pragma warning disable CA1031 // Whatever it is: the test shows it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            code = Crashed;
            error.WriteLine(e);
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
        return new ToolAnswer(code, output.ToString(), error.ToString());
    }
}
