using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace SpeechML.Reports.Figures;

/// <summary>Which parts of a clip mattered.</summary>
internal static class ExplanationFigures
{
    private const int Lines = 2; // more are not told apart over a wave
    private const int Height = 240;

    /// <summary>How every figure of this kind is read.</summary>
    public const string HowToRead =
        "Above 0 a part speaks for the target, below 0 against it: it says what the model used, not whether it should.";

    /// <summary>One figure for each method that the explanation has.</summary>
    /// <param name="explanation">The explanation.</param>
    /// <param name="audio">The wave; <see langword="null"/> for none.</param>
    /// <param name="target">The target to show; <see langword="null"/> for those with the largest effect.</param>
    public static IReadOnlyList<ReportFigure> Of(SpeechExplanation explanation, MLAudio? audio, string? target)
    {
        var figures = new List<ReportFigure>();
        string[]? shown = null; // the same in each figure over time, so that a colour is one target
        foreach (ExplanationMethod method in
            new[] { ExplanationMethod.TimeOcclusion, ExplanationMethod.IntegratedGradients })
        {
            if (explanation.Attributions.Any(a => a.Method == method))
            {
                shown ??= target is null ? Shown(explanation, method, [], Lines) : [target];
                figures.Add(OverTime(
                    method == ExplanationMethod.TimeOcclusion ? "occlusion" : "gradients", explanation, method, audio,
                    shown, null, figures.Count == 0));
            }
        }
        if (explanation.Of(ExplanationMethod.Attention) is { Count: > 0 } attention)
        {
            figures.Add(OverTime("attention", explanation, ExplanationMethod.Attention, audio, [""], null,
                figures.Count == 0));
        }
        if (explanation.Attributions.Any(a => a.Method == ExplanationMethod.BandOcclusion))
        {
            figures.Add(OverBands(
                explanation, target ?? Shown(explanation, ExplanationMethod.BandOcclusion, [], 1)[0]));
        }
        return figures;
    }

    /// <summary>The figure of a clip of a run.</summary>
    /// <param name="id">Names it.</param>
    /// <param name="clip">The clip.</param>
    /// <param name="explanation">Its explanation.</param>
    /// <param name="audio">Its wave.</param>
    /// <param name="predictions">The run's predictions.</param>
    public static ReportFigure OfClip(
        string id, RunClip clip, SpeechExplanation explanation, MLAudio audio,
        IReadOnlyList<RunPrediction> predictions)
    {
        // What the model is most wrong about comes first.
        string[] wrong = [.. predictions
            .Where(p => p.Split == clip.Split && p.AudioKey == clip.AudioKey && p.Target is not null)
            .OrderByDescending(p => Math.Abs(p.Target!.Value - (p.Probability ?? p.Prediction)))
            .Select(p => p.Label)
            .Where(l => explanation.Targets.Any(t => t.Name == l))];
        return OverTime(id, explanation, ExplanationMethod.TimeOcclusion, audio,
            Shown(explanation, ExplanationMethod.TimeOcclusion, [.. wrong.Take(1)], Lines), clip, true);
    }

    private static string[] Shown(
        SpeechExplanation explanation, ExplanationMethod method, string[] first, int count) =>
        [.. first.Concat(explanation.Targets.Select(t => t.Name)
            .OrderByDescending(n => explanation.Of(method, n).Select(a => Math.Abs(a.Value)).Append(0).Max()))
            .Distinct().Take(count)];

