using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace SpeechML.Reports.Figures;

/// <summary>What all figures look like.</summary>
internal static class FigureStyle
{
    public static readonly Color Ink = Color.FromHex("#374151");
    public static readonly Color Faint = Color.FromHex("#9ca3af");
    public static readonly Color Main = Color.FromHex("#2563eb");
    public static readonly Color Second = Color.FromHex("#ea580c");
    private static readonly Color s_grid = Color.FromHex("#eef0f3");
    private static readonly Color[] s_series =
        [Main, Second, Color.FromHex("#059669"), Color.FromHex("#9333ea"), Color.FromHex("#db2777"),
            Color.FromHex("#0891b2"), Color.FromHex("#a16207"), Color.FromHex("#4b5563")];

    private static readonly string[] s_fonts =
        ["Segoe UI", "Helvetica Neue", "Arial", "Liberation Sans", "Noto Sans", "DejaVu Sans"];
    private static readonly Lazy<string> s_font =
        new(() => s_fonts.Intersect(SKFontManager.Default.FontFamilies, StringComparer.OrdinalIgnoreCase)
        .FirstOrDefault() ?? Fonts.Sans);

    /// <summary>With more lines than this they are not told apart.</summary>
    public static int Series => s_series.Length;

    public static Color Of(int series) => s_series[series % s_series.Length];

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
        plot.Grid.MajorLineColor = s_grid;
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
        plot.Axes.Bottom.Label.Text = bottom;
        plot.Axes.Left.Label.Text = left;
        plot.Legend.FontSize = 12;
        plot.Legend.FontColor = Ink;
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.BackgroundColor = Colors.White.WithAlpha(0.85);
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
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };

    /// <summary>A text that is not longer than fits.</summary>
    public static string Short(string text, int most = 28) => text.Length <= most ? text : text[..(most - 1)] + "…";
}
