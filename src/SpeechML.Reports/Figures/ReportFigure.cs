using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ScottPlot;
using SpeechML.Data.Checking;

namespace SpeechML.Reports.Figures;

/// <summary>A figure of a report, drawn at several widths: the page shows the one that its place is wide enough for.
/// </summary>
internal sealed partial class ReportFigure
{
    /// <summary>The width of a figure that stands beside another one, in pixels.</summary>
    public const int HalfWidth = 560;

    /// <summary>The width of a figure that takes a row.</summary>
    public const int FullWidth = 1100;

    private const int PngScale = 2;
    private const int FaintAlpha = 100; // of 255: areas that are hardly seen
    private const int LegendLine = 20; // pixels of a line below the figure, in its file
    private static readonly int[] s_half = [HalfWidth, 360];
    private static readonly int[] s_full = [FullWidth, 680, 360];
    private readonly Plot _plot;
    private readonly (string Name, Color Color, string Shape)[] _legend;
    private readonly (int Width, int Height, string Svg)[] _variants;
    private readonly int _fileHeight;

    /// <summary>Draws it.</summary>
    /// <param name="id">Names it in the page and on disk.</param>
    /// <param name="caption">What it shows, in a sentence.</param>
    /// <param name="plot">The plot, without a legend: what its parts are called is said below it.</param>
    /// <param name="width">In pixels, <see cref="HalfWidth"/> or <see cref="FullWidth"/>.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="rows">Whether the height is that of rows, which a narrow figure has as many of.</param>
    /// <param name="scrolls">Whether it keeps its width, and the page scrolls it.</param>
    public ReportFigure(
        string id, string caption, Plot plot, int width, int height, bool rows = false, bool scrolls = false)
    {
        (Id, Caption, _plot, Width, Height, Scrolls) = (id, caption, plot, width, height, scrolls);
        _legend = [.. plot.PlottableList.SelectMany(p => p.LegendItems)
            .Where(i => !string.IsNullOrEmpty(i.LabelText)).Select(i => (i.LabelText!, ColorOf(i), ShapeOf(i)))];
        plot.HideLegend();
        // The page's ground shows through.
        plot.FigureBackground.Color = Colors.Transparent;
        int[] widths = scrolls ? [width] : width == FullWidth ? s_full : s_half;
        _variants = [.. widths.Select(w => (w, HeightAt(w, rows)))
            .Select(size => (size.w, size.Item2, Draw(size.w, size.Item2)))];
        plot.FigureBackground.Color = Colors.White;
        _fileHeight = height;
        if (_legend.Length > 0)
        {
            plot.Legend.Orientation = Orientation.Vertical;
            plot.ShowLegend(Edge.Bottom);
            _fileHeight += LegendLine * _legend.Length;
        }
        Svg = Draw(width, _fileHeight);
    }

    public string Id { get; }

    public string Caption { get; }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Whether it keeps its width, and the page scrolls it.</summary>
    public bool Scrolls { get; }

    /// <summary>As a file of its own, legend included.</summary>
    public string Svg { get; }

    /// <summary>
    /// To stand in a page: every width, and the legend as text. Names differ from those of other figures (Skia numbers
    /// its clip paths anew in every drawing).
    /// </summary>
    public string Inline()
    {
        var html = new StringBuilder();
        string label = WebUtility.HtmlEncode(VisibleText.Of(Caption));
        foreach ((int width, int height, string svg) in _variants)
        {
            string named = Names().Replace(
                svg, m => FormattableString.Invariant($"{m.Groups[1].Value}{Id}-{width}-{m.Groups[2]}"));
            string first = width == Width ? " first" : "",
                kind = Scrolls ? "first" : FormattableString.Invariant($"at{width}{first}");
            string root = string.Create(CultureInfo.InvariantCulture,
                $"<svg class=\"{kind}\" viewBox=\"0 0 {width} {height}\" " +
                $"role=\"img\" aria-label=\"{label}\" ");
            html.Append(Root().Replace(named, root, 1)).Append('\n');
        }
        string drawing = Scrolls ? string.Create(CultureInfo.InvariantCulture,
            $"<div class=\"scroll\" tabindex=\"0\"><div style=\"min-width:{Width * 5 / 6}px\">{html}</div></div>")
            : html.ToString();
        return drawing + LegendHtml();
    }

    /// <summary>At twice the size, for documents.</summary>
    public byte[] Png()
    {
        _plot.ScaleFactor = PngScale;
        byte[] png = _plot.GetImageBytes(PngScale * Width, PngScale * _fileHeight, ImageFormat.Png);
        _plot.ScaleFactor = 1;
        return png;
    }

    private static Color ColorOf(LegendItem item) =>
        item.LineWidth > 0 && item.LineColor.A > 0 ? item.LineColor
        : item.MarkerSize > 0 && item.MarkerFillColor.A > 0 ? item.MarkerFillColor
        : item.MarkerSize > 0 && item.MarkerLineColor.A > 0 ? item.MarkerLineColor : item.FillColor;

    /// <summary>The class of the legend's sign: points without a line are round, open ones a ring.</summary>
    private static string ShapeOf(LegendItem item) => item.LineWidth > 0 || item.MarkerSize <= 0 ? ""
        : item.MarkerShape == MarkerShape.OpenCircle ? "ring" : "dot";

    private int HeightAt(int width, bool rows) =>
        rows || width == Width ? Height : Math.Min(Height, Math.Max(230, (int)(0.85 * Height * width / Width)));

    private string Draw(int width, int height) =>
        VisibleText.Of(DropDeclaration().Replace(_plot.GetSvgHtml(width, height), ""));

    private string LegendHtml()
    {
        if (_legend.Length == 0)
        {
            return "";
        }
        IEnumerable<string> items = _legend.Select(item =>
            $"<li><i{(item.Shape.Length == 0 ? "" : $" class=\"{item.Shape}\"")} " +
            $"style=\"background:{FigurePalette.Variable(item.Color)};color:{FigurePalette.Variable(item.Color)}" +
            $"{(item.Color.A < FaintAlpha ? ";opacity:.35" : "")}\"></i>" +
            $"{WebUtility.HtmlEncode(VisibleText.Of(item.Name))}</li>");
        return $"<ul class=\"legend\">{string.Concat(items)}</ul>";
    }

    [GeneratedRegex(@"^\s*<\?xml[^>]*\?>\s*")]
    private static partial Regex DropDeclaration();

    [GeneratedRegex(@"((?:\bid=""|url\(#|href=""#))([^""\)]+)")]
    private static partial Regex Names();

    [GeneratedRegex(@"<svg ")]
    private static partial Regex Root();
}
