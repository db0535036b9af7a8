using SpeechML.Audio.Dsp;
using SpeechML.Encoders.Families.Whisper;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Features;

/// <summary>
/// Whisper's log-mel spectrogram, as <see cref="LogMelSpectrogram"/>. The Fourier transform is a product with its
/// matrix, folded by the symmetry of cosine and sine; in double, because a quiet band beside a loud one is a small
/// difference.
/// </summary>
internal static class LogMelGraph
{
    private const int Hop = LogMelSpectrogram.Hop;
    private const int Window = LogMelSpectrogram.WindowLength;
    private const int Half = Window / 2;

    // Blocks of which both a hop and a window are a whole number.
    private const int Block = 80;

    /// <summary>Mel frames of silence after a clip that the trimmed context keeps.</summary>
    public static long Margin(WhisperConfig config) =>
        config.SampleRate / Hop / WhisperConfig.MelFramesPerFrame * WhisperConfig.MelFramesPerFrame;

    public static MelFrames Build(EncoderWork work, WhisperConfig config, bool exact)
    {
        GraphBuilder graph = work.Graph;
        using IDisposable scope = graph.Scope("mel");
        string most = graph.Constant((long)config.MaxMelFrames);
        string valid = graph.Before(work.Lengths, graph.Size(work.Audio, 1));
        string audio = graph.Where(valid, work.Audio, graph.Constant(0f));
        string speech = graph.Min(graph.Div(
            graph.Add(work.Lengths, graph.Constant(Hop - 1L)), graph.Constant((long)Hop)), most);
        string visible = graph.Min(graph.Add(speech, graph.Constant(Margin(config))), most);
        string frames = exact ? most : graph.Reduce("ReduceMax", visible, false, 0);
        string log = Logarithms(graph, config, Framed(graph, audio, frames));
        string floor = graph.Sub(
            graph.Reduce("ReduceMax", log, true, 1, 2), graph.Constant(LogMelSpectrogram.DynamicRange));
        // Max of two values of different shapes, in a form that takes doubles everywhere.
        string clipped = graph.Where(graph.Less(log, floor), floor, log);
        string scaled = graph.Div(graph.Add(clipped, graph.Constant(4.0)), graph.Constant(4.0));
        string mel = graph.Transpose(graph.Cast(scaled, ElementType.Float), 0, 2, 1);
        if (exact)
        {
            return new MelFrames(mel, speech, "");
        }
        string seen = graph.Unsqueeze(graph.Before(visible, frames), 1);
        return new MelFrames(graph.Where(seen, mel, graph.Constant(0f)), speech, seen);
    }

    // (batch, frames, window) double: cut or padded to the frames, mirrored at both ends.
    private static string Framed(GraphBuilder graph, string audio, string frames)
    {
        string wanted = graph.Mul(frames, graph.Constant((long)Hop));
        string missing = graph.Unsqueeze(graph.Sub(wanted, graph.Size(audio, 1)), 0);
        string whole = graph.Op("Pad", audio, graph.Concat(0, graph.Vector(0, 0, 0), missing));
        // The last frame ends 40 samples after the last sample.
        string mirrored = graph.Op(
            "Pad", [whole, graph.Vector(0, Half, 0, Half - Hop)], ("mode", "reflect"));
        string blocks = graph.Cast(graph.Reshape(mirrored, 0, -1, Block), ElementType.Double);
        string count = graph.Mul(frames, graph.Constant(Hop / (long)Block));
        string[] parts = [.. Enumerable.Range(0, Window / Block).Select(b => graph.Op(
            "Slice", blocks, graph.Vector(b), graph.Unsqueeze(graph.Add(count, graph.Constant((long)b)), 0),
            graph.Vector(1), graph.Vector(Hop / Block)))];
        return graph.Concat(2, parts);
    }

    // (batch, frames, mels) double.
    private static string Logarithms(GraphBuilder graph, WhisperConfig config, string frames)
    {
        double[] window = LogMelSpectrogram.HannWindow;
        // cos(2πkn/N) is the same for n and N - n, sin the opposite; sample 0 has weight 0 in the window.
        string left = graph.Slice(frames, 2, 1, Half);
        string right = graph.Op("Slice", frames, graph.Vector(Window - 1), graph.Vector(Half), graph.Vector(2),
            graph.Vector(-1));
        string even = graph.Concat(2, graph.Add(left, right), graph.Slice(frames, 2, Half, Half + 1));
        string odd = graph.Sub(left, right);
        int bins = Half + 1;
        double[] cosines = new double[Half * bins], sines = new double[(Half - 1) * bins];
        for (int n = 1; n <= Half; n++)
        {
            for (int bin = 0; bin < bins; bin++)
            {
                // The angle by whole numbers, so that it is exact.
                double angle = 2 * Math.PI * (n * bin % Window) / Window;
                cosines[(n - 1) * bins + bin] = window[n] * Math.Cos(angle);
                if (n < Half)
                {
                    sines[(n - 1) * bins + bin] = window[n] * Math.Sin(angle);
                }
            }
        }
        string real = graph.MatMul(even, graph.Constant(ElementType.Double, cosines, Half, bins));
        string imaginary = graph.MatMul(odd, graph.Constant(ElementType.Double, sines, Half - 1, bins));
        string power = graph.Add(graph.Mul(real, real), graph.Mul(imaginary, imaginary));
        double[,] filters = MelFilterBank.Slaney(bins, config.Mels, config.SampleRate);
        string energy = graph.MatMul(
            power, graph.Constant(ElementType.Double, filters.Cast<double>().ToArray(), bins, config.Mels));
        string least = graph.Constant(LogMelSpectrogram.PowerFloor);
        string floored = graph.Where(graph.Less(energy, least), least, energy);
        return graph.Mul(graph.Op("Log", floored), graph.Constant(1 / Math.Log(10)));
    }
}

/// <summary>A log-mel spectrogram.</summary>
/// <param name="Values">(batch, mels, frames).</param>
/// <param name="Speech">(batch) frames that the clip reaches.</param>
/// <param name="Visible">(batch, 1, frames) Boolean; empty where every frame is seen.</param>
internal sealed record MelFrames(string Values, string Speech, string Visible);
