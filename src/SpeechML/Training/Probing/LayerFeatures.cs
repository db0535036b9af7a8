using System.Text.Json.Serialization;

namespace SpeechML.Training.Probing;

/// <summary>What of the hidden states an output of the head is given.</summary>
/// <param name="Layers">Numbers of hidden states, ascending.</param>
/// <param name="Deviation">Whether the standard deviation over frames goes with their mean.</param>
internal sealed record LayerFeatures(int[] Layers, bool Deviation)
{
    /// <summary>Whether the extra features go with them; alone where there are no layers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Extra { get; init; }

    /// <summary>
    /// Where the features are in the pooled vector of some layers, which is all means, then all deviations, then the
    /// extra features.
    /// </summary>
    /// <param name="pooled">The layers that are pooled, ascending.</param>
    /// <param name="hidden">Size of a hidden state.</param>
    /// <param name="extra">Where the extra features are.</param>
    /// <returns>Runs of values, one behind the other.</returns>
    public (long Start, long Length)[] In(int[] pooled, int hidden, (long Start, long Length) extra)
    {
        var runs = new List<(long Start, long Length)>();
        foreach (int part in Enumerable.Range(0, Deviation ? 2 : 1))
        {
            foreach (int layer in Layers)
            {
                long start = ((long)(part * pooled.Length) + Array.IndexOf(pooled, layer)) * hidden;
                if (runs.Count > 0 && runs[^1].Start + runs[^1].Length == start)
                {
                    runs[^1] = (runs[^1].Start, runs[^1].Length + hidden);
                }
                else
                {
                    runs.Add((start, hidden));
                }
            }
        }
        if (Extra)
        {
            runs.Add(extra);
        }
        return [.. runs];
    }

    /// <summary>The features in words.</summary>
    public override string ToString() => Layers.Length == 0 ? "extra features"
        : (Layers.Length == 1 ? FormattableString.Invariant($"layer {Layers[0]}")
            : FormattableString.Invariant($"layers {Layers[0]}-{Layers[^1]} joined")) +
        (Deviation ? ", mean and deviation" : ", mean") + (Extra ? ", and extra features" : "");
}
