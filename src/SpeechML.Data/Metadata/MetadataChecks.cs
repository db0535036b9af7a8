using System.Buffers;
using System.Globalization;
using System.Text;

namespace SpeechML.Data.Metadata;

/// <summary>What every field of a metadata file must be, whatever the format.</summary>
internal static class MetadataChecks
{
    private const int MaxQuoted = 60; // letters of a field in a message

    /// <summary>The name of a column, folded; empty for one that has none.</summary>
    public static string Name(string text, string name, string place)
    {
        Check(text, name, place, "the name of a column");
        return Spelling.Fold(text);
    }

    /// <summary>A field: a key stays as it is, because files are named so; other texts are folded.</summary>
    public static string Text(string text, string name, string place, string column, SpeechMetadataColumns columns)
    {
        Check(text, name, place, $"column '{column}'");
        return column == columns.AudioKey ? text : Spelling.Fold(text);
    }

    /// <exception cref="InvalidDataException">A column is missing.</exception>
    public static void Columns(
        IReadOnlyList<string> present, string name, string place, SpeechMetadataColumns columns, char separator = ',')
    {
        string? missing = columns.All.Except(present, StringComparer.Ordinal).FirstOrDefault();
        if (missing is not null)
        {
            throw NoColumn(missing, present, name, place, separator);
        }
    }

    public static InvalidDataException NoColumn(
        string missing, IEnumerable<string> present, string name, string place, char separator = ',')
    {
        string how = separator == ',' ? "" : $" (read with {CsvFile.Named(separator)} between fields)";
        return new InvalidDataException(
            $"'{name}', {place}: expected a column '{missing}', got the columns " +
            $"'{string.Join("', '", present)}'{how}.");
    }

    /// <summary>A rating; NaN where it is missing.</summary>
    /// <exception cref="InvalidDataException">No number, or none of the levels.</exception>
    public static double Rating(
        string text, string name, string place, string column, SpeechMetadataColumns columns, bool decimalComma)
    {
        if (text.Length == 0 || text == "NA") // as R writes what is missing
        {
            return double.NaN;
        }
        string number = decimalComma && IsDecimalComma(text) ? text.Replace(',', '.') : text;
        if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double rating)
            || double.IsInfinity(rating))
        {
            string advice = text.Contains(',', StringComparison.Ordinal) ? " Numbers have a decimal point: 1.5." : "";
            throw new InvalidDataException(
                $"'{name}', {place}, column '{column}': expected a number, {Missing(columns)}or nothing (missing), " +
                $"got '{Short(text)}'.{advice}");
        }
        if (double.IsNaN(rating) || columns.MissingRatings.Contains(rating))
        {
            return double.NaN;
        }
        return columns.RatingLevels is not { } levels || levels.Contains(rating) ? rating
            : throw new InvalidDataException(
                $"'{name}', {place}, column '{column}': expected one of the " +
                $"{nameof(SpeechMetadataColumns.RatingLevels)} " +
                $"{Join(levels)}, {Missing(columns)}or nothing (missing), got '{Short(text)}'. If it means missing, " +
                $"add it to " +
                $"{nameof(SpeechMetadataColumns.MissingRatings)}.");
    }

    // Three digits behind a comma may be thousands: 1,500.
    private static bool IsDecimalComma(string text)
    {
        int at = text.IndexOf(',', StringComparison.Ordinal);
        ReadOnlySpan<char> whole = text.AsSpan(0, Math.Max(0, at)).TrimStart("+-"), rest = text.AsSpan(at + 1);
        return at > 0 && whole.Length > 0 && rest.Length > 0 && whole.IndexOfAnyExceptInRange('0', '9') < 0
            && rest.IndexOfAnyExceptInRange('0', '9') < 0 && (rest.Length != 3 || whole is "0" || whole.Length > 3);
    }

    private static string Missing(SpeechMetadataColumns columns) =>
        columns.MissingRatings.Count == 0 ? "" : $"{Join(columns.MissingRatings)} ";

    private static string Join(IEnumerable<double> values) =>
        string.Join(", ", values.Select(v => v.ToString(CultureInfo.InvariantCulture)));

    private static string Short(string text) => text.Length <= MaxQuoted ? text : text[..MaxQuoted] + "...";

    private static void Check(string text, string name, string place, string what)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is not ('\0' or '\uFFFD') && !char.IsSurrogate(c))
            {
                continue;
            }
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out Rune rune, out int used) == OperationStatus.Done
                && rune.Value is not (0 or 0xFFFD))
            {
                i += used - 1;
                continue;
            }
            throw new InvalidDataException(
                $"'{name}', {place}, {what}: expected text, got the character U+{(int)c:X4} in '{Short(text)}'. " +
                (c == '\0' ? "Remove it." : "A letter was lost when the text was saved or read in another encoding: " +
                "take the text from where it was whole."));
        }
    }
}
