namespace SpeechML.Sweeps.Running;

/// <summary>What a sweep was told.</summary>
internal sealed class SweepSettings
{
    public SpeechMetric Metric { get; set; } = SpeechMetrics.RocAuc;

    public SweepTuner Tuner { get; set; } = SweepTuner.Tpe();

    public SweepPruner Pruner { get; set; } = SweepPruner.None;

    public int? MaxTrials { get; set; }

    public TimeSpan? Time { get; set; }

    public int Models { get; set; } = 1;

    public int Parallel { get; set; } = 1;

    public int Seeds { get; set; } = 1;

    public int Seed { get; set; }

    /// <summary>
    /// How processes share the study; <see langword="null"/> where one has it alone (of a study in a bucket: as
    /// always).
    /// </summary>
    public SweepSharing? Sharing { get; set; }

    public SweepSettings Copy() => (SweepSettings)MemberwiseClone();
}
