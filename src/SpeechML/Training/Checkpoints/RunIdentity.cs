using System.Text.Json;

namespace SpeechML.Training.Checkpoints;

/// <summary>What identifies a run: a checkpoint is gone on from by a run of the same identity only.</summary>
/// <param name="Options">The options that bear on the result, as JSON by name.</param>
/// <param name="TrainingClips">Number of training clips.</param>
/// <param name="TrainingHash">SHA-256 over their samples and targets, in order.</param>
/// <param name="ValidationClips">Number of validation clips; 0 without validation data.</param>
/// <param name="ValidationHash">SHA-256 over their samples and targets; empty without validation data.</param>
/// <param name="WeightsHash">SHA-256 over all weights that the run began with.</param>
internal sealed record RunIdentity(
    Dictionary<string, string> Options, int TrainingClips, string TrainingHash, int ValidationClips,
    string ValidationHash, string WeightsHash)
{
    // Where and how often to save, how much memory to take and how columns are called change nothing in the weights.
    private static readonly string[] s_withoutEffect =
    [
        nameof(SpeechTrainingOptions.CheckpointFolder),
        nameof(SpeechTrainingOptions.CheckpointEveryEpochs),
        nameof(SpeechTrainingOptions.CheckpointEverySteps),
        nameof(SpeechTrainingOptions.CacheMemory),
        nameof(SpeechTrainingOptions.CacheFolder),
        nameof(SpeechTrainingOptions.CacheFolderLimit),
        nameof(SpeechTrainingOptions.KeepDownload),
        nameof(SpeechMultiLabelOptions.ScoreColumnName),
        nameof(SpeechMultiLabelOptions.ProbabilityColumnName),
        nameof(SpeechMultiLabelOptions.PredictedLabelColumnName),
    ];

    /// <summary>Every public property of the options' class that bears on the result.</summary>
    public static Dictionary<string, string> Describe(SpeechTrainingOptions options) =>
        JsonSerializer.SerializeToElement(options, options.GetType(), TrainingCheckpoints.Json).EnumerateObject()
            .Where(p => !s_withoutEffect.Contains(p.Name))
            .ToDictionary(p => p.Name, p => p.Value.GetRawText(), StringComparer.Ordinal);

    /// <summary>
    /// The first thing in which this run differs from a checkpoint's; <see langword="null"/> where they are the same.
    /// </summary>
    public string? DifferenceFrom(RunIdentity saved)
    {
        foreach (string name in Options.Keys.Union(saved.Options.Keys).Order(StringComparer.Ordinal))
        {
            string then = Written(name, saved.Options.GetValueOrDefault(name, "no such option"));
            string now = Options.GetValueOrDefault(name, "no such option");
            if (now != then)
            {
                return $"option {name}: expected {then}, got {now}";
            }
        }
        return DataDifference("training", saved.TrainingClips, saved.TrainingHash, TrainingClips, TrainingHash)
            ?? DataDifference("validation", saved.ValidationClips, saved.ValidationHash, ValidationClips,
                ValidationHash)
            ?? (WeightsHash == saved.WeightsHash ? null
                : "initial weights: expected those that the run began with, got others (the encoder's files have " +
                "changed)");
    }

    /// <summary>An option's JSON as it is written today: earlier versions named metrics otherwise.</summary>
    internal static string Written(string option, string json) =>
        option == nameof(SpeechTrainingOptions.EarlyStoppingMetric) && json is ['"', .., '"']
            ? $"\"{SpeechMetrics.NameOf(json[1..^1])}\"" : json;

    private static string? DataDifference(string role, int clipsThen, string hashThen, int clipsNow, string hashNow) =>
        clipsThen != clipsNow ? $"{role} data: expected {clipsThen} clips, got {clipsNow}"
        : hashThen != hashNow
            ? $"{role} data: expected the clips that the run began with, got as many of which some differ in audio, " +
            $"label or order"
        : null;
}
