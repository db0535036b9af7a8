using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace SpeechML.Data.DataViews;

/// <summary>
/// A data view whose added columns come from a stream that runs ahead of the rows. The source is read once: its cursor
/// carries the stream's input and the columns that the consumer wants, whose values wait until the stream has the
/// result of their row. So a source that is another at each reading still gives every row its own result.
/// </summary>
internal class RowStreamDataView<TIn, TOut> : IDataView
    where TOut : class
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly StreamInput<TIn> _input;
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
        : this(host, source, new StreamInput<TIn>([inputColumn]), outputColumns, process, makeGetter)
    {
    }

    public RowStreamDataView(
        IHost host,
        IDataView source,
        StreamInput<TIn> input,
        DataViewSchema.DetachedColumn[] outputColumns,
        Func<IEnumerable<TIn>, IEnumerable<TOut>> process,
        Func<int, Func<TOut>, Delegate> makeGetter)
    {
        _host = host;
        _source = source;
        _input = input;
        _bindings = new ColumnBindings(source.Schema, outputColumns);
        _process = process;
        _makeGetter = makeGetter;
    }

    /// <summary>Augmentation draws by the row's number: the source must come in its own order.</summary>
    public bool CanShuffle => false;

    public DataViewSchema Schema => _bindings.Schema;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        Func<int, bool> needed = RowCursorUtils.FromColumnsToPredicate(columnsNeeded, Schema);
        bool[] active = _bindings.GetActiveInput(needed);
        bool streams = _bindings.AddedColumnIndices.Any(needed);
        DataViewRowCursor rows = _source.GetRowCursor(
            _source.Schema.Where(c => active[c.Index] || (streams && _input.Reads(c))));
        return new Cursor(this, needed, rows, streams ? new Stream(this, rows, active) : null);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    /// <summary>
    /// Whether the context still runs. That of an AutoML trial is cancelled when the trial ends, and its model scores
    /// on.
    /// </summary>
    private bool IsAlive => _host is not ICancelable { IsCanceled: true };

    /// <summary>The results, and the source's values of the rows that wait for theirs.</summary>
    private sealed class Stream : IDisposable
    {
        private readonly RowStreamDataView<TIn, TOut> _view;
        private readonly DataViewRowCursor _source;
        private readonly bool _wasAlive;
        private readonly ColumnPipe<TIn> _input;
        private readonly ColumnPipe<DataViewRowId> _ids;
        private readonly Dictionary<int, ColumnPipe> _columns = [];
        private readonly ColumnPipe[] _all;
        private readonly IEnumerator<TOut> _results;
        private int _waiting;

        public Stream(RowStreamDataView<TIn, TOut> view, DataViewRowCursor source, bool[] active)
        {
            (_view, _source, _wasAlive) = (view, source, view.IsAlive);
            _input = view._input.Pipe(source);
            _ids = new ColumnPipe<DataViewRowId>(
                source.GetIdGetter(), static (in DataViewRowId from, ref DataViewRowId to) => to = from);
            foreach (DataViewSchema.Column column in source.Schema.Where(c => active[c.Index]))
            {
                _columns[column.Index] = view._input.IsAlone(column) ? _input
                    : ColumnPipe.Create(source, column);
            }
            _all = [.. _columns.Values.Append(_input).Append(_ids).Distinct()];
            _results = view._process(Read()).GetEnumerator();
        }

        public TOut Current => _results.Current;

        public ValueGetter<DataViewRowId> IdGetter => (ValueGetter<DataViewRowId>)_ids.Getter;

        public Delegate GetterOf(int column) => _columns[column].Getter;

        public bool MoveNext()
        {
            if (!_results.MoveNext())
            {
                return _waiting == 0 ? false : throw new InvalidOperationException(
                    $"Column '{_view._input.Columns[0].Name}': expected a result for every row, got none for the " +
                    $"last {_waiting} that were read. A cursor that has thrown cannot go on: read the data again.");
            }
            foreach (ColumnPipe pipe in _all)
            {
                pipe.MoveNext();
            }
            _waiting--;
            return true;
        }

        public void Dispose() => _results.Dispose();

        private IEnumerable<TIn> Read()
        {
            while (_source.MoveNext())
            {
                if (_wasAlive)
                {
                    _view._host.CheckAlive();
                }
                foreach (ColumnPipe pipe in _all)
                {
                    pipe.Read();
                }
                _waiting++;
                yield return _input.Newest;
            }
        }
    }

    private sealed class Cursor : RootCursorBase
    {
        private readonly RowStreamDataView<TIn, TOut> _view;
        private readonly bool[] _active;
        private readonly DataViewRowCursor _rows;
        private readonly Stream? _stream;
        private readonly Delegate?[] _getters;
        private bool _disposed;

        public Cursor(RowStreamDataView<TIn, TOut> view, Func<int, bool> needed, DataViewRowCursor rows,
            Stream? stream)
            : base(view._host)
        {
            _view = view;
            _active = [.. view.Schema.Select(c => needed(c.Index))];
            _rows = rows;
            _stream = stream;
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
            if (isSource && _stream is null)
            {
                return _rows.GetGetter<TValue>(_rows.Schema[index]);
            }
            return (isSource ? _stream!.GetterOf(index) : _getters[index]) as ValueGetter<TValue>
                ?? throw Ch.Except(
                    $"Column '{column.Name}': expected its values to be read as {column.Type.RawType}, got " +
                    $"{typeof(TValue)}.");
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => _stream?.IdGetter ?? _rows.GetIdGetter();

        protected override bool MoveNextCore() => _stream?.MoveNext() ?? _rows.MoveNext();

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                // The stream first: it may still be reading the rows.
                _stream?.Dispose();
                _rows.Dispose();
            }
            _disposed = true;
            base.Dispose(disposing);
        }

        private TOut Current() => _stream!.Current;
    }
}

/// <summary>What a stream of rows reads.</summary>
/// <param name="Columns">The columns, the main one first.</param>
/// <param name="Read">Makes one value of them all; <see langword="null"/> where the one column's is the value.</param>
internal sealed record StreamInput<TIn>(
    DataViewSchema.Column[] Columns, Func<DataViewRow, ValueGetter<TIn>>? Read = null)
{
    /// <summary>Whether the stream needs a column.</summary>
    public bool Reads(DataViewSchema.Column column) => Array.Exists(Columns, c => c.Index == column.Index);

    /// <summary>Whether a column is all that the stream reads.</summary>
    public bool IsAlone(DataViewSchema.Column column) => Read is null && Columns[0].Index == column.Index;

    /// <summary>Reads the current row.</summary>
    public ValueGetter<TIn> Getter(DataViewRow row) => Read?.Invoke(row) ?? row.GetGetter<TIn>(Columns[0]);

    /// <summary>The values of rows that wait.</summary>
    public ColumnPipe<TIn> Pipe(DataViewRow row) => Read is null
        ? (ColumnPipe<TIn>)ColumnPipe.Create(row, Columns[0])
        : new ColumnPipe<TIn>(Read(row), static (in TIn from, ref TIn to) => to = from);
}
