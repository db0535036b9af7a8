using SpeechML.Audio.Common;

namespace SpeechML.Data.Splits;

/// <summary>
/// Divides subjects into parts. First of all the parts have as nearly the wanted shares of clips as whole subjects
/// allow (<see cref="PartSizes"/>). Among such divisions the one is looked for in which each stratum has the same share
/// of positives in every part: a local search over moves and exchanges of whole subjects that keep the sizes, from
/// several starts, with random exchanges out of each optimum. Folds alone give up some of the sizes, step by step and
/// never beyond those of a greedy division (<see cref="GreedyStratification"/>), where few subjects of very different
/// size leave no division that is more even than the greedy one. The cost of a part: |deviation| + 3 deviation² summed
/// over the strata in play, and a penalty for each stratum that a part should hold on both sides and does not.
/// </summary>
internal sealed class SubjectPartition
{
    private const double SquareWeight = 3; // so that one large deviation costs more than several small ones
    private const double CoverPenalty = 20;
    private const int AllPairs = 300; // subjects up to which all exchanges are tried
    private const int AllTriples = 60; // subjects up to which one is exchanged for two
    private const int PairTries = 16;
    private const int MaxPasses = 30;
    private const int Starts = 8;
    private const int Kicks = 12; // fruitless ones in a row, after which another start is made
    private const long WorkPerSubject = 40_000; // of strata compared, besides one descent
    private const int GreedyRuns = 4;
    private const double Margin = 0.9; // of the greedy deviation
    private const double Negligible = 0.005; // deviation for which no share is given up
    private const long MaxWork = 40_000_000; // about 0.2 s

    // Shares of the way from the least error to that of the greedy division.
    private static readonly double[] s_relaxed = [0, 0.1, 0.2, 0.35, 0.5, 0.7, 1];

    private readonly SubjectTable _table;
    private readonly double[] _wanted; // clips of each part
    private readonly int[] _active;
    private readonly SeededRandom _random;
    private readonly bool[] _balanced;
    private readonly bool[] _coverPositive;
    private readonly bool[] _coverNegative;
    private readonly int[] _bySize; // subjects by rising number of clips
    private readonly int[] _rank; // of each subject in that order

    private readonly int[] _part;
    private readonly int[] _members;
    private readonly int[] _clips;
    private readonly int[] _present;
    private readonly int[] _positive;
    private readonly double[] _cost;
    private double _allowedLargest, _allowedSum; // clips that a part, and all parts together, may be off
    private long _work, _limit = long.MaxValue;

    private SubjectPartition(SubjectTable table, double[] wanted, int[] active, int threshold, SeededRandom random,
        PartSizes sizes)
    {
        _table = table;
        _wanted = Array.ConvertAll(wanted, w => w * table.TotalClips);
        _active = active;
        _random = random;
        (_allowedLargest, _allowedSum) = (sizes.Largest, sizes.Sum);
        _balanced = [.. table.TotalPositive.Select(p => p >= threshold && p > 0)];
        _coverPositive = [.. table.SubjectsWithPositive.Select(n => n >= _active.Length)];
        _coverNegative = [.. table.SubjectsWithNegative.Select(n => n >= _active.Length)];
        _bySize = [.. Enumerable.Range(0, table.Subjects).OrderBy(u => table.Clips[u])];
        _rank = new int[table.Subjects];
        for (int i = 0; i < _bySize.Length; i++)
        {
            _rank[_bySize[i]] = i;
        }
        _part = new int[table.Subjects];
        _members = new int[wanted.Length];
        _clips = new int[wanted.Length];
        _present = new int[wanted.Length * table.Strata];
        _positive = new int[wanted.Length * table.Strata];
        _cost = new double[wanted.Length];
    }

