using System.Text;

namespace SpeechML.Data.Checking;

/// <summary>Texts as they may stand in HTML and SVG.</summary>
internal static class VisibleText
{
    /// <summary>
    /// The text with U+FFFD for what neither may hold: control characters but tab and line breaks, half surrogate
    /// pairs, and the two non-characters of XML.
    /// </summary>
    public static string Of(string text)
    {
        var visible = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) // half pairs come as U+FFFD
        {
            bool refused = (Rune.IsControl(rune) && rune.Value is not ('\t' or '\n' or '\r'))
                || rune.Value is 0xFFFE or 0xFFFF;
            visible.Append(refused ? Rune.ReplacementChar.ToString() : rune.ToString());
        }
        return visible.ToString();
    }
}
