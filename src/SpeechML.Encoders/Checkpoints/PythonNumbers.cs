using System.Buffers;

namespace SpeechML.Encoders.Checkpoints;

/// <summary>
/// The words <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c>, which Python's <c>json</c> writes and JSON does not
/// have, become <c>{"__float__": "NaN"}</c>, as transformers 5 writes and reads them: a configuration loads where the
/// field is not used, and is written back as the same number.
/// </summary>
internal static class PythonNumbers
{
    /// <summary>The text with those words replaced outside of strings; the same array where there are none.</summary>
    public static byte[] ToJson(byte[] text)
    {
        if (text.AsSpan().IndexOf("NaN"u8) < 0 && text.AsSpan().IndexOf("Infinity"u8) < 0)
        {
            return text;
        }
        var json = new ArrayBufferWriter<byte>(text.Length + 64);
        for (int i = 0; i < text.Length;)
        {
            int length = text[i] == (byte)'"' ? StringLength(text.AsSpan(i)) : 1;
            ReadOnlySpan<byte> word = WordAt(text.AsSpan(i));
            if (word.Length > 0)
            {
                json.Write("{\"__float__\":\""u8);
                json.Write(word);
                json.Write("\"}"u8);
                i += word.Length;
                continue;
            }
            json.Write(text.AsSpan(i, length));
            i += length;
        }
        return json.WrittenSpan.ToArray();
    }

    private static ReadOnlySpan<byte> WordAt(ReadOnlySpan<byte> text) => text[0] switch
    {
        (byte)'N' when text.StartsWith("NaN"u8) => "NaN"u8,
        (byte)'I' when text.StartsWith("Infinity"u8) => "Infinity"u8,
        (byte)'-' when text.StartsWith("-Infinity"u8) => "-Infinity"u8,
        _ => [],
    };

    // Up to and with the closing quote; an escaped quote does not close.
    private static int StringLength(ReadOnlySpan<byte> text)
    {
        int end = 1;
        while (end < text.Length && text[end] != (byte)'"')
        {
            end += text[end] == (byte)'\\' ? 2 : 1;
        }
        return Math.Min(text.Length, end + 1);
    }
}
