using Microsoft.ML;

namespace SpeechML.Data.Interop;

/// <summary>What a cursor over some rows of another view asks of that view.</summary>
/// <param name="Read">The columns that are asked for, and the one by which rows are chosen.</param>
/// <param name="Active">Of each column of the schema whether it is asked for.</param>
internal readonly record struct ActiveColumns(DataViewSchema.Column[] Read, bool[] Active)
{
    /// <param name="schema">The schema of both views.</param>
    /// <param name="needed">The columns that are asked for.</param>
    /// <param name="chosenBy">The column by which rows are chosen.</param>
    public static ActiveColumns Of(
        DataViewSchema schema, IEnumerable<DataViewSchema.Column> needed, DataViewSchema.Column chosenBy)
    {
        DataViewSchema.Column[] columns = [.. needed];
        bool[] active = new bool[schema.Count];
        foreach (DataViewSchema.Column column in columns)
        {
            active[column.Index] = true;
        }
        return new ActiveColumns(active[chosenBy.Index] ? columns : [.. columns, chosenBy], active);
    }
}
