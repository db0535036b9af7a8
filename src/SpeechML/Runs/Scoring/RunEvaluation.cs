namespace SpeechML;

/// <summary>A 95 % interval by resampling subjects with replacement (percentiles).</summary>
/// <param name="Low">2.5 percentile; undefined where no resample has a value.</param>
/// <param name="High">97.5 percentile.</param>
/// <param name="Resamples">Resamples drawn.</param>
/// <param name="Undefined">Those of them without a value, which are left out.</param>
public sealed record RunInterval(MetricValue Low, MetricValue High, int Resamples, int Undefined);

/// <summary>One figure of an evaluation.</summary>
/// <param name="Value">The value; <c>null</c> in JSON where it is undefined.</param>
/// <param name="Undefined">Why it has no value.</param>
/// <param name="Interval">Its interval, where one was made.</param>
public sealed record RunFigure(double? Value, string? Undefined = null, RunInterval? Interval = null)
{
    /// <summary>
    /// Why the interval, which was asked for, has no ends (<c>one subject</c>); <see langword="null"/> where it has.
    /// </summary>
    public string? NoInterval { get; init; }

    /// <summary>
    /// Of a mean over labels: how many have a value and take part in it; <see langword="null"/> of other figures.
    /// </summary>
    public int? Labels { get; init; }

    /// <summary>Of a mean over labels: how many have no value and are left out.</summary>
    public int? LabelsWithoutValue { get; init; }
}

/// <summary>
/// The figures of one label, of one class against the others, of one threshold between ordered classes, or of one
/// number of several.
/// </summary>
/// <param name="Label">Its name; of a threshold <c>≥</c> and the class from which up a clip is positive.</param>
/// <param name="Present">Clips that have it rated.</param>
/// <param name="Positives">Clips that are positive; 0 of a number.</param>
/// <param name="Figures">Figures by name.</param>
public sealed record RunLabelEvaluation(
    string Label, int Present, int Positives, IReadOnlyDictionary<string, RunFigure> Figures)
{
    /// <summary>
    /// Counts of truth (rows: negative, positive) against decision (columns); empty where nothing is rated, of a
    /// number, and in evaluations of earlier versions.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<long>> Confusion { get; init; } = [];
}

/// <summary>How a model did on one part of the data: an entry of <c>evaluation.json</c>.</summary>
public sealed record RunEvaluation
{
    /// <summary>The part.</summary>
    public string Split { get; init; } = "";

    /// <summary>What was learned.</summary>
    public SpeechTask Task { get; init; }

    /// <summary>Clips.</summary>
    public int Rows { get; init; }

    /// <summary>Different subjects; 0 where unknown.</summary>
    public int Subjects { get; init; }

    /// <summary>Figures over all labels or classes, by name.</summary>
    public IReadOnlyDictionary<string, RunFigure> Figures { get; init; } = new Dictionary<string, RunFigure>();

    /// <summary>Of classes: their names; empty otherwise.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Figures of each label, class, threshold, or number of several; empty for one number.</summary>
    public IReadOnlyList<RunLabelEvaluation> Labels { get; init; } = [];

    /// <summary>Of classes: counts of truth (rows) against decision (columns); empty otherwise.</summary>
    public IReadOnlyList<IReadOnlyList<long>> Confusion { get; init; } = [];
}
