namespace SpeechML.Runs;

/// <summary>What nobody told a run, so that its report lacks it.</summary>
internal static class RunGaps
{
    /// <summary>Name of the part that chooses the epoch.</summary>
    public const string Validation = "validation";

    /// <summary>Sentences that say what is missing and what to call; empty where nothing is.</summary>
    public static IReadOnlyList<string> Of(SpeechRun run)
    {
        var gaps = new List<string>();
        if (run.Evaluations.Count == 0)
        {
            gaps.Add("No part of the data was evaluated. Call run.Evaluate(model, split, columns).");
        }
        if (!run.RunEnvironment.Data.Keys.Except(run.Evaluations.Select(e => e.Split)).Any())
        {
            gaps.Add("The training data are not recorded. Call run.RecordData(split.Train, columns).");
        }
        if (LacksValidation(run))
        {
            gaps.Add(
                "The validation data, which chose the epoch, are neither recorded nor evaluated. Call " +
                "run.Evaluate(model, split.Validation, columns, \"validation\"), or run.Evaluate(model, split, " +
                "columns) for all parts.");
        }
        return gaps;
    }

    /// <summary>Whether there were validation data, of which the run knows nothing but each epoch's metrics.</summary>
    public static bool LacksValidation(SpeechRun run) =>
        run.Epochs.Any(e => e.Validation is not null)
        && !run.RunEnvironment.Data.Keys.Any(k => k.StartsWith("val", StringComparison.OrdinalIgnoreCase)
            || k.StartsWith("dev", StringComparison.OrdinalIgnoreCase));
}
