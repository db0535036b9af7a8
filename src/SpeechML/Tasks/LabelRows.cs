using SpeechML.Data.DataViews;

namespace SpeechML.Tasks;

/// <summary>
/// The targets of all rows as they were before any audio was decoded, by which later readings are told to be of the
/// same rows.
/// </summary>
/// <param name="Column">Name of the label column.</param>
/// <param name="Rows">Targets of each row; <see langword="null"/> where it has none.</param>
internal sealed record LabelRows(string Column, IReadOnlyList<float[]?> Rows)
{
    public List<float[]> Rated { get; } = [.. Rows.OfType<float[]>()];

    /// <exception cref="InvalidOperationException">The row had other targets, or there was none.</exception>
    public void Check(int row, float[]? again)
    {
        if (row >= Rows.Count)
        {
            throw SourceRows.Grew(Column, Rows.Count);
        }
        if (!Rows[row].AsSpan().SequenceEqual(again))
        {
            throw SourceRows.Differ(Column, row, Text(Rows[row]), Text(again));
        }
    }

    /// <exception cref="InvalidOperationException">There were more rows.</exception>
    public void CheckEnd(int rows)
    {
        if (rows != Rows.Count)
        {
            throw SourceRows.CountsDiffer(Column, Rows.Count, rows);
        }
    }

    private static string Text(float[]? targets) =>
        targets is null ? "missing" : string.Join(' ', targets.Select(ColumnValues.Text));
}