    private static ReportFigure OverTime(
        string id, SpeechExplanation explanation, ExplanationMethod method, MLAudio? audio, string[] targets,
        RunClip? clip, bool contours)
    {
        bool shares = method == ExplanationMethod.Attention;
        bool number = !shares && explanation.Targets.All(t => t.Probability is null);
        string unit = shares ? "Share of the pooled vector" : number ? "Change of the value" : "Change of log odds";
        Plot plot = FigureStyle.NewPlot("Time (s)", unit);
        VoiceBands? voice = contours ? VoiceBands.Of(audio) : null;
        voice?.AddPauses(plot);
        IReadOnlyList<ClipAttribution>[] parts =
            [.. targets.Select(t => explanation.Of(method, t).Where(a => a.StartSeconds < explanation.Seconds)
                .ToArray())];
        double most = Math.Max(1e-6, parts.SelectMany(p => p).Select(a => Math.Abs(a.Value)).Append(0).Max());
        if (audio is not null)
        {
            ClipFigures.AddWave(plot, audio.GetArray(), audio.SampleRate, most, FigureStyle.Faint.WithAlpha(0.35));
        }
        HorizontalLine zero = plot.Add.HorizontalLine(0, 1, FigureStyle.Ink);
        zero.EnableAutoscale = false;
        for (int i = 0; i < targets.Length; i++)
        {
            (double X, double Y)[] line = [.. Steps(parts[i], explanation.HopSeconds, method, explanation.Seconds)];
            string name = shares ? "attention" : FigureStyle.Short(targets[i]);
            FigureStyle.AddLine(plot, Array.ConvertAll(line, p => p.X), Array.ConvertAll(line, p => p.Y),
                i == 0 ? FigureStyle.Second : FigureStyle.Main, name);
        }
        bool weighted = clip?.FrameWeights is { Count: > 0 };
        if (weighted)
        {
            float[] weights = [.. clip!.FrameWeights!];
            double greatest = Math.Max(1e-12, weights.Max());
            FigureStyle.AddLine(plot, [.. weights.Select((_, i) => (i + 0.5) * clip.FrameSeconds)],
                [.. weights.Select(w => most * ((2 * w / greatest) - 1))], FigureStyle.Of(2),
                "attention, from the lower edge up, relative to its greatest");
        }
        plot.HideGrid();
        double seconds = Math.Max(1e-3, explanation.Seconds);
        plot.Axes.SetLimits(-0.01 * seconds, 1.01 * seconds, shares ? -0.05 * most : -1.1 * most, 1.1 * most);
        string Text(double value) => value.ToString("G2", CultureInfo.InvariantCulture);
        _ = voice?.AddContours(plot, most, unit,
            shares ? [(0, "0"), (most, Text(most))] : [(-most, Text(-most)), (0, "0"), (most, Text(most))], seconds);
        return new ReportFigure(id, Caption(explanation, method, weighted) + VoiceBands.Caption(voice), plot,
            ReportFigure.HalfWidth, Height + (voice is null ? 0 : VoiceBands.Height), rows: true);
    }

    private static string Caption(SpeechExplanation explanation, ExplanationMethod method, bool weighted)
    {
        string attention = weighted ? " Waveform, and the weight of each frame in the pooled vector." : "";
        return method switch
        {
            ExplanationMethod.TimeOcclusion => FormattableString.Invariant(
                $"What the score loses without each {explanation.WindowSeconds:0.##} s. {HowToRead}{attention}"),
            ExplanationMethod.IntegratedGradients =>
                $"What each moment adds to the score, from silence to the clip (integrated gradients). {HowToRead}",
            _ => "The weight of each frame in the pooled vector: where the model listened, for or against.",
        };
    }

    /// <summary>Overlapping segments stand at their middle, for one hop; others for their own time.</summary>
    private static IEnumerable<(double X, double Y)> Steps(
        IReadOnlyList<ClipAttribution> parts, double hop, ExplanationMethod method, double seconds)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            ClipAttribution part = parts[i];
            double middle = (part.StartSeconds + part.EndSeconds) / 2;
            bool overlap = method == ExplanationMethod.TimeOcclusion;
            yield return (!overlap ? part.StartSeconds : i == 0 ? 0 : middle - (hop / 2), part.Value);
            yield return (!overlap ? part.EndSeconds : i == parts.Count - 1 ? seconds : middle + (hop / 2), part.Value);
        }
    }

    private static ReportFigure OverBands(SpeechExplanation explanation, string target)
    {
        IReadOnlyList<ClipAttribution> bands = explanation.Of(ExplanationMethod.BandOcclusion, target);
        bool number = explanation.Targets.All(t => t.Probability is null);
        Plot plot = FigureStyle.NewPlot("Band, from (Hz)", number ? "Change of the value" : "Change of log odds");
        BarPlot bars = plot.Add.Bars(
            [.. bands.Select((_, i) => (double)i)], [.. bands.Select(b => b.Value)]);
        bars.Color = FigureStyle.Second;
        bars.LegendText = FigureStyle.Short(target);
        plot.Axes.Bottom.TickGenerator = new NumericManual(
            [.. bands.Select((_, i) => (double)i)],
            [.. bands.Select(b => FormattableString.Invariant($"{b.LowHz:0}"))]);
        HorizontalLine zero = plot.Add.HorizontalLine(0, 1, FigureStyle.Ink);
        zero.EnableAutoscale = false;
        plot.HideGrid();
        double most = Math.Max(1e-6, bands.Max(b => Math.Abs(b.Value)));
        plot.Axes.SetLimits(-0.7, bands.Count - 0.3, -1.1 * most, 1.1 * most);
        return new ReportFigure("bands", $"What the score loses without each band of frequencies. {HowToRead}",
            plot, ReportFigure.HalfWidth, Height, rows: true);
    }
}
