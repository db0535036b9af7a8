using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace SpeechML.Reports.Figures;

/// <summary>What all figures look like.</summary>
internal static class FigureStyle
{
    public static readonly Color Ink = FigurePalette.Ink;
    public static readonly Color Faint = FigurePalette.Faint;
    public static readonly Color Main = FigurePalette.Main;
    public static readonly Color Second = FigurePalette.Second;

    private const float TickSpacing = 48; // pixels between numbers below the axis, so that they have room at 360 px
    private static readonly string[] s_fonts =
        ["Segoe UI", "Helvetica Neue", "Arial", "Liberation Sans", "Noto Sans", "DejaVu Sans"];
    private static readonly Lazy<string> s_font =
        new(() => s_fonts.Intersect(SKFontManager.Default.FontFamilies, StringComparer.OrdinalIgnoreCase)
        .FirstOrDefault() ?? Fonts.Sans);

    /// <summary>With more lines than this they are not told apart.</summary>
    public static int Series => FigurePalette.Series;

    public static Color Of(int series) => FigurePalette.Of(series);

    /// <summary>An empty plot with titles of its axes.</summary>
    public static Plot NewPlot(string bottom, string left)
    {
        var plot = new Plot();
        plot.Font.Set(s_font.Value);
        plot.FigureBackground.Color = Colors.White;
        plot.Axes.Color(Ink);
        plot.Axes.Frame(false);
        plot.Axes.Bottom.FrameLineStyle.IsVisible = true;
        plot.Axes.Bottom.FrameLineStyle.Color = Faint;
        plot.Axes.Left.FrameLineStyle.IsVisible = true;
        plot.Axes.Left.FrameLineStyle.Color = Faint;
        plot.Grid.MajorLineColor = FigurePalette.Grid;
        foreach (IAxis axis in (IAxis[])[plot.Axes.Bottom, plot.Axes.Left])
        {
            axis.Label.Bold = false;
            axis.Label.FontSize = 13;
            axis.Label.ForeColor = Ink;
            axis.TickLabelStyle.FontSize = 12;
            axis.TickLabelStyle.ForeColor = Ink;
            axis.MinorTickStyle.Length = 0;
            axis.MajorTickStyle.Color = Faint;
        }
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { MinimumTickSpacing = TickSpacing };
        plot.Axes.Bottom.Label.Text = bottom;
        plot.Axes.Left.Label.Text = left;
        plot.Legend.FontSize = 12;
        plot.Legend.FontColor = Ink;
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.BackgroundColor = Colors.Transparent;
        return plot;
    }

    /// <summary>Axes that both go from 0 to 1, with the diagonal or without.</summary>
    public static Plot NewUnitPlot(string bottom, string left, bool diagonal)
    {
        Plot plot = NewPlot(bottom, left);
        if (diagonal)
        {
            ScottPlot.Plottables.LinePlot line = plot.Add.Line(0, 0, 1, 1);
            line.Color = Faint; // not dashed: Skia's SVG knows no dashes
        }
        plot.Axes.SetLimits(-0.02, 1.02, -0.02, 1.03);
        return plot;
    }

    /// <summary>An axis on the right with ticks of its own, at places of the left one.</summary>
    public static void ShowRightAxis(Plot plot, double[] places, string[] names, double low, double high)
    {
        IYAxis right = plot.Axes.Right;
        right.FrameLineStyle.IsVisible = true;
        right.FrameLineStyle.Color = Faint;
        right.MajorTickStyle.Color = Faint;
        right.TickLabelStyle.FontSize = 12;
        right.TickLabelStyle.ForeColor = Ink;
        plot.Axes.Right.SetTicks(places, names);
        plot.Axes.SetLimitsY(low, high, plot.Axes.Right);
    }

    /// <summary>A line through points.</summary>
    public static void AddLine(Plot plot, double[] x, double[] y, Color color, string name, bool markers = false)
    {
        // A loss of nothing has no place on an axis.
        (double X, double Y)[] points = [.. x.Zip(y).Where(p => double.IsFinite(p.First) && double.IsFinite(p.Second))];
        ScottPlot.Plottables.Scatter line = plot.Add.Scatter(
            Array.ConvertAll(points, p => p.X), Array.ConvertAll(points, p => p.Y), color);
        line.LineWidth = 2;
        line.MarkerSize = markers ? 6 : 0;
        line.LegendText = name;
    }

    /// <summary>Epochs are whole numbers.</summary>
    public static void WholeTicks(Plot plot) =>
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic
        {
            IntegerTicksOnly = true,
            MinimumTickSpacing = TickSpacing / 2,
        };

    /// <summary>
    /// Limits of an axis of metrics: from 0 to 1 where all values are within, else with a margin, and never below 0
    /// where none of them is.
    /// </summary>
    public static void MetricLimits(Plot plot, IEnumerable<double> values)
    {
        double[] known = [.. values.Where(double.IsFinite)];
        if (known.Length == 0)
        {
            return;
        }
        (double low, double high) = (known.Min(), known.Max());
        if (low >= 0 && high <= 1)
        {
            plot.Axes.SetLimitsY(0, 1.03);
            return;
        }
        double margin = Math.Max(1e-9, 0.06 * (high - low));
        plot.Axes.SetLimitsY(low >= 0 ? 0 : low - margin, high + margin);
    }

    /// <summary>PascalCase as words: <c>HeadLearningRate</c> is "head learning rate".</summary>
    public static string Words(string name) => string.Concat(name.Select((c, i) =>
        c == '.' ? ": " : char.IsUpper(c)
            ? (i > 0 && char.IsLower(name[i - 1]) ? " " : "") + char.ToLowerInvariant(c) : c.ToString()));

    /// <summary>A text that is not longer than fits.</summary>
    public static string Short(string text, int most = 28) => text.Length <= most ? text : text[..(most - 1)] + "…";
}
