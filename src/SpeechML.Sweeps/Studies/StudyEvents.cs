using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpeechML.Sweeps.Studies;

/// <summary>
/// One line of a study's log. What a study is follows from its events alone, in their order, whichever process wrote
/// them: a report or a server reads the same file.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(StudyBegun), "study")]
[JsonDerivedType(typeof(TrialBegun), "trial")]
[JsonDerivedType(typeof(TrialTaken), "taken")]
[JsonDerivedType(typeof(EpochEnded), "epoch")]
[JsonDerivedType(typeof(RunEnded), "run")]
[JsonDerivedType(typeof(TrialEnded), "end")]
internal abstract record StudyEvent
{
    /// <summary>When (UTC); nothing is decided by it.</summary>
    public DateTime At { get; init; }

    /// <summary>Number of the trial that it is about, if it is about one.</summary>
    [JsonIgnore]
    public int? OfTrial => this switch
    {
        TrialBegun begun => begun.Trial,
        TrialTaken taken => taken.Trial,
        EpochEnded epoch => epoch.Trial,
        RunEnded run => run.Trial,
        TrialEnded ended => ended.Trial,
        _ => null,
    };
}

/// <summary>The first line.</summary>
/// <param name="Format">Version of the log's format.</param>
/// <param name="Identity">What the study is, by name: only the same sweep can resume it.</param>
/// <param name="Plan">The fits of each trial.</param>
/// <param name="Parameters">Names of the search space's parameters, in order.</param>
internal sealed record StudyBegun(
    int Format, IReadOnlyDictionary<string, string> Identity, RunPlan? Plan = null,
    IReadOnlyList<string>? Parameters = null) : StudyEvent
{
    /// <summary>
    /// Format 1 had neither plan nor parameters, fitted the preprocessing on held-out data, and had other folds.
    /// </summary>
    public const int CurrentFormat = 2;
}

/// <summary>A trial was begun.</summary>
/// <param name="Trial">Its number, from 1.</param>
/// <param name="Parameters">What it tries.</param>
/// <param name="Worker">Who has it, where several workers share the study: with lease 1.</param>
internal sealed record TrialBegun(int Trial, IReadOnlyDictionary<string, JsonElement> Parameters, string? Worker = null)
    : StudyEvent;

/// <summary>A worker took over a trial that another had, or gave its own back.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="Lease">The lease from now on: reports under any other are not accepted.</param>
/// <param name="Worker">Who has it; <see langword="null"/> where it is anyone's to take.</param>
internal sealed record TrialTaken(int Trial, int Lease, string? Worker) : StudyEvent;

/// <summary>An epoch ended.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="Run">The run within it, from 0.</param>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Epochs">Epochs of the run in all.</param>
/// <param name="Step">Optimizer steps done: which checkpoint is of this epoch.</param>
/// <param name="TrainingLoss">Mean loss of the training data.</param>
/// <param name="Validation">Figures of the validation data.</param>
/// <param name="BestEpoch">The best epoch so far.</param>
/// <param name="Seconds">Seconds since the run began or was gone on with.</param>
/// <param name="Memory">Working set (bytes).</param>
internal sealed record EpochEnded(
    int Trial, int Run, int Epoch, int Epochs, long Step, double TrainingLoss, ValidationMetrics Validation,
    int? BestEpoch, double Seconds, long Memory) : StudyEvent
{
    /// <summary>The epoch that a step ended; <see langword="null"/> where it ended none that was validated.</summary>
    public static EpochEnded? Of(int trial, int run, TrainingProgress step) =>
        step is { EpochLoss: { } loss, Validation: { } validation }
        ? new EpochEnded(trial, run, step.Epoch, step.Epochs, step.Step, loss, validation, step.BestEpoch,
            step.Elapsed.TotalSeconds, Environment.WorkingSet)
        : null;
}

/// <summary>A run ended.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="Run">The run within it, from 0.</param>
/// <param name="Value">What it came to.</param>
internal sealed record RunEnded(int Trial, int Run, double Value) : StudyEvent;

/// <summary>A trial ended.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="State">How.</param>
/// <param name="Seconds">Seconds that this process spent on it.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record TrialEnded(int Trial, SweepTrialState State, double Seconds, string? Error) : StudyEvent;
