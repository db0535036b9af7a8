using System.Globalization;
using System.Text;
using ScottPlot;

namespace SpeechML.Reports.Figures;

/// <summary>
/// The colours of figures, each for light and for dark pages: figures are drawn in the light ones, and the page's style
/// puts the dark ones in their place, because attributes of SVG give way to CSS.
/// </summary>
internal static class FigurePalette
{
    /// <summary>Text on cells, which are dark in both schemes: not <c>white</c>, which is the page's ground.</summary>
    public static readonly Color OnCell = Color.FromHex("#fdfdfe");

    /// <summary>Cells that text stands on.</summary>
    public static readonly Color Cell = Color.FromHex("#2463eb");

    public static readonly Color Ink = Color.FromHex("#374151");
    public static readonly Color Faint = Color.FromHex("#9ca3af");
    public static readonly Color Grid = Color.FromHex("#eef0f3");
    public static readonly Color Main = Color.FromHex("#2563eb");
    public static readonly Color Second = Color.FromHex("#ea580c");

    private static readonly (string Name, string Light, string Dark)[] s_colors =
    [
        ("ink", "#374151", "#d1d5db"),
        ("faint", "#9ca3af", "#6b7280"),
        ("grid", "#eef0f3", "#2a303c"),
        ("ground", "white", "#171b23"),
        ("0", "#2563eb", "#60a5fa"),
        ("1", "#ea580c", "#fb923c"),
        ("2", "#059669", "#34d399"),
        ("3", "#9333ea", "#c084fc"),
        ("4", "#db2777", "#f472b6"),
        ("5", "#0891b2", "#22d3ee"),
        ("6", "#a16207", "#eab308"),
        ("7", "#4b5563", "#a8b0bd"),
    ];

    private static readonly Color[] s_series =
        [.. s_colors.Where(c => char.IsAsciiDigit(c.Name[0])).Select(c => Color.FromHex(c.Light))];

    /// <summary>With more lines than this they are not told apart.</summary>
    public static int Series => s_series.Length;

    /// <summary>Colours as CSS: <c>--f-0</c> and so on, and the rules that put them into figures.</summary>
    public static string Css()
    {
        var css = new StringBuilder();
        css.Append(":root { ").AppendJoin(' ', s_colors.Select(c => $"--f-{c.Name}: {c.Light};")).Append(" }\n");
        css.Append("@media (prefers-color-scheme: dark) { :root { ")
            .AppendJoin(' ', s_colors.Select(c => $"--f-{c.Name}: {c.Dark};")).Append(" } }\n");
        foreach ((string name, string light, _) in s_colors)
        {
            css.Append(CultureInfo.InvariantCulture, $"figure svg [fill=\"{light}\" i] {{ fill: var(--f-{name}); }}\n");
            css.Append(
                CultureInfo.InvariantCulture, $"figure svg [stroke=\"{light}\" i] {{ stroke: var(--f-{name}); }}\n");
        }
        return css.ToString();
    }

    /// <summary>The variable of a colour; its own value where it is none of the palette's.</summary>
    public static string Variable(Color color)
    {
        string hex = color.WithAlpha(1.0).ToHex()[..7];
        (string Name, string Light, string Dark) known = s_colors.FirstOrDefault(
            c => string.Equals(c.Light, hex, StringComparison.OrdinalIgnoreCase));
        return known.Name is null ? hex : $"var(--f-{known.Name})";
    }

    public static Color Of(int series) => s_series[series % s_series.Length];
}
