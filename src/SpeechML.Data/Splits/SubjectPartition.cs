using SpeechML.Audio.Common;

namespace SpeechML.Data.Splits;

/// <summary>
/// Divides subjects into parts so that the parts have the wanted shares of clips and each stratum has the same share of
/// positives in each: an
/// assignment by size, then a local search over moves and swaps of whole subjects, near-linear in clips and subjects.
/// The cost of a part:
/// |deviation| + 3 deviation² summed over the strata in play, the deviation from the wanted share of clips, and a
/// penalty for each stratum that a part
/// should hold on both sides and does not.
/// </summary>
internal sealed class SubjectPartition
{
    private const double SquareWeight = 3; // so that one large deviation costs more than several small ones
    private const double ShareScale = 5; // a share 0.04 off costs as much as a deviation of 0.04 in every stratum
    private const double CoverPenalty = 20;
    private const double EmptyPenalty = 1e6;
    private const int SmallProblem = 300; // subjects up to which all swaps are tried, from several starts
    private const int Starts = 6;
    private const int SwapTries = 8;
    private const int MaxPasses = 30;

    private readonly SubjectTable _table;
    private readonly double[] _wanted;
    private readonly int[] _active;
    private readonly SeededRandom _random;
    private readonly bool[] _balanced;
    private readonly bool[] _coverPositive;
    private readonly bool[] _coverNegative;
    private readonly double _shareWeight;

    private readonly int[] _part;
    private readonly int[] _clips;
    private readonly int[] _present;
    private readonly int[] _positive;
    private readonly double[] _cost;

    private SubjectPartition(SubjectTable table, double[] wanted, int threshold, ulong seed)
    {
        _table = table;
        _wanted = wanted;
        _active = [.. Enumerable.Range(0, wanted.Length).Where(s => wanted[s] > 0)];
        _random = new SeededRandom(seed);
        _balanced = [.. table.TotalPositive.Select(p => p >= threshold && p > 0)];
        _coverPositive = [.. table.SubjectsWithPositive.Select(n => n >= _active.Length)];
        _coverNegative = [.. table.SubjectsWithNegative.Select(n => n >= _active.Length)];
        _shareWeight = Math.Max(1, _balanced.Count(b => b));
        _part = new int[table.Subjects];
        _clips = new int[wanted.Length];
        _present = new int[wanted.Length * table.Strata];
        _positive = new int[wanted.Length * table.Strata];
        _cost = new double[wanted.Length];
    }

    /// <summary>The part of each subject.</summary>
    /// <param name="table">The subjects.</param>
    /// <param name="wanted">Share of clips of each part; 0 for a part that stays empty.</param>
    /// <param name="threshold">Positives a stratum needs to be balanced.</param>
    /// <param name="seed">Decides the starts and the order of the search.</param>
    public static int[] Find(SubjectTable table, double[] wanted, int threshold, ulong seed)
    {
        var search = new SubjectPartition(table, wanted, threshold, seed);
        int[] best = [];
        double bestCost = double.PositiveInfinity;
        for (int start = 0; start < (table.Subjects <= SmallProblem ? Starts : 1); start++)
        {
            search.Start();
            search.Improve();
            double cost = search._cost.Sum();
            if (cost < bestCost)
            {
                (best, bestCost) = ([.. search._part], cost);
            }
        }
        return best;
    }

    // Largest subjects first, equal ones in random order, each to the part that lacks most.
    private void Start()
    {
        Array.Clear(_clips);
        Array.Clear(_present);
        Array.Clear(_positive);
        foreach (int u in RandomOrder().OrderByDescending(u => _table.Clips[u]))
        {
            int target = _active.MaxBy(s => (_wanted[s] * _table.TotalClips) - _clips[s]);
            _part[u] = target;
            Add(target, u, 1);
        }
        foreach (int s in _active)
        {
            _cost[s] = Cost(s, -1, -1);
        }
    }

    private void Improve()
    {
        for (int pass = 0; pass < MaxPasses; pass++)
        {
            double before = _cost.Sum();
            foreach (int u in RandomOrder())
            {
                TryMoves(u);
                TrySwaps(u);
            }
            if (before - _cost.Sum() <= 1e-3 * before)
            {
                break;
            }
        }
    }

    private void TryMoves(int u)
    {
        foreach (int target in _active)
        {
            if (target != _part[u])
            {
                Try(u, target, -1);
            }
        }
    }

    private void TrySwaps(int u)
    {
        bool all = _table.Subjects <= SmallProblem;
        int tries = all ? _table.Subjects : SwapTries;
        for (int i = 0; i < tries; i++)
        {
            int v = all ? i : _random.Next(_table.Subjects);
            if (_part[v] != _part[u])
            {
                Try(u, _part[v], v);
            }
        }
    }

    // u to target, and v (or nobody, -1) back in exchange, if that costs less
    private void Try(int u, int target, int v)
    {
        int source = _part[u];
        double sourceCost = Cost(source, u, v), targetCost = Cost(target, v, u);
        if (sourceCost + targetCost >= _cost[source] + _cost[target] - 1e-12)
        {
            return;
        }
        Add(source, u, -1);
        Add(target, u, 1);
        _part[u] = target;
        if (v >= 0)
        {
            Add(target, v, -1);
            Add(source, v, 1);
            _part[v] = source;
        }
        _cost[source] = sourceCost;
        _cost[target] = targetCost;
    }

    private void Add(int s, int u, int sign)
    {
        _clips[s] += sign * _table.Clips[u];
        int strata = _table.Strata;
        for (int k = 0; k < strata; k++)
        {
            _present[(s * strata) + k] += sign * _table.Present[(u * strata) + k];
            _positive[(s * strata) + k] += sign * _table.Positive[(u * strata) + k];
        }
    }

    // the cost of part s without subject `minus` and with subject `plus` (-1: nobody)
    private double Cost(int s, int minus, int plus)
    {
        int clips = _clips[s] - (minus < 0 ? 0 : _table.Clips[minus]) + (plus < 0 ? 0 : _table.Clips[plus]);
        if (clips == 0)
        {
            return EmptyPenalty;
        }
        double error = Math.Abs(((double)clips / _table.TotalClips) - _wanted[s]);
        double cost = _shareWeight * ((ShareScale * error * ShareScale * error) + (error / 10));
        int strata = _table.Strata;
        ReadOnlySpan<int> present = _present.AsSpan(s * strata, strata),
            positive = _positive.AsSpan(s * strata, strata);
        for (int k = 0; k < strata; k++)
        {
            int n = present[k], p = positive[k];
            if (minus >= 0)
            {
                n -= _table.Present[(minus * strata) + k];
                p -= _table.Positive[(minus * strata) + k];
            }
            if (plus >= 0)
            {
                n += _table.Present[(plus * strata) + k];
                p += _table.Positive[(plus * strata) + k];
            }
            if (_balanced[k])
            {
                double deviation = n == 0 ? 1 : Math.Abs(((double)p / n) - _table.Share[k]);
                cost += deviation + (SquareWeight * deviation * deviation);
            }
            if ((p == 0 && _coverPositive[k]) || (p == n && _coverNegative[k]))
            {
                cost += CoverPenalty;
            }
        }
        return cost;
    }

    private int[] RandomOrder()
    {
        int[] order = [.. Enumerable.Range(0, _table.Subjects)];
        _random.Shuffle<int>(order);
        return order;
    }
}
