using ScottPlot;
using ScottPlot.Plottables;

namespace SpeechML.Reports.Figures;

/// <summary>The wave of a clip, and what the model listened to.</summary>
internal static class ClipFigures
{
    private const int Height = 170;
    private const int Columns = 700; // lowest and highest sample of each are drawn

    public static ReportFigure Of(string id, RunClip clip, MLAudio audio) =>
        Of(id, audio, clip.FrameWeights is { Count: > 0 } weights ? [.. weights] : [], clip.FrameSeconds);

    /// <param name="id">Names it.</param>
    /// <param name="audio">The clip.</param>
    /// <param name="weights">The weight of each frame in the pooled vector; empty for none.</param>
    /// <param name="frameSeconds">From frame to frame.</param>
    /// <param name="options">How its voice is measured; <see langword="null"/> for the defaults.</param>
    public static ReportFigure Of(
        string id, MLAudio audio, float[] weights, double frameSeconds, VoiceMeasureOptions? options = null)
    {
        float[] samples = audio.GetArray();
        Plot plot = FigureStyle.NewPlot("Time (s)", "");
        VoiceBands? voice = VoiceBands.Of(audio, options);
        voice?.AddPauses(plot);
        AddWave(plot, samples, audio.SampleRate, 1, FigureStyle.Main.WithAlpha(0.55));
        bool weighted = weights.Length > 0;
        if (weighted)
        {
            double most = Math.Max(1e-12, weights.Max());
            // Up from the bottom of the figure: 1 is the frame that counts most.
            FigureStyle.AddLine(plot, [.. weights.Select((_, i) => (i + 0.5) * frameSeconds)],
                [.. weights.Select(w => -1 + (2 * w / most))], FigureStyle.Second,
                "weight of the frame in the pooled vector; 1: the greatest of the clip");
        }
        plot.HideGrid();
        plot.Axes.Left.IsVisible = false;
        double seconds = Math.Max(1e-3, samples.Length / (double)audio.SampleRate);
        plot.Axes.SetLimits(-0.01 * seconds, 1.01 * seconds, -1.1, 1.1);
        (double low, double high) = voice?.AddContours(plot, 1, "Waveform", [], seconds) ?? (-1.1, 1.1);
        if (weighted)
        {
            FigureStyle.ShowRightAxis(plot, [-1, 0, 1], ["0", "0.5", "1"], low, high);
        }
        string what = weighted ? "Waveform, and the weight of each frame in the pooled vector." : "Waveform.";
        return new ReportFigure(id, what + VoiceBands.Caption(voice), plot,
            ReportFigure.HalfWidth, Height + (voice is null ? 0 : VoiceBands.Height), rows: true);
    }

    /// <summary>Draws a wave, from its lowest to its highest sample at each moment.</summary>
    /// <param name="plot">The plot.</param>
    /// <param name="samples">The wave.</param>
    /// <param name="sampleRate">In Hz.</param>
    /// <param name="height">Where its loudest sample is.</param>
    /// <param name="color">Its color.</param>
    public static void AddWave(Plot plot, float[] samples, int sampleRate, double height, Color color)
    {
        int columns = Math.Clamp(samples.Length, 1, Columns);
        double[] x = new double[columns], low = new double[columns], high = new double[columns];
        for (int c = 0; c < columns; c++)
        {
            int from = (int)((long)c * samples.Length / columns),
                to = Math.Max(from + 1, (int)((long)(c + 1) * samples.Length / columns));
            ReadOnlySpan<float> part = samples.AsSpan(from, Math.Min(to, samples.Length) - from);
            x[c] = (from + to) / 2.0 / sampleRate;
            foreach (float sample in part)
            {
                low[c] = Math.Min(low[c], sample);
                high[c] = Math.Max(high[c], sample);
            }
        }
        double loudest = Math.Max(1e-4, high.Concat(low.Select(v => -v)).Max()) / height;
        FillY wave = plot.Add.FillY(x, [.. low.Select(v => v / loudest)], [.. high.Select(v => v / loudest)]);
        wave.FillColor = color;
        wave.LineWidth = 0;
        wave.MarkerSize = 0;
    }
}
