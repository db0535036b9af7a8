using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Data.DataViews;

/// <summary>
/// Some columns of a data view, read together by one cursor and kept in memory. Whoever needs several columns of the
/// same rows reads them from here: a cursor for each would run the model behind them again, and would join other rows
/// where the source is another at each reading.
/// </summary>
internal sealed class ReadOnceDataView : IDataView
{
    private readonly Dictionary<int, ColumnMemory> _columns = [];
    private readonly long _rows;

    private ReadOnceDataView(IDataView data, DataViewSchema.Column[] columns)
    {
        Schema = data.Schema;
        using DataViewRowCursor cursor = data.GetRowCursor(columns);
        foreach (DataViewSchema.Column column in columns)
        {
            _columns[column.Index] = ColumnMemory.Create(cursor, column);
        }
        for (; cursor.MoveNext(); _rows++)
        {
            foreach (ColumnMemory column in _columns.Values)
            {
                column.Read();
            }
        }
    }

    public bool CanShuffle => false;

    /// <summary>That of the data; columns that were not read have no values.</summary>
    public DataViewSchema Schema { get; }

    /// <summary>Reads the columns named, as far as the data has them: who needs the others says so.</summary>
    public static IDataView Of(IDataView data, params IEnumerable<string?> names) =>
        new ReadOnceDataView(data, [.. names.OfType<string>().Where(n => n.Length > 0).Distinct(StringComparer.Ordinal)
            .Select(name => data.Schema.GetColumnOrNull(name)).OfType<DataViewSchema.Column>()]);

    public long? GetRowCount() => _rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, [.. columnsNeeded.Select(c => c.Index)]);

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(ReadOnceDataView view, HashSet<int> active) : DataViewRowCursor
    {
        private long _position = -1;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            view._columns.TryGetValue(column.Index, out ColumnMemory? memory)
            && memory.GetterAt(() => _position) is ValueGetter<TValue> getter
                ? getter
                : throw new InvalidOperationException(
                    $"Column '{column.Name}': expected one that was read, as {column.Type.RawType}, got " +
                    $"{typeof(TValue)}.");

        public override ValueGetter<DataViewRowId> GetIdGetter() =>
            (ref DataViewRowId value) => value = new DataViewRowId((ulong)_position, 0);

        public override bool MoveNext()
        {
            if (_position >= view._rows)
            {
                return false;
            }
            return ++_position < view._rows;
        }
    }
}
