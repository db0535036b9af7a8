namespace SpeechML.Sweeps;

/// <summary>What a study has come to: its events, applied one after the other.</summary>
/// <param name="space">The search space, which says what the log's values are.</param>
/// <param name="plan">The runs of each trial, and what they are judged by.</param>
internal sealed class StudyState(ParameterSpace space, RunPlan plan)
{
    private readonly List<TrialRecord> _trials = [];

    /// <summary>The trials, by number.</summary>
    public IReadOnlyList<TrialRecord> Trials => _trials;

    /// <summary>The trials that ended, in the order in which they did.</summary>
    public List<TrialRecord> Ended { get; } = [];

    public void Apply(StudyEvent entry)
    {
        switch (entry)
        {
            case TrialBegun begun:
                _trials.Add(new TrialRecord(begun.Trial, Point(begun), space, plan));
                break;
            case EpochEnded epoch:
                Of(epoch.Trial).Runs[epoch.Run].Add(epoch);
                break;
            case RunEnded run:
                Of(run.Trial).Runs[run.Run].Value = run.Value;
                break;
            case TrialEnded ended:
                TrialRecord trial = Of(ended.Trial);
                trial.State = ended.State;
                trial.Error = ended.Error;
                trial.Seconds = ended.Seconds;
                Ended.Add(trial);
                break;
        }
    }

    /// <summary>What the trials' first runs had come to by an epoch, of those that came as far; lower is better.</summary>
    public List<double> LossesAt(int epoch) =>
        [.. _trials.Select(t => t.Runs[0]).Where(r => r.Epochs.Count >= epoch).Select(r => plan.Loss(r.ValueBy(epoch))).Where(l => !double.IsNaN(l))];

    /// <summary>For the tuner.</summary>
    public List<TunerObservation> Observations() => [.. Ended.Select(t => new TunerObservation(t.Point, t.State, plan.Loss(t.Value), t.Runs.Max(r => r.Epochs.Count)))];

    private TrialRecord Of(int number) => _trials[number - 1];

    private SweepPoint Point(TrialBegun begun)
    {
        var codes = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (SweepParameter parameter in space.Parameters)
        {
            if (begun.Parameters.TryGetValue(parameter.Name, out System.Text.Json.JsonElement value))
            {
                codes[parameter.Name] = parameter.FromJson(value)
                    ?? throw new InvalidDataException($"Study log, trial {begun.Trial}: expected '{parameter.Name}' to be {parameter.Describe()}, got {value.GetRawText()}.");
            }
        }
        return new SweepPoint(codes);
    }
}
