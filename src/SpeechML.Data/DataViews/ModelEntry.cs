using Microsoft.ML;

namespace SpeechML.Data.DataViews;

/// <summary>
/// Reads what a transformer's entry in a model zip counts or enumerates; what the entry cannot hold is refused before
/// an array of that length is made.
/// </summary>
internal static class ModelEntry
{
    /// <summary>Reads a number of things that follow in the entry.</summary>
    /// <param name="ctx">The entry.</param>
    /// <param name="what">The things, for messages.</param>
    /// <param name="size">The bytes of each, at least.</param>
    /// <param name="min">The fewest there can be.</param>
    /// <exception cref="FormatException">The entry is too short for so many.</exception>
    public static int ReadCount(ModelLoadContext ctx, string what, int size, int min)
    {
        int count = ctx.Reader.ReadInt32();
        Stream stream = ctx.Reader.BaseStream;
        long most = (stream.Length - stream.Position) / size;
        return count >= min && count <= most ? count
            : throw Wrong(what, $"{min} to {most}, which the entry holds", count);
    }

    /// <summary>Reads a number that a transformer calculates with.</summary>
    /// <exception cref="FormatException">It is NaN or infinite.</exception>
    public static double ReadFinite(ModelLoadContext ctx, string what)
    {
        double value = ctx.Reader.ReadDouble();
        return double.IsFinite(value) ? value : throw Wrong(what, "a finite number", value);
    }

    /// <summary>Reads the number of an enum's value.</summary>
    /// <exception cref="FormatException">There is none of that number.</exception>
    public static T ReadEnum<T>(ModelLoadContext ctx)
        where T : struct, Enum
    {
        int number = ctx.Reader.ReadInt32();
        var value = (T)Enum.ToObject(typeof(T), number);
        return Enum.IsDefined(value) ? value
            : throw Wrong(typeof(T).Name, string.Join(", ", Enum.GetValues<T>().Select(v => $"{v:D} ({v})")), number);
    }

    /// <summary>What to throw where an entry says what cannot be.</summary>
    public static FormatException Wrong(string what, string expected, object got) => new(
        FormattableString.Invariant($"Model zip, entry 'Model.key': {what}: expected {expected}, got {got}."));
}
