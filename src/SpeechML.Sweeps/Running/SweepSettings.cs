namespace SpeechML.Sweeps.Running;

/// <summary>The settings of a sweep. Immutable: a sweep that runs keeps the ones it was started with.</summary>
internal sealed record SweepSettings
{
    public SpeechMetric Metric { get; init; } = SpeechMetrics.RocAuc;

    public SweepTuner Tuner { get; init; } = SweepTuner.Tpe();

    public SweepPruner Pruner { get; init; } = SweepPruner.None;

    /// <summary>Trials in all; <see langword="null"/> for as many as the tuner has.</summary>
    public int? MaxTrials { get; init; }

    /// <summary>Time limit of this process; <see langword="null"/> for none.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>Number of best trials whose models and checkpoints are kept.</summary>
    public int Models { get; init; } = 1;

    /// <summary>Trials at a time in this process.</summary>
    public int Parallel { get; init; } = 1;

    public int Seeds { get; init; } = 1;

    /// <summary>Seed of the tuner and of the folds.</summary>
    public int Seed { get; init; }

    /// <summary>The study's folder or address; <see langword="null"/> where nothing is saved.</summary>
    public string? Study { get; init; }

    /// <summary>
    /// How processes share the study; <see langword="null"/> where one process owns it. A study in a bucket is always
    /// shared.
    /// </summary>
    public SweepSharing? Sharing { get; init; }

    public IProgress<SweepProgress>? Progress { get; init; }
}
