using SpeechML.Audio.Common;
using SpeechML.Encoders.Native;
using SpeechML.Sweeps.Space;

namespace SpeechML.Sweeps.Tuners;

/// <summary>Goes through all combinations.</summary>
internal sealed class GridTuner : SweepTuner
{
    private const int MaxPoints = 100_000; // of a grid that a sweep could ever go through
    private readonly int _pointsPerRange;
    private (ParameterSpace Space, int Seed, List<SweepPoint> Points)? _grid;

    public GridTuner(int pointsPerRange)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pointsPerRange, 2);
        _pointsPerRange = pointsPerRange;
    }

    public override bool EndsByItself => true;

    public override SweepPoint? Suggest(
        ParameterSpace space, IReadOnlyList<TunerObservation> ended, int trial, int seed)
    {
        if (_grid is not { } grid || grid.Space != space || grid.Seed != seed)
        {
            _grid = grid = (space, seed, Points(space, seed));
        }
        return trial < grid.Points.Count ? grid.Points[trial] : null;
    }

    public override string Describe() => FormattableString.Invariant($"grid of {_pointsPerRange} points per range");

    private List<SweepPoint> Points(ParameterSpace space, int seed)
    {
        List<Dictionary<string, double>> points = [[]];
        foreach (SweepParameter parameter in space.Parameters)
        {
            double[] values = Values(parameter);
            points = [.. points.SelectMany(
                p => space.TakesPart(parameter, p)
                ? values.Select(v => new Dictionary<string, double>(p) { [parameter.Name] = v }) : [p])];
            if (points.Count > MaxPoints)
            {
                throw new InvalidOperationException(
                    $"Grid: expected at most {MaxPoints} combinations, got more with '{parameter.Name}'. Take fewer " +
                    $"points per range, or a tuner that draws.");
            }
        }
        SweepPoint[] allowed = [.. points.Select(p => new SweepPoint(p)).Where(space.Allows)];
        new SeededRandom((ulong)SeedStream.Derive(seed, "sweep grid")).Shuffle<SweepPoint>(allowed);
        return [.. allowed];
    }

    private double[] Values(SweepParameter parameter)
    {
        if (parameter.Kind == ParameterKind.Choice)
        {
            return [.. Enumerable.Range(0, parameter.Values.Count).Select(i => (double)i)];
        }
        if (parameter.Kind == ParameterKind.Whole && parameter.Max - parameter.Min < _pointsPerRange)
        {
            return [.. Enumerable.Range(0, (int)(parameter.Max - parameter.Min) + 1).Select(i => parameter.Min + i)];
        }
        // Evenly from end to end, which a whole number's own half units on the scale would shift.
        ParameterScale scale = ParameterScale.Of(parameter);
        double low = scale.Forward(parameter.Min);
        double step = (scale.Forward(parameter.Max) - low) / (_pointsPerRange - 1);
        return [.. Enumerable.Range(0, _pointsPerRange)
            .Select(i => i == 0 ? parameter.Min : i == _pointsPerRange - 1 ? parameter.Max
            : scale.Back(low + (i * step))).Distinct()];
    }
}
