namespace SpeechML.Audio.Common;

/// <summary>Texts of others in messages.</summary>
internal static class ShortText
{
    private const int Longest = 120;

    /// <summary>The text, short enough for a message and without control characters.</summary>
    public static string Of(string text)
    {
        string head = text.Length <= Longest ? text : text[..Longest] + "…";
        return head.Any(char.IsControl) ? string.Concat(head.Select(c => char.IsControl(c) ? '?' : c)) : head;
    }
}
