using SpeechML.Encoders.Features;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Features;

/// <summary>
/// Kaldi's log-mel frames, as <see cref="KaldiSpectrogram"/>. All before the power (mean, pre-emphasis, window,
/// transform) is linear in the samples of a frame, and hence one product; in double.
/// </summary>
internal static class KaldiGraph
{
    private const int Hop = KaldiSpectrogram.Hop;
    private const int Window = KaldiSpectrogram.WindowLength;
    private const int Bins = KaldiSpectrogram.Bins;

    // Blocks of which both a hop and a window are a whole number.
    private const int Block = 80;

    /// <param name="work">The graph.</param>
    /// <param name="mels">Mel bands.</param>
    /// <param name="scale">What samples are multiplied with.</param>
    /// <param name="windowPower">The power of the Hann window.</param>
    /// <param name="most">The most frames that are seen; <see langword="null"/> without a limit.</param>
    public static KaldiFrames Build(EncoderWork work, int mels, double scale, double windowPower, long? most)
    {
        GraphBuilder graph = work.Graph;
        string valid = graph.Before(work.Lengths, graph.Size(work.Audio, 1));
        string audio = graph.Where(valid, work.Audio, graph.Constant(0f));
        string Frames(string samples)
        {
            string all = graph.Add(
                graph.Div(graph.Sub(samples, graph.Constant((long)Window)), graph.Constant((long)Hop)),
                graph.Constant(1L));
            return most is { } limit ? graph.Min(all, graph.Constant(limit)) : all;
        }
        string count = Frames(graph.Size(audio, 1));
        string power = Power(graph, Framed(graph, audio, count), scale, windowPower);
        double[] filters = new double[Bins * mels];
        for (int mel = 0; mel < mels; mel++)
        {
            double[] filter = KaldiSpectrogram.Filter(mel, mels);
            for (int bin = 0; bin < Bins; bin++)
            {
                filters[bin * mels + mel] = filter[bin];
            }
        }
        string energy = graph.MatMul(power, graph.Constant(ElementType.Double, filters, Bins, mels));
        string least = graph.Constant(KaldiSpectrogram.Floor);
        string logs = graph.Op("Log", graph.Where(graph.Less(energy, least), least, energy));
        return new KaldiFrames(logs, Frames(work.Lengths), count);
    }

    // (batch, frames, window) double, none partial.
    private static string Framed(GraphBuilder graph, string audio, string count)
    {
        string end = graph.Add(graph.Mul(count, graph.Constant((long)Hop)), graph.Constant((long)Window - Hop));
        string cut = graph.Op("Slice", audio, graph.Vector(0), graph.Unsqueeze(end, 0), graph.Vector(1));
        string blocks = graph.Cast(graph.Reshape(cut, 0, -1, Block), ElementType.Double);
        string last = graph.Mul(graph.Sub(count, graph.Constant(1L)), graph.Constant((long)(Hop / Block)));
        return graph.Concat(2, [.. Enumerable.Range(0, Window / Block).Select(block => graph.Op(
            "Slice", blocks, graph.Vector(block),
            graph.Unsqueeze(graph.Add(last, graph.Constant(block + 1L)), 0), graph.Vector(1),
            graph.Vector(Hop / Block)))]);
    }

    // (batch, frames, bins).
    private static string Power(GraphBuilder graph, string frames, double scale, double windowPower)
    {
        double[] window = KaldiSpectrogram.Window(windowPower);
        double[] map = new double[Window * 2 * Bins];
        for (int column = 0; column < 2 * Bins; column++)
        {
            int bin = column % Bins;
            double[] taps = new double[Window];
            for (int i = 0; i < Window; i++)
            {
                // The angle by whole numbers, so that it is exact.
                double angle = 2 * Math.PI * (i * bin % KaldiSpectrogram.Points) / KaldiSpectrogram.Points;
                double tap = window[i] * (column < Bins ? Math.Cos(angle) : Math.Sin(angle));
                taps[i] += tap;
                // The first sample counts as its own predecessor.
                taps[Math.Max(0, i - 1)] -= KaldiSpectrogram.PreEmphasis * tap;
            }
            double mean = taps.Average();
            for (int i = 0; i < Window; i++)
            {
                map[(i * 2 * Bins) + column] = scale * (taps[i] - mean);
            }
        }
        string transformed = graph.MatMul(frames, graph.Constant(ElementType.Double, map, Window, 2 * Bins));
        string[] parts = graph.Ops(2, "Split", [graph.Mul(transformed, transformed)], ("axis", 2L));
        return graph.Add(parts[0], parts[1]);
    }
}

/// <summary>Log-mel frames.</summary>
/// <param name="Values">(batch, frames, mels) double; those behind a clip's own are of no meaning.</param>
/// <param name="Lengths">(batch) a clip's own.</param>
/// <param name="Count">A scalar: how many frames.</param>
internal sealed record KaldiFrames(string Values, string Lengths, string Count);
