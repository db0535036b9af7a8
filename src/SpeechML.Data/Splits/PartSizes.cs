using SpeechML.Audio.Common;

namespace SpeechML.Data.Splits;

/// <summary>
/// Divisions of subjects whose parts have as nearly the wanted numbers of clips as whole subjects allow: the largest
/// error of a part is the least possible, then the sum of the errors. Exact for up to three parts (every pair of sizes
/// that can be reached is looked at), except where that would take too much memory; then, and for more parts, the best
/// of several local searches. Sizes are in units of the greatest common divisor of the subjects' clips.
/// </summary>
internal sealed class PartSizes
{
    private const double Negligible = 0.0005; // errors below this share of all clips count as equal
    private const double Rounding = 1e-9;
    private const int MaxWords = 4 << 20; // of the table of reachable sizes: 32 MiB
    private const int AllPairs = 300; // subjects up to which all exchanges are tried
    private const int PairTries = 16;
    private const int MaxPasses = 30;

    private readonly int[] _sizes;
    private readonly double[] _wanted;
    private readonly SeededRandom _random;
    private readonly int _total;
    private readonly ReachableSizes? _reachable;
    private readonly List<int[]> _found = [];
    private int _next;

    /// <summary>Finds the least error.</summary>
    /// <param name="clips">Clips of each subject.</param>
    /// <param name="wanted">Share of each part, above 0; not more parts than subjects.</param>
    /// <param name="random">Decides which of the divisions of least error are given.</param>
    public PartSizes(int[] clips, double[] wanted, SeededRandom random)
    {
        int unit = clips.Aggregate(0, Divisor);
        _sizes = Array.ConvertAll(clips, c => c / unit);
        _total = _sizes.Sum();
        _wanted = Array.ConvertAll(wanted, w => w * _total);
        _random = random;
        (double Largest, double Sum) least = (double.PositiveInfinity, double.PositiveInfinity);
        int starts = clips.Length <= 40 ? 40 : clips.Length <= AllPairs ? 6 : 2;
        for (int i = 0; i < starts; i++)
        {
            int[] parts = Search(fromLargest: i == 0);
            (double Largest, double Sum) error = Error(parts);
            if (IsLess(error, least))
            {
                least = error;
                _found.Clear();
            }
            if (!IsLess(least, error))
            {
                _found.Add(parts);
            }
        }
        if (wanted.Length is 2 or 3)
        {
            _reachable = ReachableSizes.Find(_sizes, _wanted, least.Largest, MaxWords);
            least = _reachable?.Least ?? least;
        }
        double largest = Math.Max(least.Largest, Negligible * _total) + Rounding,
            sum = Math.Max(least.Sum, 2 * Negligible * _total) + Rounding;
        (Largest, Sum) = (unit * largest, unit * sum);
        _reachable?.Keep(largest, sum);
    }

    /// <summary>How many clips a part is off at most.</summary>
    public double Largest { get; }

    /// <summary>How many clips all parts together are off at most.</summary>
    public double Sum { get; }

    /// <summary>The part of each subject in a division of least error; mostly another one at each call.</summary>
    public int[] Next() => _reachable?.Draw(_random) ?? [.. _found[_next++ % _found.Count]];

    /// <summary>Whether one error is less than another: the largest of a part first, then the sum.</summary>
    internal static bool IsLess((double Largest, double Sum) error, (double Largest, double Sum) than) =>
        error.Largest < than.Largest - Rounding
        || (error.Largest <= than.Largest + Rounding && error.Sum < than.Sum - Rounding);

    private static int Divisor(int a, int b) => b == 0 ? a : Divisor(b, a % b);

    // Each subject to the part that lacks most, then moves and exchanges while the squared error falls.
    private int[] Search(bool fromLargest)
    {
        int[] order = [.. Enumerable.Range(0, _sizes.Length)];
        _random.Shuffle<int>(order);
        int[] parts = new int[_sizes.Length], members = new int[_wanted.Length];
        double[] lack = [.. _wanted];
        foreach (int u in fromLargest ? order.OrderByDescending(u => _sizes[u]) : order.AsEnumerable())
        {
            int part = Enumerable.Range(0, lack.Length).MaxBy(s => lack[s]);
            (parts[u], lack[part]) = (part, lack[part] - _sizes[u]);
            members[part]++;
        }
        Fill(parts, members, lack);
        bool better = true;
        for (int pass = 0; better && pass < MaxPasses; pass++)
        {
            better = false;
            foreach (int u in order)
            {
                for (int part = 0; part < lack.Length; part++)
                {
                    better |= part != parts[u] && members[parts[u]] > 1 && TryMove(parts, members, lack, u, part);
                }
                bool all = _sizes.Length <= AllPairs;
                for (int i = 0; i < (all ? _sizes.Length : PairTries); i++)
                {
                    int v = all ? i : _random.Next(_sizes.Length);
                    better |= parts[v] != parts[u] && TryExchange(parts, lack, u, v);
                }
            }
        }
        return parts;
    }

    // No part stays empty: it gets the smallest subject of a part that has several.
    private void Fill(int[] parts, int[] members, double[] lack)
    {
        for (int part = 0; part < lack.Length; part++)
        {
            if (members[part] == 0)
            {
                int u = Enumerable.Range(0, parts.Length).Where(v => members[parts[v]] > 1).MinBy(v => _sizes[v]);
                Move(parts, members, lack, u, part);
            }
        }
    }

    private bool TryMove(int[] parts, int[] members, double[] lack, int u, int part)
    {
        if (!Improves(lack[parts[u]], lack[part], _sizes[u]))
        {
            return false;
        }
        Move(parts, members, lack, u, part);
        return true;
    }

    private void Move(int[] parts, int[] members, double[] lack, int u, int part)
    {
        lack[parts[u]] += _sizes[u];
        lack[part] -= _sizes[u];
        members[parts[u]]--;
        members[part]++;
        parts[u] = part;
    }

    private bool TryExchange(int[] parts, double[] lack, int u, int v)
    {
        int size = _sizes[u] - _sizes[v];
        if (size == 0 || !Improves(lack[parts[u]], lack[parts[v]], size))
        {
            return false;
        }
        lack[parts[u]] += size;
        lack[parts[v]] -= size;
        (parts[u], parts[v]) = (parts[v], parts[u]);
        return true;
    }

    // Whether the squared error falls when so many clips go from one part to another.
    private static bool Improves(double lackFrom, double lackTo, int size)
    {
        double from = lackFrom + size, to = lackTo - size;
        return (from * from) + (to * to) < (lackFrom * lackFrom) + (lackTo * lackTo) - Rounding;
    }

    private (double Largest, double Sum) Error(int[] parts)
    {
        double[] error = [.. _wanted];
        for (int u = 0; u < parts.Length; u++)
        {
            error[parts[u]] -= _sizes[u];
        }
        return (error.Max(Math.Abs), error.Sum(Math.Abs));
    }
}
