using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Training;
using TorchSharp;

namespace SpeechML.Sweeps;

/// <summary>One run of a sweep: data read, study opened, trials run, models handed over.</summary>
internal sealed class SweepSession(
    IHost host, ISweepPipeline pipeline, SweepDataset dataset, SweepSettings settings, string? study, IProgress<SweepProgress>? progress)
{
    private readonly RunPlan _plan = new(settings.Metric, settings.Seeds, dataset.Folds, pipeline.Defaults.Seed, pipeline.Defaults.KeepBest);

    public SweepResult Run(Action<SweepEngine?> engineIs, CancellationToken cancellation)
    {
        // The folder first: a second process is refused before it reads any audio.
        using StudyLog log = study is null ? StudyLog.InMemory() : StudyLog.Open(study);
        long memory = pipeline.Defaults.CacheMemory * (1L << 20);
        using var data = new SweepData(host, pipeline.Preprocessing, dataset, pipeline.AudioColumnName, settings.Seed, memory, cancellation);
        Identify(log, data);
        using var work = new FrozenWork(memory, FrozenFiles.Open(pipeline.Defaults));
        int threads = torch.get_num_threads();
        using var engine = new SweepEngine(
            pipeline.Space,
            _plan,
            new SweepLimits(settings.MaxTrials, settings.Time, settings.Parallel, settings.Models),
            settings.Tuner,
            settings.Pruner,
            settings.Seed,
            log,
            new TrialFolders(study),
            (run, observer, stop) => pipeline.Fit(run, data.Folds[run.Fold], work, observer, stop),
            progress);
        engineIs(engine);
        try
        {
            if (settings.Parallel > 1)
            {
                torch.set_num_threads(Math.Max(1, threads / settings.Parallel));
            }
            engine.Run(cancellation);
        }
        finally
        {
            engineIs(null);
            torch.set_num_threads(threads);
        }
        using IChannel channel = host.Start("Sweep");
        channel.Info("{0} trials; frozen parts: {1} batches computed, {2} shared", engine.Trials.Count, work.Misses, work.Hits);
        if (engine.Best is null)
        {
            throw NothingFinished(engine.Trials);
        }
        _ = engine.BestModel(cancellation);
        return new SweepResult(
            settings.Metric,
            dataset.Folds,
            engine.Best.Snapshot(),
            [.. engine.Trials.Select(t => t.Snapshot())],
            engine.HandOver().ToDictionary(m => m.Key, m => (ITransformer)new TransformerChain<ITransformer>(data.Preprocessing, m.Value)));
    }

    private static Exception NothingFinished(IReadOnlyList<TrialRecord> trials)
    {
        TrialRecord? failed = trials.FirstOrDefault(t => t.State == SweepTrialState.Failed);
        return failed is null
            ? new TimeoutException($"Sweep: expected at least one trial to finish, got none of {trials.Count} begun in the time given.")
            : new InvalidOperationException($"Sweep: expected at least one trial to finish, got none of {trials.Count}; trial {failed.Number} failed with {failed.Error}");
    }

    /// <summary>Begins the study, or makes sure that it is this one.</summary>
    /// <exception cref="InvalidOperationException">It is another; says what differs.</exception>
    private void Identify(StudyLog log, SweepData data)
    {
        Dictionary<string, string> identity = Identity(data);
        if (log.Events.Count == 0)
        {
            log.Append(new StudyBegun(StudyBegun.CurrentFormat, identity) { At = DateTime.UtcNow });
            return;
        }
        if (log.Events[0] is not StudyBegun { Format: StudyBegun.CurrentFormat } begun)
        {
            throw new InvalidDataException($"Study '{study}': expected a log of format {StudyBegun.CurrentFormat} that begins with the study, got {(log.Events[0] is StudyBegun other ? $"format {other.Format}" : "another event")}.");
        }
        foreach (string name in identity.Keys.Union(begun.Identity.Keys).Order(StringComparer.Ordinal))
        {
            string then = begun.Identity.GetValueOrDefault(name, "nothing");
            string now = identity.GetValueOrDefault(name, "nothing");
            if (then != now)
            {
                throw new InvalidOperationException($"Study '{study}' is of another sweep: {name}: expected {then}, got {now}. Give this sweep a folder of its own, or delete the study.");
            }
        }
    }

    private Dictionary<string, string> Identity(SweepData data)
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
            ["audio (SHA-256)"] = data.Hash,
            ["labels (SHA-256)"] = string.Join(' ', data.Folds.Select(f => $"{pipeline.HashTargets(f.Train())} {pipeline.HashTargets(f.Validation)}")),
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
}
