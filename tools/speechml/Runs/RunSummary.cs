using System.Globalization;
using SpeechML.Tool.Cli;

namespace SpeechML.Tool.Runs;

/// <summary>What a run has come to.</summary>
/// <param name="Run">Its folder.</param>
/// <param name="Model">The saved model.</param>
/// <param name="Report">The report.</param>
/// <param name="Outcome">How the training ended.</param>
/// <param name="Evaluations">How good the model is, part by part.</param>
internal sealed record RunSummary(
    string Run, string Model, string Report, TrainingOutcome? Outcome, IReadOnlyList<RunEvaluation> Evaluations)
{
    public void Write(ToolOutput output)
    {
        foreach (RunEvaluation evaluation in Evaluations)
        {
            output.Line(string.Create(CultureInfo.InvariantCulture,
                $"{evaluation.Split}: {evaluation.Rows} clip{(evaluation.Rows == 1 ? "" : "s")}, " +
                $"{evaluation.Subjects} subject{(evaluation.Subjects == 1 ? "" : "s")}"));
            output.Table(["figure", "value", "95 % interval"], [.. evaluation.Figures
                .Where(f => f.Value.Value is not null).Select(f => new[]
                {
                    f.Key, Text(f.Value.Value),
                    f.Value.Interval is { } i ? $"{Text(i.Low.Value)} to {Text(i.High.Value)}" : "",
                })]);
        }
        output.Line($"model: {Model}");
        output.Line($"report: {Report}");
        output.Result(new { Run, Model, Report, Outcome, Evaluations });
    }

    private static string Text(double? value) => value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "undefined";
}
