namespace SpeechML.Data.Evaluation.Association;

/// <summary>The measures of training clips, against which others are read.</summary>
internal sealed class MeasureReference
{
    /// <summary>The median absolute deviation of a normal distribution times this is its deviation.</summary>
    private const double Normal = 1.4826;

    private readonly (string Name, string Unit)[] _measures;
    private readonly double[][] _sorted;
    private readonly double[] _medians;
    private readonly double[] _deviations;

    /// <param name="measures">Name and unit of each measure.</param>
    /// <param name="clips">The measures of each training clip; NaN where undefined.</param>
    public MeasureReference(IReadOnlyList<(string Name, string Unit)> measures, IReadOnlyList<float[]> clips)
    {
        _measures = [.. measures];
        _sorted = [.. Enumerable.Range(0, measures.Count).Select(j => clips.Select(c => (double)c[j])
            .Where(double.IsFinite).Order().ToArray())];
        _medians = Array.ConvertAll(_sorted, Median.OfSorted);
        _deviations = [.. _sorted.Select((s, j) =>
            Normal * Median.Of(s.Select(v => Math.Abs(v - _medians[j]))))];
    }

    /// <summary>Each measure of a clip among those of the training clips.</summary>
    public IReadOnlyList<ClipMeasure> Compare(float[] clip) => [.. _measures.Select((m, j) =>
    {
        double value = clip[j];
        if (!double.IsFinite(value) || _sorted[j].Length == 0)
        {
            return new ClipMeasure(m.Name, m.Unit, double.IsFinite(value) ? value : null, null, null);
        }
        int below = _sorted[j].Count(v => v < value), upTo = _sorted[j].Count(v => v <= value);
        return new ClipMeasure(m.Name, m.Unit, value, 50.0 * (below + upTo) / _sorted[j].Length,
            _deviations[j] > 0 ? (value - _medians[j]) / _deviations[j] : null);
    })];
}
