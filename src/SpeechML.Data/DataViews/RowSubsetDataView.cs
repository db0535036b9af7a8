using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace SpeechML.Data.DataViews;

/// <summary>Some of the rows of a data view, by their position in it.</summary>
internal sealed class RowSubsetDataView(IHost host, IDataView source, bool[] keep) : IDataView
{
    /// <summary>Rows are known by their position: the source must come in its own order.</summary>
    public bool CanShuffle => false;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => keep.Count(k => k);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        bool[] active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in columns)
        {
            active[column.Index] = true;
        }
        return new Cursor(host, source.GetRowCursor(columns), Schema, active, keep);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(
        IChannelProvider provider, DataViewRowCursor input, DataViewSchema schema, bool[] active, bool[] keep)
        : LinkedRowFilterCursorBase(provider, input, schema, active)
    {
        protected override bool Accept() => Input.Position < keep.Length && keep[Input.Position];
    }
}
