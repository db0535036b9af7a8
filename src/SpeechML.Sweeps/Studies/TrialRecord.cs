using System.Text.Json.Serialization;

namespace SpeechML.Sweeps.Studies;

/// <summary>The fits of each trial, and the metric that they are compared by.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Seeds">Seeds per trial.</param>
/// <param name="Folds">Folds of the data; 1 for one division into training and validation data.</param>
/// <param name="FirstSeed">The first seed; the others follow it.</param>
/// <param name="KeepBest">Whether a model has the weights of its best epoch, else of its last.</param>
internal sealed record RunPlan(SpeechMetric Metric, int Seeds, int Folds, int FirstSeed, bool KeepBest)
{
    [JsonIgnore]
    public int Runs => Seeds * Folds;

    public int SeedOf(int run) => unchecked(FirstSeed + (run / Folds));

    public int FoldOf(int run) => run % Folds;

    /// <summary>A value such that lower is better.</summary>
    public double Loss(double value) => Metric.LowerIsBetter ? value : -value;

    /// <summary>The metric's value, NaN where it has none.</summary>
    public double ValueOf(ValidationMetrics validation) => validation[Metric].Value ?? double.NaN;
}

/// <summary>One fit of a trial as the log has it.</summary>
internal sealed class RunRecord(RunPlan plan)
{
    public List<EpochEnded> Epochs { get; } = [];

    /// <summary>What it came to, once it has ended.</summary>
    public double? Value { get; set; }

    /// <summary>Adds an epoch; one that a killed process had logged and that was run again is passed over.</summary>
    public void Add(EpochEnded epoch)
    {
        if (epoch.Epoch == Epochs.Count + 1)
        {
            Epochs.Add(epoch);
        }
        else if (epoch.Epoch > Epochs.Count)
        {
            throw new InvalidDataException(
                FormattableString.Invariant(
                $"Trial {epoch.Trial}, run {epoch.Run}: expected epoch {Epochs.Count + 1}, got epoch {epoch.Epoch}."));
        }
    }

    /// <summary>The metric of the model as it would be after an epoch; NaN where it has none.</summary>
    public double ValueBy(int epoch) =>
        epoch == 0 ? double.NaN
        : plan.ValueOf(Epochs[(plan.KeepBest ? Epochs[epoch - 1].BestEpoch ?? epoch : epoch) - 1].Validation);

    /// <summary>The metric of the model as it is.</summary>
    public double ValueNow => ValueBy(Epochs.Count);

    /// <summary>The same, of a run that has ended.</summary>
    /// <exception cref="InvalidOperationException">The metric has no value.</exception>
    public double FinalValue() => ValueNow is var value && !double.IsNaN(value)
        ? value
        : throw new InvalidOperationException(
            $"Metric {plan.Metric}: expected a number for the validation data, got none; a class may have no clip in " +
            $"it, or the task does not have the metric.");
}

/// <summary>One trial as the log has it.</summary>
internal sealed class TrialRecord(int number, SweepPoint point, ParameterSpace space, RunPlan plan)
{
    public int Number => number;

    public SweepPoint Point => point;

    public RunRecord[] Runs { get; } = [.. Enumerable.Range(0, plan.Runs).Select(_ => new RunRecord(plan))];

    public SweepTrialState State { get; set; }

    /// <summary>The lease under which reports are accepted; 0 where no worker has had it.</summary>
    public int Lease { get; set; }

    /// <summary>Who has it, where several workers share the study.</summary>
    public string? Worker { get; set; }

    /// <summary>How many events it has had: a sign of life.</summary>
    public int Events { get; set; }

    public string? Error { get; set; }

    public double Seconds { get; set; }

    /// <summary>How many workers have had it since its last epoch, those aside that gave it back.</summary>
    public int Attempts { get; set; }

    /// <summary>Takes note of what happened to it after it was begun.</summary>
    public void Apply(StudyEvent entry)
    {
        Events++;
        switch (entry)
        {
            case TrialTaken taken:
                (Lease, Worker) = (taken.Lease, taken.Worker);
                Attempts += taken.Worker is null ? -1 : 1;
                break;
            case EpochEnded epoch:
                Runs[epoch.Run].Add(epoch);
                Attempts = 1;
                break;
            case RunEnded run:
                Runs[run.Run].Value = run.Value;
                break;
            case TrialEnded ended:
                (State, Error, Seconds) = (ended.State, ended.Error, ended.Seconds);
                break;
        }
    }

    /// <summary>
    /// Mean over the runs; where they have not ended, by the last epoch of those that were begun. NaN where there is
    /// none.
    /// </summary>
    public double Value => Runs.Where(r => r.Epochs.Count > 0).Select(r => r.Value ?? r.ValueNow)
        .DefaultIfEmpty(double.NaN).Average();

    /// <summary>The trial as it is now.</summary>
    public SweepTrial Snapshot()
    {
        double[] values = [.. Runs.Where(r => r.Value is not null).Select(r => r.Value!.Value)];
        double? deviation = values.Length < 2 ? null
            : Math.Sqrt(values.Sum(v => Math.Pow(v - values.Average(), 2)) / (values.Length - 1));
        return new SweepTrial(
            number,
            State,
            space.Parameters.Where(p => point.Has(p.Name))
            .ToDictionary(p => p.Name,
            p => p.ValueOf(point[p.Name]) is Enum e ? e.ToString() : p.ValueOf(point[p.Name]), StringComparer.Ordinal),
            [.. Runs.Select((r, i) =>
            new SweepRun(i, plan.SeedOf(i), plan.FoldOf(i),
            [.. r.Epochs.Select(e => new SweepEpoch(e.Epoch, e.TrainingLoss, e.Validation, e.BestEpoch, e.Seconds))],
            r.Value))],
            double.IsNaN(Value) ? null : Value,
            deviation,
            Seconds,
            Runs.SelectMany(r => r.Epochs).Select(e => e.Memory).DefaultIfEmpty().Max(),
            Error);
    }
}
