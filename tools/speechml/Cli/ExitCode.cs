namespace SpeechML.Tool.Cli;

/// <summary>What the process ends with; listed in <c>speechml --help</c> and docs/guides/command-line.md.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>What was asked cannot be done: data, model, folder, training.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Done, with something to look at: files that could not be scored, findings of a check.</summary>
    public const int Findings = 3;

    /// <summary>Stopped by Ctrl-C or SIGTERM; the same command goes on.</summary>
    public const int Stopped = 130;
}
