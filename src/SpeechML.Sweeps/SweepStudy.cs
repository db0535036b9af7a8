using System.Text.Json;
using SpeechML.Sweeps.Analysis;
using SpeechML.Sweeps.Studies;

namespace SpeechML;

/// <summary>
/// A study read from its log, also while a sweep is writing it; needs neither the data nor the search space.
/// </summary>
public sealed class SweepStudy
{
    internal SweepStudy(string name, SpeechMetric metric, int folds, IReadOnlyList<SweepTrial> trials,
        IReadOnlyDictionary<string, string> settings)
    {
        Name = name;
        Metric = metric;
        Folds = folds;
        Trials = trials;
        Settings = settings;
        SweepTrial[] finished = [.. trials.Where(t => t.State == SweepTrialState.Finished && t.Value is not null)];
        // Both sorts keep the order of equals: the first comes first.
        Ranked = metric.LowerIsBetter ? [.. finished.OrderBy(t => t.Value)]
            : [.. finished.OrderByDescending(t => t.Value)];
    }

    /// <summary>Name of the study's folder.</summary>
    public string Name { get; }

    /// <summary>The figure that the sweep goes by.</summary>
    public SpeechMetric Metric { get; }

    /// <summary>Folds that each trial is fitted on; 1 for one division into training and validation data.</summary>
    public int Folds { get; }

    /// <summary>Every trial, by number.</summary>
    public IReadOnlyList<SweepTrial> Trials { get; }

    /// <summary>The trials that finished, the best first; of equals, the one that was begun first.</summary>
    public IReadOnlyList<SweepTrial> Ranked { get; }

    /// <summary>
    /// What the study is, by name: tuner, pruner, seed, parameters with their values, options that do not vary, hashes
    /// of audio and labels. Empty for a sweep that is on no disk.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Reads a study.</summary>
    /// <param name="folder">Its folder.</param>
    /// <exception cref="FileNotFoundException">The folder has no study.</exception>
    /// <exception cref="InvalidDataException">Its log cannot be read.</exception>
    public static SweepStudy Open(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        List<StudyEvent> events;
        try
        {
            events = StudyLog.Read(folder);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException(
                $"Study '{folder}': expected a folder with a {StudyLog.FileName}, got none.", e);
        }
        if (events.Count == 0 || events[0] is not StudyBegun begun)
        {
            throw new InvalidDataException(
                $"Study '{folder}': expected a log that begins with the study, got " +
                $"{(events.Count == 0 ? "no line" : "another first line")}.");
        }
        if (begun is not { Format: StudyBegun.CurrentFormat, Plan: { } plan, Parameters: { } parameters })
        {
            throw StudyIdentity.OtherFormat(folder, begun.Format);
        }
        var state = new StudyState(SpaceOf(parameters, [.. events.OfType<TrialBegun>()]), plan);
        events.ForEach(state.Apply);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        return new SweepStudy(name.Length > 0 ? name : folder, plan.Metric, plan.Folds,
            [.. state.Trials.Select(t => t.Snapshot())], begun.Identity);
    }

    /// <summary>The best trial against those that come next: whether the difference is more than chance.</summary>
    /// <param name="others">How many of those.</param>
    public IReadOnlyList<SweepComparison> CompareBest(int others = 3) =>
        [.. Ranked.Skip(1).Take(others).Select(t => SweepComparison.Of(Ranked[0], t, Folds))];

    /// <summary>
    /// How much of the metric's variance over the search space each parameter explains by itself (functional ANOVA over
    /// a forest of regression trees; Hutter, Hoos and Leyton-Brown, 2014), in [0, 1]; what is
    /// left to 1 is interactions. Trials that were stopped count with what they had come to. A parameter that takes no
    /// part counts as one in the middle of its values. Empty where
    /// fewer than four trials have a value, or all have the same.
    /// </summary>
    public IReadOnlyDictionary<string, double> Importance() =>
        ImportanceSpread().ToDictionary(i => i.Key, i => i.Value.Share, StringComparer.Ordinal);

    /// <summary>
    /// The same with how far the trees of the forest differ. Each tree has drawn the trials with replacement, so that
    /// few trials give a wide spread. The parameter that explains most comes first.
    /// </summary>
    public IReadOnlyDictionary<string, SweepImportance> ImportanceSpread() =>
        ParameterImportance.Of([.. Trials.Where(t => t.Value is not null)]);

    /// <summary>
    /// Writes one line per trial: number, state, metric with its deviation, epochs, seconds, memory, every parameter
    /// (empty where it takes no part), error.
    /// </summary>
    /// <param name="path">The CSV file.</param>
    public void SaveCsv(string path) => StoragePath.WriteAllText(path, ToCsv(), overwrite: true);

    internal string ToCsv() => SweepCsv.Format(Metric, Trials);

    /// <summary>
    /// As much of the search space as a log shows: of each parameter the values that were tried, in the order of the
    /// study.
    /// </summary>
    private static ParameterSpace SpaceOf(IReadOnlyList<string> names, TrialBegun[] trials)
    {
        var parameters = new List<SweepParameter>();
        foreach (string name in names)
        {
            object[] tried = [.. trials.Where(t => t.Parameters.ContainsKey(name)).Select(t => t.Parameters[name])
                .DistinctBy(v => v.GetRawText()).Select(ValueOf)];
            if (tried.Length > 0)
            {
                parameters.Add(SweepParameter.Chosen(name, tried, false));
            }
        }
        return new ParameterSpace(parameters);
    }

    private static object ValueOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => json.TryGetInt32(out int whole) ? whole : json.GetDouble(),
        _ => json.GetString() ?? throw new InvalidDataException(
        $"Study: expected parameters that are numbers, texts or flags, got {json.GetRawText()}."),
    };
}
