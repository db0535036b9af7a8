namespace SpeechML.Explaining;

/// <summary>
/// The integral of integrated gradients by the midpoint rule. On every interval of the path the sum of all parts must
/// be the difference of the scores at its ends, so the error of each interval is known, and the intervals with too
/// large a one are halved. Networks that normalise their input change most next to the baseline, which equal steps
/// miss: the path is walked as α = s⁴, which changes nothing in the integral.
/// </summary>
internal sealed class PathIntegral
{
    private const int FirstIntervals = 8;
    private const int Power = 4;
    private const double LetPass = 1e-3; // in units of the score
    private const double Cancelling = 4; // errors of intervals may cancel so far, and no further

    private readonly Func<double[], PathPoint[]> _at;
    private readonly double[] _allowed;
    private readonly List<Interval> _intervals = [];

    private PathIntegral(Func<double[], PathPoint[]> at, double[] allowed)
    {
        _at = at;
        _allowed = allowed;
    }

    /// <summary>Points that were looked at.</summary>
    public int Points { get; private set; }

    /// <summary>By how much the sum of each target may be off (targets).</summary>
    public IReadOnlyList<double> Allowed => _allowed;

    /// <summary>What each part adds to each target's score (targets, parts).</summary>
    public double[][] Parts =>
        [.. _allowed.Select((_, k) => Enumerable.Range(0, _intervals[0].Middle.Slopes[k].Length)
            .Select(part => _intervals.Sum(i => i.Length * i.Middle.Slopes[k][part])).ToArray())];

    /// <summary>Integrates from 0 to 1.</summary>
    /// <param name="at">Computes points.</param>
    /// <param name="first">The scores at 0.</param>
    /// <param name="last">The scores at 1.</param>
    /// <param name="tolerance">Error as a share of the difference of the scores.</param>
    /// <param name="maxPoints">Points at most.</param>
    public static PathIntegral Compute(
        Func<double[], PathPoint[]> at, double[] first, double[] last, double tolerance, int maxPoints)
    {
        var integral = new PathIntegral(
            at, [.. first.Zip(last, (f, l) => Math.Max(LetPass, tolerance * Math.Abs(l - f)))]);
        integral.Add([(0, 1, first, last)]);
        while (integral.Points + 2 <= maxPoints && integral.Worst() is { Count: > 0 } worst)
        {
            integral.Halve([.. worst.Take(Math.Max(1, (maxPoints - integral.Points) / 2))]);
        }
        return integral;
    }

    /// <summary>The intervals to halve, those with the largest error first; none where all targets are exact.</summary>
    private List<Interval> Worst()
    {
        if (_intervals.Count < FirstIntervals)
        {
            return [.. _intervals];
        }
        int[] open = [.. Enumerable.Range(0, _allowed.Length).Where(k =>
            Math.Abs(_intervals.Sum(i => i.Errors[k])) > _allowed[k]
            || _intervals.Sum(i => Math.Abs(i.Errors[k])) > Cancelling * _allowed[k])];
        return [.. _intervals
            .Select(i => (Interval: i,
                Error: open.Select(k => Math.Abs(i.Errors[k]) / _allowed[k]).Append(0).Max()))
            .Where(i => i.Error > 0.5 / _intervals.Count)
            .OrderByDescending(i => i.Error).Select(i => i.Interval)];
    }

    private void Halve(List<Interval> intervals)
    {
        _intervals.RemoveAll(new HashSet<Interval>(intervals, ReferenceEqualityComparer.Instance).Contains);
        Add([.. intervals.SelectMany(i => new[]
        {
            (i.From, i.Centre, i.First, i.Middle.Scores),
            (i.Centre, i.To, i.Middle.Scores, i.Last),
        })]);
    }

    private void Add((double From, double To, double[] First, double[] Last)[] spans)
    {
        double[] centres = [.. spans.Select(s => (s.From + s.To) / 2)];
        PathPoint[] middles = [.. _at(Array.ConvertAll(centres, s => Math.Pow(s, Power)))
            .Zip(centres, (m, s) => m with
            {
                Slopes = Array.ConvertAll(m.Slopes, k => Array.ConvertAll(k, v => v * Power * Math.Pow(s, Power - 1))),
            })];
        Points += middles.Length;
        _intervals.AddRange(spans.Zip(middles, (s, middle) => new Interval(s.From, s.To, s.First, s.Last, middle)));
    }

    private sealed class Interval(double from, double to, double[] first, double[] last, PathPoint middle)
    {
        public double From => from;

        public double To => to;

        public double Centre => (from + to) / 2;

        public double Length => to - from;

        public double[] First => first;

        public double[] Last => last;

        public PathPoint Middle => middle;

        public double[] Errors { get; } =
            [.. middle.Slopes.Select((s, k) => ((to - from) * s.Sum()) - (last[k] - first[k]))];
    }
}
