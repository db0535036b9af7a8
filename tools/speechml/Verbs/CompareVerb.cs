using System.CommandLine;
using Microsoft.ML;
using SpeechML.Tool.Cli;
using SpeechML.Tool.Runs;

namespace SpeechML.Tool.Verbs;

/// <summary>Puts runs beside one another: <c>speechml compare runs/1 runs/2 --output comparison.html</c>.</summary>
internal sealed class CompareVerb : IVerb
{
    private readonly Argument<string[]> _folders = new("runs")
    {
        Description = "The folders of two runs or more; the others are compared with the first",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _split = new("--split")
    {
        Description = "The part of the data; without it test, or else the first that all runs were evaluated on",
        HelpName = "part",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "Also writes an HTML page with the figures of all runs",
        HelpName = "file",
    };

    public int Order => 8;

    public Command Create()
    {
        var command = new Command(
            "compare", "Compares runs on the same clips, paired by subject: differences, intervals, p-values.")
        { _folders, _split, _output };
        command.SetVerb((parsed, output, cancellation) =>
        {
            string[] folders = [.. parsed.GetValue(_folders)!.Select(f => SavedModel.FindRun(f, "compare on"))];
            SpeechRunComparison comparison = output.Context().Speech().CompareRuns(
                folders, parsed.GetValue(_split)!, cancellationToken: cancellation);
            output.Line($"part: {comparison.Split}, against {comparison.Runs[0].Name}");
            output.Table(["run", "metric", "difference", "p, corrected"], [.. comparison.Differences.Select(d =>
                (string[])[d.Run, d.Metric.Name, d.Difference.ToString(),
                d.AdjustedPValue is { } p ? FormattableString.Invariant($"{p:F4}") : ""])]);
            if (comparison.Untested is { } why)
            {
                output.Line($"not tested: {why}");
            }
            string? page = parsed.GetValue(_output);
            if (page is not null)
            {
                page = ConfiguredRun.Whole(page);
                SpeechReport.Write(comparison, page);
                output.Line($"report: {page}");
            }
            output.Result(new
            {
                comparison.Split,
                Runs = comparison.Runs.Select(r => r.Name),
                Differences = comparison.Differences.Select(d => new
                {
                    d.Run,
                    Metric = d.Metric.Name,
                    Estimate = d.Difference.Estimate.Value,
                    Low = d.Difference.Low.Value,
                    High = d.Difference.High.Value,
                    PValue = d.Difference.PValue.Value,
                    d.AdjustedPValue,
                }),
                comparison.Untested,
                Report = page,
            });
            return ExitCode.Done;
        });
        return command;
    }
}
