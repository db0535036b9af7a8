namespace SpeechML.Data.Evaluation.Metrics.Definitions;

/// <summary>
/// Kendall's tau-b; both columns are sorted once, pairs are counted through a tree of counts (Fenwick), O(n log n) per
/// resample.
/// </summary>
internal sealed class KendallTau
{
    private readonly int[] _order;
    private readonly bool[] _lastOfTie;
    private readonly int[] _place;
    private readonly int _places;

    public KendallTau(double[] y, double[] x)
    {
        _order = [.. Enumerable.Range(0, y.Length).OrderBy(i => y[i])];
        _lastOfTie = [.. _order.Select((i, k) => k + 1 == _order.Length || y[_order[k + 1]] != y[i])];
        double[] distinct = [.. x.Distinct().Order()];
        _places = distinct.Length;
        _place = Array.ConvertAll(x, v => Array.BinarySearch(distinct, v));
    }

    public MetricValue Value(ReadOnlySpan<int> weights)
    {
        double[] tree = new double[_places + 1], ofPlace = new double[_places];
        double rows = 0, balance = 0, tiesY = 0, group = 0;
        for (int k = 0, start = 0; k < _order.Length; k++)
        {
            int weight = weights[_order[k]], place = _place[_order[k]];
            // Pairs with the clips of lower truth, which are in the tree: in order less out of order.
            balance += weight * (Below(tree, place) - (rows - Below(tree, place + 1)));
            group += weight;
            if (!_lastOfTie[k])
            {
                continue;
            }
            for (; start <= k; start++)
            {
                int added = weights[_order[start]], at = _place[_order[start]];
                ofPlace[at] += added;
                for (int node = at + 1; node <= _places; node += node & -node)
                {
                    tree[node] += added;
                }
            }
            tiesY += Pairs(group);
            rows += group;
            group = 0;
        }
        double all = Pairs(rows), tiesX = ofPlace.Sum(Pairs);
        return rows < 2 ? MetricValue.Because("fewer than two rows")
            : tiesY == all ? MetricValue.Because("constant truth") : tiesX == all
                ? MetricValue.Because("constant prediction")
            : Math.Clamp(balance / Math.Sqrt(all - tiesY) / Math.Sqrt(all - tiesX), -1, 1);
    }

    private static double Pairs(double n) => n * (n - 1) / 2;

    // Clips at places before this one.
    private static double Below(double[] tree, int place)
    {
        double sum = 0;
        for (int node = place; node > 0; node -= node & -node)
        {
            sum += tree[node];
        }
        return sum;
    }
}
