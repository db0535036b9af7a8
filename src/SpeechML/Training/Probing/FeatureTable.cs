using static TorchSharp.torch;

namespace SpeechML.Training.Probing;

/// <summary>Mean and deviation over frames of every hidden state of every training clip.</summary>
/// <param name="Clips">The clips, kept as <c>(2 states, hidden)</c>: means, then deviations.</param>
/// <param name="Layers">Transformer layers of the encoder; one hidden state less than there are.</param>
/// <param name="Hidden">Size of a hidden state.</param>
internal sealed record FeatureTable(TrainingSet Clips, int Layers, int Hidden)
{
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
            clip => Values(features, [clip], out _), features.Layers.Length * Hidden * (features.Deviation ? 2 : 1));

    private float[] Values(LayerFeatures features, int[] clips, out int size)
    {
        (long Start, long Length)[] runs = features.In(States, Hidden);
        size = (int)runs.Sum(r => r.Length);
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
        }
        return values;
    }
}
