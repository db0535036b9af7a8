using SpeechML.Data.Onnx;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Features;

/// <summary>Zero mean and unit variance over the samples that count, as <see cref="WaveformNormalizer"/>.</summary>
internal static class WaveformGraph
{
    /// <summary>(batch, samples), padding 0, under the name that SpeechML.Onnx feeds itself.</summary>
    public static string Build(EncoderWork work)
    {
        GraphBuilder graph = work.Graph;
        using IDisposable scope = graph.Scope(OnnxParts.Normalization);
        string valid = graph.Before(work.Lengths, graph.Size(work.Audio, 1));
        string audio = graph.Where(valid, work.Audio, graph.Constant(0f));
        if (!work.Encoder.Features.Normalize)
        {
            return graph.Named("Identity", OnnxParts.Waveform, [audio]);
        }
        // In double, as the model does it: the sums are of half a million samples.
        string samples = graph.Cast(audio, ElementType.Double);
        string count = graph.Cast(graph.Unsqueeze(work.Lengths, 1), ElementType.Double);
        string mean = graph.Div(graph.Sum(samples, true, 1), count);
        string centred = graph.Mul(graph.Sub(samples, mean), graph.Cast(valid, ElementType.Double));
        string variance = graph.Div(graph.Sum(graph.Mul(centred, centred), true, 1), count);
        string deviation = graph.Op(
            "Sqrt", graph.Add(variance, graph.Constant(WaveformNormalizer.VarianceFloor)));
        return graph.Named("Identity", OnnxParts.Waveform,
            [graph.Cast(graph.Div(centred, deviation), ElementType.Float)]);
    }
}
