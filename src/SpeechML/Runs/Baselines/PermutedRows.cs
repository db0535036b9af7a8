using SpeechML.Audio.Common;

namespace SpeechML.Runs.Baselines;

/// <summary>Some numbers of each clip, which change places among the clips together.</summary>
/// <param name="Name">What they are called.</param>
/// <param name="Columns">Which.</param>
internal sealed record PermutedMeasure(string Name, int[] Columns)
{
    /// <summary>Each measure by itself, then the groups of acoustic measures with several.</summary>
    public static PermutedMeasure[] Of(IReadOnlyList<(string Name, string Unit)> measures)
    {
        Dictionary<string, string> groups = VoiceMeasures.All.ToDictionary(m => m.Name, m => m.Group);
        return [.. measures.Select((m, j) => new PermutedMeasure(m.Name, [j])),
            .. measures.Index().Where(m => groups.ContainsKey(m.Item.Name)).GroupBy(m => groups[m.Item.Name])
                .Where(g => g.Count() > 1)
                .Select(g => new PermutedMeasure($"all of {g.Key}", [.. g.Select(m => m.Index)]))];
    }
}

/// <summary>
/// The rows that a linear model is asked about: the clips as they are, then with each measure permuted, several times.
/// Made when they are read.
/// </summary>
internal sealed class PermutedRows
{
    private const int EnoughRows = 2000; // one permutation of more says as much as several of fewer

    private readonly float[][] _clips;
    private readonly int _numbers;
    private readonly PermutedMeasure[] _measures;
    private readonly int[][] _orders;

    /// <param name="clips">What the model gets of each clip: its numbers, then a sign of each that it is
    /// missing.</param>
    /// <param name="measures">The measures.</param>
    /// <param name="seed">Of the permutations.</param>
    public PermutedRows(float[][] clips, PermutedMeasure[] measures, long seed)
    {
        (_clips, _measures) = (clips, measures);
        _numbers = clips.Length == 0 ? 0 : clips[0].Length / 2;
        Repeats = Math.Clamp(EnoughRows / Math.Max(1, clips.Length), 1, 5);
        var random = new SeededRandom((ulong)seed);
        _orders = [.. Enumerable.Range(0, Repeats).Select(_ =>
        {
            int[] order = [.. Enumerable.Range(0, clips.Length)];
            random.Shuffle<int>(order);
            return order;
        })];
    }

    /// <summary>Permutations of each measure.</summary>
    public int Repeats { get; }

    /// <summary>Blocks of as many rows as there are clips.</summary>
    public int Blocks => 1 + (_measures.Length * Repeats);

    /// <summary>The block of a measure's permutation; the first is that of the clips as they are.</summary>
    public int Block(int measure, int repeat) => 1 + (measure * Repeats) + repeat;

    public IEnumerable<float[]> All()
    {
        foreach (float[] clip in _clips)
        {
            yield return clip;
        }
        foreach (PermutedMeasure measure in _measures)
        {
            foreach (int[] order in _orders)
            {
                for (int i = 0; i < _clips.Length; i++)
                {
                    float[] row = [.. _clips[i]], other = _clips[order[i]];
                    foreach (int column in measure.Columns)
                    {
                        row[column] = other[column];
                        row[_numbers + column] = other[_numbers + column];
                    }
                    yield return row;
                }
            }
        }
    }
}