    /// <summary>The part of each subject.</summary>
    /// <param name="table">The subjects, at least as many as parts.</param>
    /// <param name="wanted">Share of clips of each part; 0 for a part that stays empty.</param>
    /// <param name="threshold">Positives a stratum needs to be balanced.</param>
    /// <param name="seed">Decides the starts and the order of the search.</param>
    /// <param name="relax">Whether the shares give way a little where a greedy division is more even (folds).</param>
    public static int[] Find(SubjectTable table, double[] wanted, int threshold, ulong seed, bool relax)
    {
        var random = new SeededRandom(seed);
        int[] active = [.. Enumerable.Range(0, wanted.Length).Where(s => wanted[s] > 0)];
        var sizes = new PartSizes(table.Clips, Array.ConvertAll(active, s => wanted[s]), random);
        var search = new SubjectPartition(table, wanted, active, threshold, random, sizes);
        if (!relax)
        {
            return search.Best(sizes).Parts;
        }
        Division greedy = search.Greedy(wanted);
        double room = Math.Max(0, greedy.Error - sizes.Largest);
        double negligible = Negligible * active.Length * search._balanced.Count(b => b);
        Division? best = null;
        foreach (double relaxed in s_relaxed.TakeWhile(r => r == 0 || room > 0))
        {
            (search._allowedLargest, search._allowedSum) =
                (sizes.Largest + (relaxed * room), sizes.Sum + (active.Length * relaxed * room));
            Division found = search.Best(sizes, relaxed == 1 ? greedy.Parts : null);
            best = best is null || found.Deviation < best.Deviation ? found : best;
            if (found.Deviation <= Math.Max(Margin * greedy.Deviation, negligible)
                && Math.Floor(found.Cost / CoverPenalty) <= Math.Floor(greedy.Cost / CoverPenalty))
            {
                break;
            }
        }
        return best!.Parts;
    }

    /// <summary>The most even of several greedy divisions.</summary>
    private Division Greedy(double[] wanted)
    {
        double[] shares = Array.ConvertAll(_active, s => wanted[s]);
        var runs = new List<Division>();
        for (int run = 0; run < (_table.Subjects <= AllPairs ? GreedyRuns : 1); run++)
        {
            Load(Array.ConvertAll(GreedyStratification.Find(_table, shares, _random), p => _active[p]));
            runs.Add(Now());
        }
        // An empty part is no division: nothing is relaxed for it.
        return runs.MinBy(r => r.Deviation)! is var best && _active.All(s => best.Parts.Contains(s)) ? best
            : best with { Error = 0, Deviation = double.PositiveInfinity, Cost = double.PositiveInfinity };
    }

    /// <summary>The best of several starts within the allowed sizes.</summary>
    private Division Best(PartSizes sizes, int[]? first = null)
    {
        Division? best = null;
        (_work, _limit) = (0, long.MaxValue);
        for (int start = 0; start < Starts && _work < _limit; start++)
        {
            Load(start == 0 && first is not null ? first : Array.ConvertAll(sizes.Next(), p => _active[p]));
            Descend();
            _limit = Math.Min(MaxWork, WorkPerSubject * _table.Subjects);
            Kick();
            best = best is null || _cost.Sum() < best.Cost - 1e-12 ? Now() : best;
        }
        return best!;
    }

    private Division Now() => new([.. _part], _cost.Sum(), _active.Max(s => Math.Abs(_clips[s] - _wanted[s])),
        _active.Sum(s => Enumerable.Range(0, _table.Strata).Where(k => _balanced[k]).Sum(k => Deviation(
            _present[(s * _table.Strata) + k], _positive[(s * _table.Strata) + k], k))));

    private double Deviation(int present, int positive, int stratum) =>
        present == 0 ? 1 : Math.Abs(((double)positive / present) - _table.Share[stratum]);

    private void Load(int[] parts)
    {
        Array.Clear(_clips);
        Array.Clear(_members);
        Array.Clear(_present);
        Array.Clear(_positive);
        for (int u = 0; u < parts.Length; u++)
        {
            _part[u] = parts[u];
            Add(parts[u], u, 1);
        }
        foreach (int s in _active)
        {
            _cost[s] = Cost(s, [], []);
        }
    }

    // Random exchanges out of the optimum, and down again; where that is no better, back.
    private void Kick()
    {
        for (int fruitless = 0; fruitless < Kicks && _work < _limit; fruitless++)
        {
            int[] before = [.. _part];
            double cost = _cost.Sum();
            int wanted = 2 + _random.Next(3);
            for (int i = 0; wanted > 0 && i < 50; i++)
            {
                int u = _random.Next(_table.Subjects), v = Partner(u, i);
                if (_part[u] != _part[v] && Exchange([u], [v], _part[v], anyCost: true))
                {
                    wanted--;
                }
            }
            Descend();
            if (_cost.Sum() < cost - 1e-9)
            {
                fruitless = -1;
            }
            else
            {
                Load(before);
            }
        }
    }

    private void Descend()
    {
        for (int pass = 0; pass < MaxPasses && _work < _limit; pass++)
        {
            double before = _cost.Sum();
            int[] order = [.. Enumerable.Range(0, _table.Subjects)];
            _random.Shuffle<int>(order);
            foreach (int u in order)
            {
                TryMoves(u);
                TryPairs(u);
                if (_table.Subjects <= AllTriples)
                {
                    TryTriples(u);
                }
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
                Exchange([u], [], target, anyCost: false);
            }
        }
    }

