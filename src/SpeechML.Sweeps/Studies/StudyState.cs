namespace SpeechML.Sweeps.Studies;

/// <summary>State of a study: its events, applied in order.</summary>
/// <param name="space">The search space, which says what the log's values are.</param>
/// <param name="plan">The runs of each trial, and what they are compared by.</param>
internal sealed class StudyState(ParameterSpace space, RunPlan plan)
{
    private readonly List<TrialRecord> _trials = [];

    /// <summary>What the study is, where it has begun with that.</summary>
    public StudyBegun? Begun { get; private set; }

    /// <summary>Whether nothing has happened.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>The trials, by number.</summary>
    public IReadOnlyList<TrialRecord> Trials => _trials;

    /// <summary>The trials that ended, in the order in which they did.</summary>
    public List<TrialRecord> Ended { get; } = [];

    public void Apply(StudyEvent entry)
    {
        bool first = IsEmpty;
        IsEmpty = false;
        switch (entry)
        {
            case StudyBegun study when first:
                Begun = study;
                break;
            case TrialBegun begun:
                _trials.Add(Begin(begun, space, plan));
                break;
            default:
                if (entry.OfTrial is { } number)
                {
                    _trials[number - 1].Apply(entry);
                }
                if (entry is TrialEnded ended)
                {
                    Ended.Add(_trials[ended.Trial - 1]);
                }
                break;
        }
    }

    /// <summary>A trial as it was begun.</summary>
    public static TrialRecord Begin(TrialBegun begun, ParameterSpace space, RunPlan plan) =>
        new(begun.Trial, Point(begun, space), space, plan)
        {
            Worker = begun.Worker,
            Lease = begun.Worker is null ? 0 : 1,
            Attempts = 1
        };

    /// <summary>The trials that finished, best first; of equals, the first.</summary>
    public IEnumerable<TrialRecord> Ranked =>
        _trials.Where(t => t.State == SweepTrialState.Finished).OrderBy(t => plan.Loss(t.Value));

    /// <summary>Loss of each trial's first fit at the given epoch, for trials that reached it.</summary>
    public List<double> LossesAt(int epoch) =>
        [.. _trials.Select(t => t.Runs[0]).Where(r => r.Epochs.Count >= epoch).Select(r => plan.Loss(r.ValueBy(epoch)))
            .Where(l => !double.IsNaN(l))];

    /// <summary>For the tuner.</summary>
    public List<TunerObservation> Observations() =>
        [.. Ended.Select(t => new TunerObservation(
        t.Point, t.State, plan.Loss(t.Value), t.Runs.Max(r => r.Epochs.Count)))];

    private static SweepPoint Point(TrialBegun begun, ParameterSpace space)
    {
        var codes = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (SweepParameter parameter in space.Parameters)
        {
            if (begun.Parameters.TryGetValue(parameter.Name, out System.Text.Json.JsonElement value))
            {
                codes[parameter.Name] = parameter.FromJson(value)
                    ?? throw new InvalidDataException(
                        $"Study log, trial {begun.Trial}: expected '{parameter.Name}' to be {parameter.Describe()}, " +
                        $"got {value.GetRawText()}.");
            }
        }
        return new SweepPoint(codes);
    }
}
