using SpeechML.Audio.Common;

namespace SpeechML.Data.Splits;

/// <summary>
/// All sizes that two or three parts of whole subjects can have, up to a given error: a table of one bit for each
/// number of subjects, size of a second part and size of a third part; the largest part has the rest.
/// </summary>
internal sealed class ReachableSizes
{
    private const double Rounding = 1e-9;

    private readonly int[] _sizes;
    private readonly double[] _wanted;
    private readonly int _rest, _second, _third; // numbers of the parts; third is -1 where there are two
    private readonly int _rows, _words, _total;
    private readonly ulong[][] _layers; // after so many subjects
    private readonly List<(int Second, int Third)> _kept = [];

    private ReachableSizes(
        int[] sizes, double[] wanted, (int Remaining, int Second, int Third) parts, int rows, int words)
    {
        (_sizes, _wanted, _rows, _words) = (sizes, wanted, rows, words);
        (_rest, _second, _third) = parts;
        _total = sizes.Sum();
        _layers = new ulong[sizes.Length + 1][];
        _layers[0] = new ulong[rows * words];
        _layers[0][0] = 1;
        for (int u = 0; u < sizes.Length; u++)
        {
            _layers[u + 1] = Add(_layers[u], sizes[u]);
        }
        Least = (double.PositiveInfinity, double.PositiveInfinity);
        foreach ((int second, int third) in All())
        {
            (double Largest, double Sum) error = Error(second, third);
            Least = PartSizes.IsLess(error, Least) ? error : Least;
        }
    }

    /// <summary>The least largest error of a part, and the least sum of errors with it.</summary>
    public (double Largest, double Sum) Least { get; }

    /// <summary>Makes the table; <see langword="null"/> where it would be larger than allowed.</summary>
    /// <param name="sizes">Clips of each subject.</param>
    /// <param name="wanted">Wanted clips of each of two or three parts.</param>
    /// <param name="error">An error that is known to be reachable.</param>
    /// <param name="maxWords">How many words of 64 bits the table may have.</param>
    public static ReachableSizes? Find(int[] sizes, double[] wanted, double error, int maxWords)
    {
        int rest = Enumerable.Range(0, wanted.Length).MaxBy(s => wanted[s]);
        int[] others = [.. Enumerable.Range(0, wanted.Length).Where(s => s != rest)];
        long rows = (long)(wanted[others[0]] + error + Rounding) + 1;
        long words = others.Length == 1 ? 1 : ((long)(wanted[others[1]] + error + Rounding) / 64) + 1;
        return rows * words * (sizes.Length + 1) > maxWords ? null
            : new ReachableSizes(sizes, wanted, (rest, others[0], others.Length == 1 ? -1 : others[1]), (int)rows,
                (int)words);
    }

    /// <summary>Chooses the sizes that <see cref="Draw"/> gives: those within the errors.</summary>
    public void Keep(double largest, double sum) => _kept.AddRange(All().Where(
        s => Error(s.Second, s.Third) is var error && error.Largest <= largest && error.Sum <= sum));

    /// <summary>The part of each subject in a division of one of the kept sizes.</summary>
    public int[] Draw(SeededRandom random)
    {
        (int second, int third) = _kept[random.Next(_kept.Count)];
        int[] parts = new int[_sizes.Length];
        for (int u = _sizes.Length - 1; u >= 0; u--)
        {
            int size = _sizes[u];
            bool toRest = Has(u, second, third), toSecond = Has(u, second - size, third),
                toThird = Has(u, second, third - size);
            int choice = random.Next((toRest ? 1 : 0) + (toSecond ? 1 : 0) + (toThird ? 1 : 0));
            if (toRest && choice-- == 0)
            {
                parts[u] = _rest;
            }
            else if (toSecond && choice-- == 0)
            {
                (parts[u], second) = (_second, second - size);
            }
            else
            {
                (parts[u], third) = (_third, third - size);
            }
        }
        return parts;
    }

    private bool Has(int layer, int second, int third) =>
        second >= 0 && third >= 0 && (_layers[layer][(second * _words) + (third >> 6)] >> (third & 63) & 1) != 0;

    // Every part has a subject: no size is 0.
    private IEnumerable<(int Second, int Third)> All()
    {
        for (int second = 1; second < _rows; second++)
        {
            for (int third = _third < 0 ? 0 : 1; third < (_third < 0 ? 1 : _words * 64); third++)
            {
                if (second + third < _total && Has(_sizes.Length, second, third))
                {
                    yield return (second, third);
                }
            }
        }
    }

    private (double Largest, double Sum) Error(int second, int third)
    {
        double a = Math.Abs(_wanted[_rest] - (_total - second - third)), b = Math.Abs(_wanted[_second] - second),
            c = _third < 0 ? 0 : Math.Abs(_wanted[_third] - third);
        return (Math.Max(a, Math.Max(b, c)), a + b + c);
    }

    // One subject more: in the rest, in the second part (rows move), or in the third (bits move).
    private ulong[] Add(ulong[] before, int size)
    {
        ulong[] after = [.. before];
        for (int row = size; row < _rows; row++)
        {
            for (int w = 0; w < _words; w++)
            {
                after[(row * _words) + w] |= before[((row - size) * _words) + w];
            }
        }
        int words = size >> 6, bits = size & 63;
        for (int row = 0; _third >= 0 && row < _rows; row++)
        {
            int at = row * _words;
            for (int w = _words - 1; w >= words; w--)
            {
                ulong moved = before[at + w - words] << bits;
                if (bits > 0 && w > words)
                {
                    moved |= before[at + w - words - 1] >> (64 - bits);
                }
                after[at + w] |= moved;
            }
        }
        return after;
    }
}
