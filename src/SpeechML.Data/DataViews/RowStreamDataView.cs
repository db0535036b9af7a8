using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace SpeechML.Data.DataViews;

/// <summary>
/// A data view whose added columns come from a stream that runs ahead of the rows. Two cursors walk the source: one,
/// over the input column
/// only, feeds the stream; the other, over the columns that the consumer wants, keeps pace with the stream's results.
/// </summary>
internal sealed class RowStreamDataView<TIn, TOut> : IDataView
    where TOut : class
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly DataViewSchema.Column _inputColumn;
    private readonly ColumnBindings _bindings;
    private readonly Func<IEnumerable<TIn>, IEnumerable<TOut>> _process;
    private readonly Func<int, Func<TOut>, Delegate> _makeGetter;

    public RowStreamDataView(
        IHost host,
        IDataView source,
        DataViewSchema.Column inputColumn,
        DataViewSchema.DetachedColumn[] outputColumns,
        Func<IEnumerable<TIn>, IEnumerable<TOut>> process,
        Func<int, Func<TOut>, Delegate> makeGetter)
    {
        _host = host;
        _source = source;
        _inputColumn = inputColumn;
        _bindings = new ColumnBindings(source.Schema, outputColumns);
        _process = process;
        _makeGetter = makeGetter;
    }

    /// <summary>The stream's order is the source's: both cursors must see the same rows.</summary>
    public bool CanShuffle => false;

    public DataViewSchema Schema => _bindings.Schema;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        Func<int, bool> needed = RowCursorUtils.FromColumnsToPredicate(columnsNeeded, Schema);
        bool[] activeInput = _bindings.GetActiveInput(needed);
        DataViewRowCursor rows = _source.GetRowCursor(_source.Schema.Where(c => activeInput[c.Index]));
        DataViewRowCursor? ahead = _bindings.AddedColumnIndices.Any(needed) ? _source.GetRowCursor([_inputColumn])
            : null;
        return new Cursor(this, needed, rows, ahead);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private IEnumerable<TIn> Read(DataViewRowCursor cursor)
    {
        ValueGetter<TIn> getter = cursor.GetGetter<TIn>(_inputColumn);
        while (cursor.MoveNext())
        {
            _host.CheckAlive();
            TIn value = default!;
            getter(ref value);
            yield return value;
        }
    }

    private sealed class Cursor : RootCursorBase
    {
        private readonly RowStreamDataView<TIn, TOut> _view;
        private readonly bool[] _active;
        private readonly DataViewRowCursor _rows;
        private readonly DataViewRowCursor? _ahead;
        private readonly IEnumerator<TOut>? _results;
        private readonly Delegate?[] _getters;
        private bool _disposed;

        public Cursor(RowStreamDataView<TIn, TOut> view, Func<int, bool> needed, DataViewRowCursor rows,
            DataViewRowCursor? ahead)
            : base(view._host)
        {
            _view = view;
            _active = [.. view.Schema.Select(c => needed(c.Index))];
            _rows = rows;
            _ahead = ahead;
            _results = ahead is null ? null : view._process(view.Read(ahead)).GetEnumerator();
            _getters = [.. view._bindings.AddedColumnIndices.Select((c, i) => _active[c] ? view._makeGetter(i, Current)
                : null)];
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column is not active");
            int index = _view._bindings.MapColumnIndex(out bool isSource, column.Index);
            return isSource
                ? _rows.GetGetter<TValue>(_rows.Schema[index])
                : _getters[index] as ValueGetter<TValue>
                    ?? throw Ch.Except(
                        $"Column '{column.Name}': expected its values to be read as {column.Type.RawType}, got " +
                        $"{typeof(TValue)}.");
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => _rows.GetIdGetter();

        protected override bool MoveNextCore()
        {
            if (!_rows.MoveNext())
            {
                return false;
            }
            if (_results is not null && !_results.MoveNext())
            {
                throw Ch.Except(
                    $"Column '{_view._inputColumn.Name}': the data gave fewer rows on the second reading than on the " +
                    $"first; expected the same rows each time.");
            }
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                // Results first: the stream's workers may still be reading the look-ahead cursor.
                _results?.Dispose();
                _ahead?.Dispose();
                _rows.Dispose();
            }
            _disposed = true;
            base.Dispose(disposing);
        }

        private TOut Current() => _results!.Current;
    }
}
