using SpeechML.Encoders.Families.Ssl;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Layers;

/// <summary>With running figures a batch norm is a scale and a shift of each channel.</summary>
internal static class BatchNormGraph
{
    /// <param name="weights">The weights.</param>
    /// <param name="name">The norm's name.</param>
    public static (double[] Scale, float[] Shift) Of(ModelTensors weights, string name)
    {
        float[] weight = weights.Values(name + ".weight"), bias = weights.Values(name + ".bias");
        float[] mean = weights.Values(name + ".running_mean");
        double[] scale = [.. weight.Zip(weights.Values(name + ".running_var"),
            (w, v) => w / Math.Sqrt(v + WaveformConfig.FixedEpsilon))];
        return (scale, [.. bias.Select((b, i) => (float)(b - mean[i] * scale[i]))]);
    }
}
