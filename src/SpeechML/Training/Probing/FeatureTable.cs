using SpeechML.Model.Extras;
using static TorchSharp.torch;

namespace SpeechML.Training.Probing;

/// <summary>Mean and deviation over frames of every hidden state of every training clip.</summary>
/// <param name="Clips">The clips, kept as <c>(2 states, hidden)</c>: means, then deviations.</param>
/// <param name="Layers">Transformer layers of the encoder; one hidden state less than there are.</param>
/// <param name="Hidden">Size of a hidden state.</param>
internal sealed record FeatureTable(TrainingSet Clips, int Layers, int Hidden)
{
    private const int NoDeviation = 1, WithDeviation = 2;

    // Standardised, with what is missing.
    private float[][] Extras { get; init; } = [];

    /// <summary>Whether there are extra features.</summary>
    public bool HasExtras => Extras.Length > 0;

    /// <summary>The table of clips that were read.</summary>
    /// <inheritdoc cref="FeatureTable(TrainingSet, int, int)"/>
    public static FeatureTable Of(TrainingSet clips, int layers, int hidden)
    {
        if (clips.Extras is not { Count: > 0 } extras)
        {
            return new FeatureTable(clips, layers, hidden);
        }
        using var input = new ExtraInput(extras[0].Length);
        input.Learn(extras);
        return new FeatureTable(clips, layers, hidden) { Extras = input.Run(extras) };
    }

    private int[] States => [.. Enumerable.Range(0, Layers + 1)];

    /// <summary>Features of some clips (clips, features), float32 on the CPU.</summary>
    /// <param name="features">Which.</param>
    /// <param name="clips">Their numbers.</param>
    public Tensor Of(LayerFeatures features, int[] clips)
    {
        float[] values = Values(features, clips, out int size);
        return tensor(values, [clips.Length, size]);
    }

    /// <summary>The clips with the features of a network of fewer layers.</summary>
    /// <param name="features">What its pooling gives.</param>
    public TrainingSet Select(LayerFeatures features) =>
        Clips.Pooled(
            clip => Values(features with { Extra = false }, [clip], out _),
            features.Layers.Length * Hidden * (features.Deviation ? WithDeviation : NoDeviation));

    private float[] Values(LayerFeatures features, int[] clips, out int size)
    {
        (long Start, long Length)[] runs = (features with { Extra = false }).In(States, Hidden, default);
        int extra = features.Extra ? Extras[0].Length : 0;
        size = (int)runs.Sum(r => r.Length) + extra;
        float[] values = new float[(long)clips.Length * size];
        int at = 0;
        foreach (int clip in clips)
        {
            float[] all = Clips.Values(clip);
            foreach ((long start, long length) in runs)
            {
                all.AsSpan((int)start, (int)length).CopyTo(values.AsSpan(at));
                at += (int)length;
            }
            if (features.Extra)
            {
                Extras[clip].CopyTo(values, at);
                at += extra;
            }
        }
        return values;
    }
}
