using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using SpeechML.Model.HuggingFace;
using Spectre.Console;

namespace SpeechML.Tool.Cli;

/// <summary>
/// Results go to standard output, progress and errors to standard error. A terminal gets bars and tables with lines,
/// anything else plain text.
/// </summary>
/// <param name="quiet">No progress.</param>
/// <param name="json">Results as JSON.</param>
internal sealed class ToolOutput(bool quiet, bool json)
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public bool Json => json;

    /// <summary>Whether progress is shown.</summary>
    public bool ShowsProgress => !quiet;

    /// <summary>Whether standard error is a terminal.</summary>
    public static bool IsTerminal => !Console.IsErrorRedirected;

    /// <summary>Columns of the terminal, or of lines that go elsewhere.</summary>
    public static int Width => IsTerminal ? Math.Max(20, AnsiConsole.Profile.Width) : 100;

    /// <summary>What the training tells; <see langword="null"/> where nothing is shown.</summary>
    public IProgress<TrainingProgress>? Training => quiet ? null
        : new TextProgress(Console.Error, new TextProgressOptions
        {
            Interactive = IsTerminal,
            Width = Width,
        });

    /// <summary>A line of progress or a remark.</summary>
    public void Note(string text)
    {
        if (!quiet)
        {
            Console.Error.WriteLine(text);
        }
    }

    /// <summary>A context whose warnings and downloads are told, each once.</summary>
    /// <param name="seed">The seed; <see langword="null"/> for none.</param>
    public MLContext Context(int? seed = null)
    {
        var context = new MLContext(seed);
        var said = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        context.Log += (_, e) =>
        {
            bool warns = e.Kind == ChannelMessageKind.Warning;
            if ((warns || e.RawMessage.StartsWith(DownloadLines.Start, StringComparison.Ordinal))
                && said.TryAdd(e.RawMessage, true))
            {
                Note(warns ? $"warning: {e.RawMessage}" : e.RawMessage);
            }
        };
        return context;
    }

    public static void Error(string text) => Console.Error.WriteLine(text);

    /// <summary>A line of the result; not where the result is JSON.</summary>
    public void Line(string text)
    {
        if (!json)
        {
            Console.Out.WriteLine(text);
        }
    }

    /// <summary>The result as JSON, where that is asked for.</summary>
    public void Result(object value)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(value, s_json));
        }
    }

    /// <summary>A table of the result; not where the result is JSON.</summary>
    public void Table(IReadOnlyList<string> header, IReadOnlyList<string[]> rows)
    {
        if (json)
        {
            return;
        }
        if (!Console.IsOutputRedirected)
        {
            var table = new Table().Border(TableBorder.Rounded);
            foreach (string column in header)
            {
                table.AddColumn(Markup.Escape(column));
            }
            foreach (string[] row in rows)
            {
                table.AddRow([.. row.Select(Markup.Escape)]);
            }
            AnsiConsole.Write(table);
            return;
        }
        int[] widths = [.. header.Select((h, i) => rows.Select(r => r[i].Length).Append(h.Length).Max())];
        foreach (IReadOnlyList<string> row in rows.Prepend(header))
        {
            Console.Out.WriteLine(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    /// <summary>Runs work that tells how many of a known number are done.</summary>
    /// <param name="what">What is done: <c>Scoring</c>.</param>
    /// <param name="unit">What is counted: <c>files</c>.</param>
    /// <param name="total">How many there are; <see langword="null"/> where that is not known.</param>
    /// <param name="work">Calls what it is given with the number that is done.</param>
    public T Progress<T>(string what, string unit, long? total, Func<Action<long>, T> work)
    {
        if (quiet)
        {
            return work(_ => { });
        }
        if (!IsTerminal)
        {
            using var lines = new ProgressLines(Console.Error, what, unit, total);
            return work(lines.Report);
        }
        IAnsiConsole error =
            AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return error.Progress().AutoClear(false).Columns(
            new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RateColumn(unit),
            new RemainingTimeColumn()).Start(context =>
            {
                ProgressTask task = context.AddTask(what, maxValue: total ?? 1);
                task.IsIndeterminate = total is null;
                return work(done => task.Value = done);
            });
    }

    private sealed class RateColumn(string unit) : ProgressColumn
    {
        public override Spectre.Console.Rendering.IRenderable Render(
            Spectre.Console.Rendering.RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(FormattableString.Invariant($"{task.Speed ?? 0:F1} {unit}/s"));
    }
}