    private void TryPairs(int u)
    {
        bool all = _table.Subjects <= AllPairs;
        for (int i = 0; i < (all ? _table.Subjects : PairTries); i++)
        {
            int v = all ? i : Partner(u, i);
            if (_part[v] != _part[u])
            {
                Exchange([u], [v], _part[v], anyCost: false);
            }
        }
    }

    private void TryTriples(int u)
    {
        for (int v = 0; v < _table.Subjects; v++)
        {
            for (int w = v + 1; w < _table.Subjects && _part[v] != _part[u]; w++)
            {
                if (_part[w] == _part[v] && _part[v] != _part[u])
                {
                    Exchange([u], [v, w], _part[v], anyCost: false);
                }
            }
        }
    }

    // Anybody, or every other time somebody of about as many clips: where sizes differ much, few others can be taken.
    private int Partner(int u, int attempt)
    {
        if (attempt % 2 == 0)
        {
            return _random.Next(_table.Subjects);
        }
        int rank = _rank[u] - PairTries + _random.Next((2 * PairTries) + 1);
        return _bySize[Math.Clamp(rank, 0, _bySize.Length - 1)];
    }

    // `leaving` of their part to the target and `back` in exchange, if the sizes allow it and it costs less.
    private bool Exchange(ReadOnlySpan<int> leaving, ReadOnlySpan<int> back, int target, bool anyCost)
    {
        int source = _part[leaving[0]];
        if (_members[source] + back.Length <= leaving.Length || !Fits(source, target, leaving, back))
        {
            return false;
        }
        double sourceCost = Cost(source, leaving, back), targetCost = Cost(target, back, leaving);
        if (!anyCost && sourceCost + targetCost >= _cost[source] + _cost[target] - 1e-12)
        {
            return false;
        }
        Move(leaving, source, target);
        Move(back, target, source);
        (_cost[source], _cost[target]) = (sourceCost, targetCost);
        return true;
    }

    private bool Fits(int source, int target, ReadOnlySpan<int> leaving, ReadOnlySpan<int> back)
    {
        _work++;
        int clips = 0;
        foreach (int u in leaving)
        {
            clips += _table.Clips[u];
        }
        foreach (int u in back)
        {
            clips -= _table.Clips[u];
        }
        if (clips == 0)
        {
            return true;
        }
        double sum = 0;
        foreach (int s in _active)
        {
            int size = _clips[s] + (s == target ? clips : s == source ? -clips : 0);
            double error = Math.Abs(size - _wanted[s]);
            if (error > _allowedLargest)
            {
                return false;
            }
            sum += error;
        }
        return sum <= _allowedSum;
    }

    private void Move(ReadOnlySpan<int> subjects, int from, int to)
    {
        foreach (int u in subjects)
        {
            Add(from, u, -1);
            Add(to, u, 1);
            _part[u] = to;
        }
    }

    private void Add(int s, int u, int sign)
    {
        _members[s] += sign;
        _clips[s] += sign * _table.Clips[u];
        int strata = _table.Strata;
        for (int k = 0; k < strata; k++)
        {
            _present[(s * strata) + k] += sign * _table.Present[(u * strata) + k];
            _positive[(s * strata) + k] += sign * _table.Positive[(u * strata) + k];
        }
    }

    // the cost of part s without the subjects `minus` and with the subjects `plus`
    private double Cost(int s, ReadOnlySpan<int> minus, ReadOnlySpan<int> plus)
    {
        double cost = 0;
        int strata = _table.Strata;
        _work += strata;
        for (int k = 0; k < strata; k++)
        {
            int n = _present[(s * strata) + k], p = _positive[(s * strata) + k];
            foreach (int u in minus)
            {
                n -= _table.Present[(u * strata) + k];
                p -= _table.Positive[(u * strata) + k];
            }
            foreach (int u in plus)
            {
                n += _table.Present[(u * strata) + k];
                p += _table.Positive[(u * strata) + k];
            }
            if (_balanced[k])
            {
                double deviation = Deviation(n, p, k);
                cost += deviation + (SquareWeight * deviation * deviation);
            }
            if ((p == 0 && _coverPositive[k]) || (p == n && _coverNegative[k]))
            {
                cost += CoverPenalty;
            }
        }
        return cost;
    }

    /// <summary>A division, its cost, how many clips its worst part is off, and its summed deviations.</summary>
    private sealed record Division(int[] Parts, double Cost, double Error, double Deviation);
}
