using ScottPlot;
using ScottPlot.Plottables;

namespace SpeechML.Reports.Figures;

/// <summary>
/// Pitch and intensity over a wave, on its axis of time, and its pauses: they stand above what is drawn from -1 to 1
/// times a height.
/// </summary>
internal sealed class VoiceBands
{
    /// <summary>What a figure grows by, in pixels.</summary>
    public const int Height = 150;

    private const double Longest = 120; // s; contours of more are not told apart
    private const double IntensityFrom = 1.35, IntensityTo = 2.2, PitchFrom = 2.6, PitchTo = 3.6, Top = 3.95;
    private const double LeastOctaves = 1, Quiet = 50; // dB below the loudest frame
    private const double LevelTick = 20;
    private static readonly double[] s_pitches = [50, 70, 100, 150, 200, 300, 400, 600, 800];
    private static readonly Color s_pitch = FigureStyle.Of(3), s_intensity = FigureStyle.Of(5);

    private readonly PitchContour _pitch;
    private readonly IntensityContour _intensity;
    private readonly IReadOnlyList<SoundingInterval> _intervals;
    private readonly List<(double Place, string Text)> _ticks = [];

    private VoiceBands(MLAudio audio, VoiceMeasureOptions options)
    {
        _pitch = VoiceMeasures.Pitch(audio, options.Pitch);
        _intensity = VoiceMeasures.Intensity(audio, options.Intensity);
        _intervals = VoiceMeasures.SoundingIntervals(audio, options.Pauses);
    }

    /// <summary>The bands of a clip; <see langword="null"/> of one too short or too long for them.</summary>
    /// <param name="audio">The clip; <see langword="null"/> where it is not at hand.</param>
    /// <param name="options">How it is measured; <see langword="null"/> for the defaults.</param>
    public static VoiceBands? Of(MLAudio? audio, VoiceMeasureOptions? options = null)
    {
        if (audio is null || audio.Duration.TotalSeconds > Longest)
        {
            return null;
        }
        var bands = new VoiceBands(audio, options ?? new VoiceMeasureOptions());
        return bands._intensity.Times.Count == 0 ? null : bands;
    }

    /// <summary>What a figure with these bands says of them.</summary>
    public static string Caption(VoiceBands? bands) =>
        bands is null ? "" : " Above it pitch and intensity; grey: pauses.";

    /// <summary>Draws the pauses behind all that is drawn later.</summary>
    public void AddPauses(Plot plot)
    {
        bool named = false;
        foreach (SoundingInterval pause in _intervals.Where(i => !i.IsSounding))
        {
            HorizontalSpan span = plot.Add.HorizontalSpan(pause.Start, pause.End, FigureStyle.Faint.WithAlpha(0.2));
            span.LineStyle.Width = 0;
            span.LegendText = named ? "" : "pause";
            named = true;
        }
    }

    /// <summary>Draws the contours and gives the axis its limits and numbers.</summary>
    /// <param name="plot">The plot.</param>
    /// <param name="unit">The height that what is below goes to, up and down.</param>
    /// <param name="title">What is below.</param>
    /// <param name="ticks">Its numbers.</param>
    /// <param name="seconds">The end of the axis of time.</param>
    /// <returns>The limits of the axis.</returns>
    public (double Low, double High) AddContours(
        Plot plot, double unit, string title, (double Place, string Text)[] ticks, double seconds)
    {
        _ticks.AddRange(ticks);
        AddIntensity(plot, unit);
        AddPitch(plot, unit);
        plot.Axes.Left.Label.Text = "";
        plot.Axes.Left.IsVisible = true;
        plot.Axes.Left.SetTicks([.. _ticks.Select(t => t.Place)], [.. _ticks.Select(t => t.Text)]);
        AddTitle(plot, title, 1.2 * unit);
        AddTitle(plot, "Intensity (dB)", (IntensityTo + 0.2) * unit);
        AddTitle(plot, "Pitch (Hz)", (PitchTo + 0.2) * unit);
        (double low, double high) = (-1.1 * unit, Top * unit);
        plot.Axes.SetLimits(-0.01 * seconds, 1.01 * seconds, low, high);
        return (low, high);
    }

    private void AddIntensity(Plot plot, double unit)
    {
        double loudest = _intensity.Level.Max(), quietest = loudest - Quiet;
        double Place(double level) => unit * (IntensityFrom
            + ((IntensityTo - IntensityFrom) * (Math.Max(level, quietest) - quietest) / Quiet));
        FigureStyle.AddLine(plot, [.. _intensity.Times], [.. _intensity.Level.Select(Place)], s_intensity, "intensity");
        for (double level = Math.Ceiling(quietest / LevelTick) * LevelTick; level <= loudest; level += LevelTick)
        {
            _ticks.Add((Place(level), FormattableString.Invariant($"{level:0}")));
        }
    }

    private void AddPitch(Plot plot, double unit)
    {
        double[] voiced = [.. _pitch.Frequency.Where(double.IsFinite)];
        if (voiced.Length == 0)
        {
            return;
        }
        (double low, double high) = (Math.Log2(voiced.Min()), Math.Log2(voiced.Max()));
        double more = Math.Max(0, LeastOctaves - (high - low)) / 2;
        (low, high) = (low - more, high + more);
        double Place(double frequency) =>
            unit * (PitchFrom + ((PitchTo - PitchFrom) * (Math.Log2(frequency) - low) / (high - low)));
        bool named = false;
        for (int from = 0, to; from < _pitch.Frequency.Count; from = to)
        {
            to = from + 1;
            if (double.IsNaN(_pitch.Frequency[from]))
            {
                continue;
            }
            while (to < _pitch.Frequency.Count && double.IsFinite(_pitch.Frequency[to]))
            {
                to++;
            }
            int[] frames = [.. Enumerable.Range(from, to - from)];
            // A frame by itself is a line of its own length.
            double[] x = [.. frames.Select(i => _pitch.Times[i]), _pitch.Times[to - 1] + (_pitch.Step / 2)];
            double[] y = [.. frames.Select(i => Place(_pitch.Frequency[i])), Place(_pitch.Frequency[to - 1])];
            FigureStyle.AddLine(plot, x, y, s_pitch, named ? "" : "pitch");
            named = true;
        }
        double[] shown = [.. s_pitches.Where(p => Math.Log2(p) >= low && Math.Log2(p) <= high)];
        _ticks.AddRange(shown.Select(p => (Place(p), FormattableString.Invariant($"{p:0}"))));
    }

    private static void AddTitle(Plot plot, string title, double y)
    {
        Text text = plot.Add.Text(title, 0, y);
        text.Alignment = Alignment.MiddleLeft;
        text.LabelFontSize = 12;
        text.LabelFontColor = FigureStyle.Ink;
    }
}
