using Microsoft.ML;
using Microsoft.ML.Runtime;
using SpeechML.Sweeps.Studies;
using SpeechML.Training.Checkpoints;

namespace SpeechML.Sweeps.Running;

/// <summary>One process's part in a sweep: study opened, data read, trials run, models handed over.</summary>
internal sealed class SweepSession(
    IHost host, ISweepPipeline pipeline, SweepDataset dataset, SweepSettings settings, string? study,
    IProgress<SweepProgress>? progress)
{
    /// <summary>The study's folder or address.</summary>
    public string? StudyName => study;

    public IProgress<SweepProgress>? Progress => progress;

    public RunPlan Plan { get; } =
        new(settings.Metric, settings.Seeds, dataset.Folds, pipeline.Defaults.Seed,
            pipeline.Defaults.EarlyStopping.KeepBest);

    public StudyRules Rules =>
        new(pipeline.Space, Plan, settings.Tuner, settings.Pruner, settings.Seed, settings.MaxTrials, settings.Models);

    public SweepLimits Limits => new(settings.Time, settings.Parallel);

    public TrialFolders Folders => new(study);

    /// <summary>This process's name.</summary>
    public string Worker => settings.Sharing?.Worker ?? SweepSharing.DefaultWorker;

    /// <summary>How long a worker may show no sign of life.</summary>
    public TimeSpan Lease => (settings.Sharing ?? new SweepSharing()).Lease;

    /// <summary>What the study is, by name, as far as it can be told without the data.</summary>
    public Dictionary<string, string> Definition()
    {
        var identity = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["metric"] = settings.Metric.ToString(),
            ["tuner"] = settings.Tuner.Describe(),
            ["pruner"] = settings.Pruner.Describe(),
            ["seed"] = FormattableString.Invariant($"{settings.Seed}"),
            ["seeds per trial"] = FormattableString.Invariant($"{settings.Seeds}"),
            ["folds"] = FormattableString.Invariant($"{dataset.Folds}"),
            ["trainer"] = pipeline.TrainerName,
        };
        foreach (SweepParameter parameter in pipeline.Space.Parameters)
        {
            identity[$"parameter {parameter.Name}"] = parameter.Describe();
        }
        foreach ((string name, string value) in RunIdentity.Describe(pipeline.Defaults))
        {
            identity[$"option {name}"] = value;
        }
        return identity;
    }

    /// <summary>What the study is, by name.</summary>
    public Dictionary<string, string> Identity(SweepWorkplace place)
    {
        Dictionary<string, string> identity = Definition();
        foreach ((string name, string value) in place.DataIdentity())
        {
            identity[name] = value;
        }
        return identity;
    }

    /// <summary>Reads the data.</summary>
    public SweepWorkplace OpenWorkplace(CancellationToken cancellation) =>
        new(host, pipeline, dataset, settings, cancellation);

    /// <summary>Runs trials until the study has come to its end, and gives what it has come to.</summary>
    public SweepResult Run(Action<SweepEngine?> engineIs, CancellationToken cancellation) =>
        Run(engineIs, (opened, place, engine) =>
        {
            if (opened.Best is null)
            {
                throw NothingFinished(opened.Trials);
            }
            _ = engine.BestModel(cancellation);
            return Result(opened.Best, opened.Trials, engine.HandOver(), place);
        }, cancellation);

    /// <summary>Runs trials until the study has come to its end.</summary>
    /// <returns>How many came to their end here.</returns>
    public int Work(Action<SweepEngine?> engineIs, CancellationToken cancellation)
    {
        int ended = 0;
        return Run(engineIs, (_, _, _) => ended, cancellation, count => ended = count);
    }

    /// <summary>What the study has come to.</summary>
    public SweepResult Result(
        TrialRecord best, IReadOnlyList<TrialRecord> trials, Dictionary<int, ITransformer> models,
        SweepWorkplace place) => new(
        settings.Metric,
        dataset.Folds,
        best.Snapshot(),
        [.. trials.Select(t => t.Snapshot())],
        models.ToDictionary(m => m.Key, m => place.Whole(m.Value)));

    public static Exception NothingFinished(IReadOnlyList<TrialRecord> trials)
    {
        TrialRecord? failed = trials.FirstOrDefault(t => t.State == SweepTrialState.Failed);
        return failed is null
            ? new TimeoutException(
                $"Sweep: expected at least one trial to finish, got none of {trials.Count} begun in the time given.")
            : new InvalidOperationException(
                $"Sweep: expected at least one trial to finish, got none of {trials.Count}; trial {failed.Number} " +
                $"failed with {failed.Error}");
    }

    private T Run<T>(Action<SweepEngine?> engineIs, Func<Study, SweepWorkplace, SweepEngine, T> finish,
        CancellationToken cancellation, Action<int>? ended = null)
    {
        // The study first: where one process must have it alone, a second is refused before it reads any audio.
        using Study opened = OpenStudy();
        using SweepWorkplace place = OpenWorkplace(cancellation);
        opened.Identify(study, Identity(place));
        using var engine = new SweepEngine(opened, Plan, Limits, Folders, place.Fit, Worker, progress);
        engineIs(engine);
        try
        {
            int count = engine.Run(cancellation);
            ended?.Invoke(count);
        }
        finally
        {
            engineIs(null);
        }
        using (IChannel channel = host.Start("Sweep"))
        {
            channel.Info("{0} trials; frozen parts: {1} batches computed, {2} shared", opened.Trials.Count,
                place.Work.Misses, place.Work.Hits);
        }
        return finish(opened, place, engine);
    }

    private Study OpenStudy()
    {
        if (study is null)
        {
            return new Study(Rules, StudyLog.InMemory());
        }
        bool remote = StoragePath.IsRemote(study);
        if (!remote && settings.Sharing is null)
        {
            return new Study(Rules, StudyLog.Open(study));
        }
        IStudyLog log = remote ? new StoredStudyLog(study) : new SharedStudyFile(study);
        return new Study(Rules, log, new StoredLeases(study, Lease));
    }
}
