using System.CommandLine;
using System.CommandLine.Help;
using System.Runtime.InteropServices;
using SpeechML.Audio.Options;

namespace SpeechML.Tool.Cli;

/// <summary>The whole command line.</summary>
internal static class ToolCommand
{
    public const string Name = "speechml";

    private static readonly Option<bool> s_quiet = new("--quiet", "-q")
    {
        Description = "No progress, only results and errors",
        Recursive = true,
    };

    private static readonly Option<bool> s_json = new("--json")
    {
        Description = "Results as JSON on standard output, for programs",
        Recursive = true,
    };

    public static RootCommand Create()
    {
        var root = new RootCommand("Trains, evaluates and uses models of speech.") { s_quiet, s_json };
        IEnumerable<IVerb> verbs = typeof(IVerb).Assembly.GetTypes()
            .Where(t => t.IsClass && !t.IsAbstract && t.IsAssignableTo(typeof(IVerb)))
            .Select(t => (IVerb)Activator.CreateInstance(t)!).OrderBy(v => v.Order);
        foreach (IVerb verb in verbs)
        {
            root.Subcommands.Add(verb.Create());
        }
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ToolHelp();
        foreach (string odd in new[] { "-?", "/?", "/h" })
        {
            help.Aliases.Remove(odd); // completed as words, and '/h' may be a folder
        }
        return root;
    }

    /// <summary>Parses and runs; never throws.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] arguments)
    {
        ParseResult parsed = Create().Parse(arguments);
        bool completes = arguments.FirstOrDefault()?.StartsWith("[suggest", StringComparison.Ordinal) == true;
        return parsed.Errors.Count == 0 || parsed.Action is ToolHelp || completes
            ? parsed.Invoke(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            })
            : WriteErrors(parsed);
    }

    /// <summary>Sets what a verb does; errors and Ctrl-C are answered here.</summary>
    /// <param name="command">The verb's command.</param>
    /// <param name="run">Does it, and gives the exit code.</param>
    /// <param name="goesOn">What goes on after Ctrl-C, <c>The same command</c>; <see langword="null"/> where it begins
    /// anew.</param>
    public static void SetVerb(
        this Command command, Func<ParseResult, ToolOutput, CancellationToken, int> run,
        Func<ParseResult, string?>? goesOn = null) =>
        command.SetAction(parsed =>
        {
            var output = new ToolOutput(parsed.GetValue(s_quiet), parsed.GetValue(s_json));
            using var stop = new CancellationTokenSource();
            void Stop(PosixSignalContext signal)
            {
                // The second signal ends the process as it would without us.
                signal.Cancel = !stop.IsCancellationRequested;
                stop.Cancel();
            }
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            try
            {
                return run(parsed, output, stop.Token);
            }
            catch (UsageException e)
            {
                ToolOutput.Error($"{e.Message}\nSee '{Name} {command.Name} --help'.");
                return ExitCode.Usage;
            }
            catch (Exception e) when (Stopped(e) && stop.IsCancellationRequested)
            {
                ToolOutput.Error(goesOn?.Invoke(parsed) is { } what ? $"Stopped. {what} goes on."
                    : "Stopped. Nothing is kept: the same command begins anew.");
                return ExitCode.Stopped;
            }
            catch (Exception e) when (IsExpected(e))
            {
                ToolOutput.Error(Words(e));
                return ExitCode.Failed;
            }
        });

    /// <summary>The message without the name of a parameter in our code, which .NET puts behind it.</summary>
    private static string Words(Exception e) => e is ArgumentException { ParamName: { } parameter }
        ? e.Message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal) : e.Message;

    private static bool Stopped(Exception e) => e is OperationCanceledException
        || (e is AggregateException several && several.InnerExceptions.All(Stopped));

    // Others are faults of the program: the runtime shows them with their stack.
    private static bool IsExpected(Exception e) => e is InvalidDataException or ArgumentException or IOException
        or InvalidOperationException or AudioException or CheckpointException or HubException or FormatException
        or TimeoutException or UnauthorizedAccessException or NotSupportedException or DllNotFoundException;

    /// <summary>The error last, and nothing that buries it.</summary>
    private static int WriteErrors(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string[] unknown = [.. parsed.UnmatchedTokens];
        IEnumerable<string> said = unknown.Length > 0 ? unknown.Take(1).Select(t => Unknown(command, t))
            : parsed.Errors.Select(e => e.Message).Distinct();
        foreach (string message in said)
        {
            Console.Error.WriteLine(message);
        }
        string verb = command is RootCommand ? "" : $" {command.Name}";
        Console.Error.WriteLine($"See '{Name}{verb} --help'.");
        return ExitCode.Usage;
    }

    private static string Unknown(Command command, string token)
    {
        bool option = token.StartsWith('-');
        IEnumerable<string> known = option
            ? command.Options.Concat([s_quiet, s_json]).SelectMany(o => o.Aliases.Prepend(o.Name))
                .Where(n => n.StartsWith("--", StringComparison.Ordinal))
            : command.Subcommands.Select(c => c.Name);
        string what = option ? "an option" : command is RootCommand ? "a verb" : "an argument";
        string where = command is RootCommand ? Name : $"{Name} {command.Name}";
        string nearest = NearestName.Say(token, known, n => $"; the nearest is '{n}'");
        return $"Command line: '{token}' is not {what} of '{where}'{nearest}.";
    }
}
