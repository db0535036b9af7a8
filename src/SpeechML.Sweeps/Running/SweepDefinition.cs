using Microsoft.ML.Runtime;
using SpeechML.Data.Interop;
using SpeechML.Sweeps.Studies;
using SpeechML.Training.Checkpoints;

namespace SpeechML.Sweeps.Running;

/// <summary>A sweep as it was when it was started: what is fitted, on which data, by which settings.</summary>
internal sealed record SweepDefinition(
    IHost Host, TrialPipeline Pipeline, SweepDataset Dataset, SweepSettings Settings)
{
    /// <summary>The fits of each trial.</summary>
    public RunPlan Plan { get; } = new(
        Settings.Metric, Settings.Seeds, Dataset.Folds, ContextSeed.Of(Host, Pipeline.Defaults.Seed),
        Pipeline.Defaults.EarlyStopping.KeepBest);

    public StudyRules Rules => new(Pipeline.Space, Plan, Settings);

    public TrialFolders Folders => new(Settings.Study);

    /// <summary>Name of this process in the study's log.</summary>
    public string Worker => Settings.Sharing?.Worker ?? SweepSharing.DefaultWorker;

    /// <summary>How long a worker keeps a trial without renewing its lease.</summary>
    public TimeSpan Lease => (Settings.Sharing ?? new SweepSharing()).Lease;

    /// <summary>The part of the study's identity that is known without reading the data, by name.</summary>
    public Dictionary<string, string> Identity()
    {
        var identity = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["metric"] = Settings.Metric.ToString(),
            ["tuner"] = Settings.Tuner.Describe(),
            ["pruner"] = Settings.Pruner.Describe(),
            ["seed"] = FormattableString.Invariant($"{Settings.Seed}"),
            ["seeds per trial"] = FormattableString.Invariant($"{Settings.Seeds}"),
            ["folds"] = FormattableString.Invariant($"{Dataset.Folds}"),
            ["trainer"] = Pipeline.TrainerName,
        };
        foreach (SweepParameter parameter in Pipeline.Space.Parameters)
        {
            identity[$"parameter {parameter.Name}"] = parameter.Describe();
        }
        foreach ((string name, string value) in RunIdentity.Describe(Pipeline.Defaults.SeededBy(Host)))
        {
            identity[$"option {name}"] = value;
        }
        return identity;
    }

    /// <summary>Opens the study's log; without a study, one in memory.</summary>
    /// <exception cref="IOException">Another process has the study, or it cannot be written to.</exception>
    public Study OpenStudy()
    {
        if (Settings.Study is not { } study)
        {
            return new Study(Rules, StudyLog.InMemory());
        }
        bool remote = StoragePath.IsRemote(study);
        if (!remote && Settings.Sharing is null)
        {
            return new Study(Rules, StudyLog.Open(study));
        }
        IStudyLog log = remote ? new StoredStudyLog(study) : new SharedStudyFile(study);
        return new Study(Rules, log, new StoredLeases(study, Lease));
    }
}
