namespace SpeechML.Audio.Common;

/// <summary>Texts of others in messages.</summary>
internal static class ShortText
{
    /// <summary>The text, short enough for a message and without control characters.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The most characters that are kept.</param>
    public static string Of(string text, int longest = 120)
    {
        string head = text.Length <= longest ? text : text[..longest] + "…";
        return head.Any(char.IsControl) ? string.Concat(head.Select(c => char.IsControl(c) ? '?' : c)) : head;
    }
}
