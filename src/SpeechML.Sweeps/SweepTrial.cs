using System.Globalization;

namespace SpeechML;

/// <summary>Where a trial of a sweep stands.</summary>
public enum SweepTrialState
{
    /// <summary>It was begun and has not ended: it runs, or goes on when the study does.</summary>
    Running,

    /// <summary>It took all its epochs (or stopped early by its own options), in all its runs.</summary>
    Finished,

    /// <summary>The pruner stopped it.</summary>
    Pruned,

    /// <summary>It threw, ran out of memory or had no figure; see <see cref="SweepTrial.Error"/>.</summary>
    Failed,

    /// <summary>It was cancelled.</summary>
    Cancelled,
}

/// <summary>One point of the learning curve.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="TrainingLoss">Mean loss of the training data in this epoch.</param>
/// <param name="Validation">The figures of the validation data.</param>
/// <param name="BestEpoch">The best epoch so far, whose weights the model has if the options keep them.</param>
/// <param name="Seconds">Seconds since the run began or was gone on with.</param>
public sealed record SweepEpoch(
    int Epoch, double TrainingLoss, ValidationMetrics Validation, int? BestEpoch, double Seconds);

/// <summary>One fit of a trial: its options under one seed, on one part of the data.</summary>
/// <param name="Index">Number of the run within the trial, from 0.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Fold">Number of the fold that was held out, from 0; 0 without folds.</param>
/// <param name="Curve">The learning curve.</param>
/// <param name="Value">The sweep's metric in the epoch whose weights the model has; <see langword="null"/> until the
/// run has ended.</param>
public sealed record SweepRun(int Index, int Seed, int Fold, IReadOnlyList<SweepEpoch> Curve, double? Value);

/// <summary>One combination of options, with what it came to.</summary>
/// <param name="Number">Number of the trial, from 1.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Parameters">The values of the parameters that take part: numbers, flags, texts; enum values by
/// name.</param>
/// <param name="Runs">Its fits: seeds times folds.</param>
/// <param name="Value">The sweep's metric, mean over the runs; of a stopped trial, by its last epoch.
/// <see langword="null"/> where there is none.</param>
/// <param name="StandardDeviation">Sample standard deviation over the runs; <see langword="null"/> with fewer than
/// two.</param>
/// <param name="Seconds">Seconds that it took in all.</param>
/// <param name="PeakMemory">Greatest working set of the process that was seen at the end of an epoch (bytes).</param>
/// <param name="Error">Why it failed; else <see langword="null"/>.</param>
public sealed record SweepTrial(
    int Number,
    SweepTrialState State,
    IReadOnlyDictionary<string, object> Parameters,
    IReadOnlyList<SweepRun> Runs,
    double? Value,
    double? StandardDeviation,
    double Seconds,
    long PeakMemory,
    string? Error)
{
    /// <summary>
    /// The parameters as one reads them: <c>Freezing=Half HeadLearningRate=0.001</c>, numbers to four digits.
    /// </summary>
    public string ParameterText =>
        string.Join(' ', Parameters.Select(
        p => string.Create(CultureInfo.InvariantCulture,
        $"{p.Key}={(p.Value is double d ? d.ToString("G4", CultureInfo.InvariantCulture) : p.Value)}")));

    /// <summary>Epochs that were run, over all runs.</summary>
    public int Epochs => Runs.Sum(r => r.Curve.Count);
}
