namespace SpeechML.Data.DataViews;

/// <summary>
/// What is thrown where two readings of one source are joined by the position of their rows, and the source is not the
/// same both times.
/// </summary>
internal static class SourceRows
{
    private const string Remedy =
        "The source gives other rows at each reading, or can be read only once: give LoadFromEnumerable a list " +
        "(ToList()).";

    public static InvalidOperationException Differ(string column, long row, string first, string second) => new(
        $"Column '{column}', row {row}: expected the same value at each reading of the data, got '{first}' on the " +
        $"first and '{second}' on the second. {Remedy}");

    public static InvalidOperationException CountsDiffer(string column, long first, long second) => new(
        $"Column '{column}': expected the same rows at each reading of the data, got {first} on the first and " +
        $"{second} on the second. {Remedy}");

    /// <summary>A second reading that has gone on where the first had ended.</summary>
    public static InvalidOperationException Grew(string column, long first) => new(
        $"Column '{column}': expected the same rows at each reading of the data, got {first} on the first and more " +
        $"on the second. {Remedy}");

    /// <summary>For a message about data that have no rows.</summary>
    public const string WhenEmpty =
        "A source that can be read only once is empty from the second reading on: give LoadFromEnumerable a list " +
        "(ToList()).";
}
