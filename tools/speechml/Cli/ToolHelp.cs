using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;
using Spectre.Console;

namespace SpeechML.Tool.Cli;

/// <summary>
/// The help: a screen for the tool, for a verb and for a group of options. Options of configuration files are shown by
/// group, <c>--help-options lora</c>, because there are some two hundred.
/// </summary>
internal sealed partial class ToolHelp : SynchronousCommandLineAction
{
    private const int MaxWidth = 100;
    private const int MinWidth = 50;

    /// <summary>Columns of the help: no more than the terminal has.</summary>
    private static int Width => Console.IsOutputRedirected ? MaxWidth
        : Math.Clamp(AnsiConsole.Profile.Width - 1, MinWidth, MaxWidth);

    // Columns of an option's name and type.
    private static int Names => Width < 80 ? Width / 3 : 34;

    /// <summary>Verbs whose options of configuration files are shown by group.</summary>
    public static Dictionary<Command, IOptionGroups[]> Grouped { get; } = [];

    public override int Invoke(ParseResult parseResult)
    {
        Command command = parseResult.CommandResult.Command;
        Console.Out.Write(Text(command));
        return ExitCode.Done;
    }

    /// <summary>The help of a command.</summary>
    public static string Text(Command command)
    {
        var text = new StringWriter { NewLine = "\n" };
        text.WriteLine(command.Description);
        text.WriteLine();
        string arguments = string.Concat(command.Arguments.Select(a => $"<{a.Name}> "));
        string usage = command is RootCommand ? $"{ToolCommand.Name} <verb> [options]"
            : $"{ToolCommand.Name} {command.Name} {arguments}[options]";
        text.WriteLine($"Usage: {usage}");
        if (command.Subcommands.Count > 0)
        {
            text.WriteLine("\nVerbs:");
            foreach (Command verb in command.Subcommands)
            {
                Write(text, verb.Name, verb.Description ?? "");
            }
        }
        if (command.Arguments.Count > 0)
        {
            text.WriteLine("\nArguments:");
            foreach (Argument argument in command.Arguments)
            {
                Write(text, $"<{argument.Name}>", argument.Description ?? "");
            }
        }
        text.WriteLine("\nOptions:");
        HashSet<string> grouped = [.. GroupsOf(command).SelectMany(g => g).Select(l => l.Name)];
        foreach (Option option in command.Options.Where(
            o => !grouped.Contains(o.Name) && !o.Aliases.Any(grouped.Contains) && !o.Hidden))
        {
            string name = option.Aliases.FirstOrDefault(a => a.Length == 2) is { } letter
                ? $"{option.Name}, {letter}" : option.Name;
            string value = option.HelpName is { } help ? $" <{help}>" : "";
            Write(text, name + value, (option.Description ?? "") + (option.HasDefaultValue && !IsFlag(option)
                ? $" [{option.GetDefaultValue()}]" : ""));
        }
        WriteGroups(text, command);
        if (command is RootCommand)
        {
            text.WriteLine();
            WriteWords(text, "", 0, "Exit codes: 0 done; 1 failed; 2 wrong command line; 3 done, but some files " +
                "could not be scored or a check found something; 130 stopped by Ctrl-C (train with --resume, " +
                "sweep and predict with --output go on).");
        }
        return text.ToString();
    }

    /// <summary>The help of a group of options.</summary>
    /// <exception cref="UsageException">There is no such group.</exception>
    public static string GroupText(Command command, string name)
    {
        IGrouping<string, HelpLine> group = GroupsOf(command).FirstOrDefault(g => g.Key == name)
            ?? throw new UsageException(
                $"Group of options: expected one of {string.Join(", ", GroupsOf(command).Select(g => g.Key))}, got " +
                $"'{name}'.");
        var text = new StringWriter { NewLine = "\n" };
        text.WriteLine($"Options of '{ToolCommand.Name} {command.Name}', group '{name}' [default]:");
        foreach (HelpLine line in group)
        {
            string standard = line.Default is null ? "" : $" [{Short(line.Default)}]";
            Write(text, $"{line.Name} <{Kind(line.Expected)}>", FirstSentence(line.Summary) + standard
                + (line.Expected.Contains("one of", StringComparison.Ordinal) ? $" {Choices(line.Expected)}" : ""));
        }
        return text.ToString();
    }

    public static IEnumerable<IGrouping<string, HelpLine>> GroupsOf(Command command) =>
        Grouped.TryGetValue(command, out IOptionGroups[]? groups) ? groups.SelectMany(g => g.Groups) : [];

    private static void WriteGroups(StringWriter text, Command command)
    {
        IGrouping<string, HelpLine>[] groups = [.. GroupsOf(command)];
        if (groups.Length == 0)
        {
            return;
        }
        text.WriteLine($"\nMore options, by group ('{ToolCommand.Name} {command.Name} --help-options GROUP'):");
        foreach (IGrouping<string, HelpLine> group in groups)
        {
            string[] names = [.. group.Take(3).Select(l => l.Name)];
            string others = group.Count() > names.Length ? $" and {group.Count() - names.Length} more" : "";
            Write(text, group.Key, string.Join(", ", names) + others);
        }
    }

    private static bool IsFlag(Option option) => option.ValueType == typeof(bool);

    private static string Kind(string expected) => expected.Contains("true or false", StringComparison.Ordinal) ? "flag"
        : expected.StartsWith("a list", StringComparison.Ordinal) ? "list"
        : expected.StartsWith("a whole number", StringComparison.Ordinal) ? "integer"
        : expected.StartsWith("a number", StringComparison.Ordinal) ? "number"
        : expected.StartsWith("one of", StringComparison.Ordinal) ? "name"
        : expected.StartsWith("an object", StringComparison.Ordinal) ? "json" : "text";

    private static string Choices(string expected) => Short(expected);

    private static string Short(string text) => text.Length <= 90 ? text : text[..87] + "...";

    // "e.g." and numbers with a point are no ends of sentences.
    private static string FirstSentence(string summary) =>
        SentenceEnd().Match(summary) is { Success: true } end ? summary[..(end.Index + 1)] : summary;

    private static void Write(StringWriter text, string name, string description)
    {
        string line = $"  {name}".PadRight(Names);
        if (line.Length >= Names && name.Length > Names - 3)
        {
            text.WriteLine(line);
            line = new string(' ', Names);
        }
        WriteWords(text, line, Names, description);
    }

    /// <summary>Words on lines of the width, behind an indentation.</summary>
    private static void WriteWords(StringWriter text, string line, int indent, string words)
    {
        foreach (string word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length + word.Length + 1 > Width && line.Length > indent)
            {
                text.WriteLine(line.TrimEnd());
                line = new string(' ', indent);
            }
            line += (line.Length > indent ? " " : "") + word;
        }
        text.WriteLine(line.TrimEnd());
    }

    [GeneratedRegex(@"[.](?= [A-Z])")]
    private static partial Regex SentenceEnd();
}
