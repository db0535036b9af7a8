using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace SpeechML.Data.Segments;

/// <summary>
/// A row for each segment of each recording: the recording's own columns, the segment's audio, where it begins and
/// ends. One recording is held at a time.
/// </summary>
internal sealed class SegmentDataView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly DataViewSchema.Column _input;
    private readonly ColumnBindings _bindings;
    private readonly Func<MLAudio, IReadOnlyList<(int Start, int End)>> _find;

    /// <param name="host">The host.</param>
    /// <param name="source">The recordings.</param>
    /// <param name="input">Their audio.</param>
    /// <param name="names">Names of the columns to make: audio, start, end.</param>
    /// <param name="find">The segments of a recording.</param>
    public SegmentDataView(
        IHost host, IDataView source, DataViewSchema.Column input, string[] names,
        Func<MLAudio, IReadOnlyList<(int Start, int End)>> find)
    {
        (_host, _source, _input, _find) = (host, source, input, find);
        _bindings = new ColumnBindings(source.Schema, MakeColumns(names));
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema => _bindings.Schema;

    public static DataViewSchema.DetachedColumn[] MakeColumns(string[] names) =>
    [
        new(names[0], AudioDataViewType.Instance),
        new(names[1], NumberDataViewType.Single),
        new(names[2], NumberDataViewType.Single),
    ];

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        Func<int, bool> needed = RowCursorUtils.FromColumnsToPredicate(columnsNeeded, Schema);
        bool[] active = _bindings.GetActiveInput(needed);
        DataViewRowCursor rows =
            _source.GetRowCursor(_source.Schema.Where(c => active[c.Index] || c.Index == _input.Index));
        return new Cursor(this, needed, rows);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursorBase
    {
        private readonly SegmentDataView _view;
        private readonly bool[] _active;
        private readonly DataViewRowCursor _rows;
        private readonly ValueGetter<MLAudio> _audio;
        private MLAudio _recording = null!;
        private IReadOnlyList<(int Start, int End)> _segments = [];
        private int _at;
        private bool _disposed;

        public Cursor(SegmentDataView view, Func<int, bool> needed, DataViewRowCursor rows)
            : base(view._host)
        {
            _view = view;
            _active = [.. view.Schema.Select(c => needed(c.Index))];
            _rows = rows;
            _audio = rows.GetGetter<MLAudio>(rows.Schema[view._input.Index]);
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column is not active");
            int index = _view._bindings.MapColumnIndex(out bool isSource, column.Index);
            if (isSource)
            {
                return _rows.GetGetter<TValue>(_rows.Schema[index]);
            }
            Delegate getter = index switch
            {
                0 => (ValueGetter<MLAudio>)((ref MLAudio value) =>
                    value = _recording.Part(_segments[_at].Start, _segments[_at].End)),
                1 => (ValueGetter<float>)((ref float value) => value = Seconds(_segments[_at].Start)),
                _ => (ValueGetter<float>)((ref float value) => value = Seconds(_segments[_at].End)),
            };
            return getter as ValueGetter<TValue> ?? throw Ch.Except(
                $"Column '{column.Name}': expected its values to be read as {column.Type.RawType}, got " +
                $"{typeof(TValue)}.");
        }

        public override ValueGetter<DataViewRowId> GetIdGetter()
        {
            ValueGetter<DataViewRowId> row = _rows.GetIdGetter();
            return (ref DataViewRowId value) =>
            {
                row(ref value);
                value = value.Combine(new DataViewRowId((ulong)_at, 1));
            };
        }

        protected override bool MoveNextCore()
        {
            _at++;
            while (_at >= _segments.Count)
            {
                if (!_rows.MoveNext())
                {
                    return false;
                }
                _view._host.CheckAlive();
                _audio(ref _recording);
                if (_recording is null)
                {
                    throw new InvalidOperationException(
                        $"Column '{_view._input.Name}': expected audio, got nothing.");
                }
                (_segments, _at) = (_view._find(_recording), 0);
            }
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                _rows.Dispose();
            }
            _disposed = true;
            base.Dispose(disposing);
        }

        private float Seconds(int sample) => (float)((double)sample / _recording.SampleRate);
    }
}
