namespace SpeechML;

/// <summary>A measure of a clip among those of the training clips.</summary>
/// <param name="Measure">The measure.</param>
/// <param name="Unit">Its unit; empty where not known.</param>
/// <param name="Value">The clip's value; <see langword="null"/> where it is undefined.</param>
/// <param name="Percentile">The share of the training clips with a lower value, those with the same one half, 0 to 100;
/// <see langword="null"/> where there is none.</param>
/// <param name="RobustZ">
/// How far from the training clips' median, over 1.4826 times their median absolute deviation (B. Iglewicz, D. C.
/// Hoaglin 1993): in standard deviations of what is not an outlier. From 3.5 up or below -3.5 a value is unusual.
/// <see langword="null"/> where more than half of the training clips have one value.
/// </param>
public sealed record ClipMeasure(string Measure, string Unit, double? Value, double? Percentile, double? RobustZ);

/// <summary>The measures of a clip among those of the training clips.</summary>
/// <param name="AudioKey">Names the clip.</param>
/// <param name="Part">The part of the data.</param>
/// <param name="Measures">The measures.</param>
public sealed record ClipMeasures(string AudioKey, string Part, IReadOnlyList<ClipMeasure> Measures)
{
    /// <summary>The measures in which the clip is furthest from the training clips, the furthest first.</summary>
    /// <param name="count">How many, at most.</param>
    public IEnumerable<ClipMeasure> Furthest(int count) => Measures.Where(m => m.RobustZ is not null)
        .OrderByDescending(m => Math.Abs(m.RobustZ!.Value)).Take(count);
}
