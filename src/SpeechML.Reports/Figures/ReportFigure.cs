using System.Text.RegularExpressions;
using ScottPlot;
using SpeechML.Data.Checking;

namespace SpeechML.Reports.Figures;

/// <summary>A figure of a report.</summary>
internal sealed partial class ReportFigure
{
    private const int PngScale = 2;
    private readonly Plot _plot;

    /// <summary>Draws it.</summary>
    /// <param name="id">Names it in the page and on disk.</param>
    /// <param name="caption">What it shows, in a sentence.</param>
    /// <param name="plot">The plot.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    public ReportFigure(string id, string caption, Plot plot, int width, int height)
    {
        (Id, Caption, _plot, Width, Height) = (id, caption, plot, width, height);
        Svg = VisibleText.Of(DropDeclaration().Replace(plot.GetSvgHtml(width, height), ""));
    }

    public string Id { get; }

    public string Caption { get; }

    public int Width { get; }

    public int Height { get; }

    /// <summary>As a file of its own.</summary>
    public string Svg { get; }

    /// <summary>
    /// To stand in a page: scales with it, and its names differ from those of other figures (Skia numbers its clip
    /// paths anew in every drawing).
    /// </summary>
    public string Inline()
    {
        string named = Names().Replace(Svg, m => m.Groups[1].Value + Id + "-" + m.Groups[2].Value);
        return Root().Replace(named, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" ", 1);
    }

    /// <summary>At twice the size, for documents.</summary>
    public byte[] Png()
    {
        _plot.ScaleFactor = PngScale;
        byte[] png = _plot.GetImageBytes(PngScale * Width, PngScale * Height, ImageFormat.Png);
        _plot.ScaleFactor = 1;
        return png;
    }

    [GeneratedRegex(@"^\s*<\?xml[^>]*\?>\s*")]
    private static partial Regex DropDeclaration();

    [GeneratedRegex(@"((?:\bid=""|url\(#|href=""#))([^""\)]+)")]
    private static partial Regex Names();

    [GeneratedRegex(@"<svg ")]
    private static partial Regex Root();
}
