using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.Interop;

namespace SpeechML.Data.DataViews;

/// <summary>Some of the rows of a data view, by their position in it.</summary>
/// <param name="host">The host.</param>
/// <param name="source">The data.</param>
/// <param name="keep">Which rows.</param>
/// <param name="rows">A text column and its values when the rows were chosen: each reading must be of the same rows.
/// </param>
internal sealed class RowSubsetDataView(
    IHost host, IDataView source, bool[] keep, (string Column, string[] Values) rows) : IDataView
{
    /// <summary>Rows are known by their position: the source must come in its own order.</summary>
    public bool CanShuffle => false;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => keep.Count(k => k);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var columns = ActiveColumns.Of(Schema, columnsNeeded, Schema[rows.Column]);
        return new Cursor(host, source.GetRowCursor(columns.Read), Schema, columns.Active, keep, rows);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : LinkedRowFilterCursorBase
    {
        private readonly bool[] _keep;
        private readonly (string Column, string[] Values) _rows;
        private readonly ValueGetter<ReadOnlyMemory<char>> _text;
        private long _read;

        public Cursor(
            IChannelProvider provider, DataViewRowCursor input, DataViewSchema schema, bool[] active, bool[] keep,
            (string Column, string[] Values) rows)
            : base(provider, input, schema, active)
        {
            (_keep, _rows) = (keep, rows);
            _text = input.GetGetter<ReadOnlyMemory<char>>(input.Schema[rows.Column]);
        }

        protected override bool MoveNextCore() => base.MoveNextCore() || (_read == _keep.Length ? false
            : throw SourceRows.CountsDiffer(_rows.Column, _keep.Length, _read));

        protected override bool Accept()
        {
            long row = _read++;
            if (row >= _keep.Length)
            {
                throw SourceRows.Grew(_rows.Column, _keep.Length);
            }
            ReadOnlyMemory<char> text = default;
            _text(ref text);
            string first = _rows.Values[row];
            return text.Span.SequenceEqual(first) ? _keep[row]
                : throw SourceRows.Differ(_rows.Column, row, first, text.ToString());
        }
    }
}
