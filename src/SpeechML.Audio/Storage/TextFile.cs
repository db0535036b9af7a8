using System.Globalization;
using System.Text;

namespace SpeechML.Audio.Storage;

/// <summary>
/// Text files as their bytes say and in no other way: what is not in the encoding is an error with its place, never a
/// replacement character.
/// </summary>
internal static class TextFile
{
    public const string Utf8 = "utf-8";

    private const int MaxContext = 20; // letters before the wrong byte that the message quotes
    private const int Beginning = 64; // UTF-16 without a mark is told by the zeros in it

    // UTF-32 first: its mark begins with that of UTF-16.
    private static readonly (byte[] Mark, Encoding Encoding)[] s_marks =
    [
        ([0xEF, 0xBB, 0xBF], Strict(Encoding.UTF8)),
        ([0xFF, 0xFE, 0, 0], Strict(Encoding.UTF32)),
        ([0, 0, 0xFE, 0xFF], Strict(new UTF32Encoding(bigEndian: true, byteOrderMark: true))),
        ([0xFF, 0xFE], Strict(Encoding.Unicode)),
        ([0xFE, 0xFF], Strict(Encoding.BigEndianUnicode)),
    ];

    /// <summary>Reads a file from a path or an address.</summary>
    /// <inheritdoc cref="Decode"/>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static string Read(string path, string encoding = Utf8, string advice = "")
    {
        byte[] bytes;
        try
        {
            bytes = StoragePath.ReadAllBytes(path);
        }
        catch (FileNotFoundException e)
        {
            throw new FileNotFoundException(
                $"'{path}': expected a text file, got no file of this name{NearPath.Say(path)}.", path, e);
        }
        return Decode(bytes, path, encoding, advice);
    }

    /// <summary>Decodes a file's bytes; a byte order mark (UTF-8, UTF-16, UTF-32) goes before the encoding.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">Its name in messages.</param>
    /// <param name="encoding">The name of its encoding.</param>
    /// <param name="advice">What else than saving it as UTF-8 helps; a sentence or nothing.</param>
    /// <exception cref="InvalidDataException">Bytes that the encoding has not: names line, column and byte.</exception>
    /// <exception cref="ArgumentException">There is no encoding of that name.</exception>
    public static string Decode(byte[] bytes, string name, string encoding = Utf8, string advice = "")
    {
        (byte[] mark, Encoding? marked) = Array.Find(s_marks, m => bytes.AsSpan().StartsWith(m.Mark));
        Encoding decoder = marked ?? Named(encoding);
        int start = mark?.Length ?? 0;
        try
        {
            string text = decoder.GetString(bytes, start, bytes.Length - start);
            int zero = text.AsSpan(0, Math.Min(text.Length, Beginning)).IndexOf('\0');
            return zero < 0 ? text : throw new InvalidDataException(
                $"'{name}', {Place(text.AsSpan(0, zero))}: expected {decoder.WebName} text, got the character " +
                $"U+0000, " +
                $"as in UTF-16 without a byte order mark. Save the file as UTF-8.");
        }
        catch (DecoderFallbackException e)
        {
            throw Wrong(bytes, start, name, decoder, advice, e);
        }
    }

    /// <summary>The encoding of a name, which throws for bytes that it has not.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Encoding Named(string name)
    {
        try
        {
            return Strict(CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name));
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException(
                $"Encoding: expected the name of one, such as 'utf-8', 'windows-1252' or 'macintosh', got '{name}'.",
                e);
        }
    }

    private static Encoding Strict(Encoding encoding)
    {
        var strict = (Encoding)encoding.Clone();
        strict.DecoderFallback = DecoderFallback.ExceptionFallback;
        return strict;
    }

    private static InvalidDataException Wrong(
        byte[] bytes, int start, string name, Encoding decoder, string advice, DecoderFallbackException e)
    {
        // The index of the exception may be that of the character's first byte or count from a block: look again.
        int at = FirstWrong(bytes, start, decoder);
        string before = decoder.GetString(bytes, start, at - start);
        string line = before[(before.LastIndexOfAny(['\n', '\r']) + 1)..];
        string context = line.Length == 0 ? "" : $" behind '{line[^Math.Min(line.Length, MaxContext)..]}'";
        return new InvalidDataException(
            string.Create(CultureInfo.InvariantCulture,
            $"'{name}', {Place(before)}: expected {decoder.WebName} text, got the byte 0x{bytes[at]:X2}{context} " +
            $"(byte {at} of the file). Save the file as UTF-8 (Excel: 'CSV UTF-8').{(advice.Length > 0 ? " " : "")}" +
            $"{advice}"), e);
    }

    // The longest beginning that can be decoded, found by halving.
    private static int FirstWrong(byte[] bytes, int start, Encoding encoding)
    {
        int right = start, wrong = bytes.Length;
        while (wrong - right > 1)
        {
            int middle = right + ((wrong - right) / 2);
            Decoder decoder = encoding.GetDecoder();
            try
            {
                decoder.GetCharCount(bytes, start, middle - start, flush: false);
                right = middle;
            }
            catch (DecoderFallbackException)
            {
                wrong = middle;
            }
        }
        // Bytes of an unfinished character are wrong from its first on.
        for (int back = right; back >= Math.Max(start, right - 3); back--)
        {
            try
            {
                encoding.GetCharCount(bytes, start, back - start);
                return back;
            }
            catch (DecoderFallbackException)
            {
            }
        }
        return right;
    }

    private static string Place(ReadOnlySpan<char> before)
    {
        int line = 1, from = 0;
        for (int i = 0; i < before.Length; i++)
        {
            if (before[i] == '\n' || (before[i] == '\r' && !(i + 1 < before.Length && before[i + 1] == '\n')))
            {
                line++;
                from = i + 1;
            }
        }
        return string.Create(CultureInfo.InvariantCulture, $"line {line}, column {before.Length - from + 1}");
    }
}
