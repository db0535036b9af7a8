using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Data.DataViews;

namespace SpeechML.Sweeps.Running;

/// <summary>
/// A view whose audio column was read once into a cache, because the trials of a sweep read it again and again. Labels
/// and texts were read with it. Other columns come from the source, whose audio is not decoded for them, and whose
/// labels and texts must be those of the first reading. Thread-safe.
/// </summary>
internal sealed class CachedAudioDataView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly DataViewSchema.Column _audio;
    private readonly AudioCache _cache;
    private readonly List<(int Clip, int Rate, string? Source)> _rows = [];
    private readonly Dictionary<int, ColumnMemory> _kept;

    public CachedAudioDataView(
        IHost host, IDataView source, string audioColumnName, string labelColumnName, AudioCache cache,
        Action checkAlive)
    {
        _host = host;
        _source = source;
        _audio = source.Schema[audioColumnName];
        _cache = cache;
        _kept = source.Schema.Where(c => !c.IsHidden && (c.Name == labelColumnName || c.Type is TextDataViewType))
            .ToDictionary(c => c.Index, _ => (ColumnMemory)null!);
        Hash = AudioCache.Hash(source, audioColumnName, checkAlive,
            clip => _rows.Add((cache.Add(clip), clip?.SampleRate ?? 0, clip?.Source)), _kept);
    }

    /// <summary>SHA-256 over the samples.</summary>
    public string Hash { get; }

    /// <summary>Clips are known by their row's position: the source must come in its own order.</summary>
    public bool CanShuffle => false;

    public DataViewSchema Schema => _source.Schema;

    public long? GetRowCount() => _rows.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        DataViewSchema.Column[] others =
            [.. columns.Where(c => c.Index != _audio.Index && !_kept.ContainsKey(c.Index))];
        return new Cursor(
            this, [.. columns.Select(c => c.Index)],
            others.Length == 0 ? null : _source.GetRowCursor([.. others, .. _kept.Keys.Select(i => Schema[i])]));
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private MLAudio? Get(int row)
    {
        (int clip, int rate, string? source) = _rows[row];
        return rate == 0 ? null : MLAudio.Wrap(_cache.Get(clip), rate, source);
    }

    private sealed class Cursor : RootCursorBase
    {
        private readonly CachedAudioDataView _view;
        private readonly HashSet<int> _active;
        private readonly DataViewRowCursor? _others;
        private readonly Action[] _comparers;
        private bool _disposed;

        public Cursor(CachedAudioDataView view, HashSet<int> active, DataViewRowCursor? others)
            : base(view._host)
        {
            (_view, _active, _others) = (view, active, others);
            _comparers = others is null ? [] : [.. view._kept.Values.Select(m => m.Comparer(others))];
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column is not active");
            Delegate? getter = column.Index == _view._audio.Index
                ? (ValueGetter<MLAudio?>)((ref MLAudio? value) => value = _view.Get((int)Position))
                : _view._kept.TryGetValue(column.Index, out ColumnMemory? kept) ? kept.GetterAt(() => Position)
                : _others!.GetGetter<TValue>(column);
            return getter as ValueGetter<TValue>
                ?? throw Ch.Except(
                $"Column '{column.Name}': expected its values to be read as {column.Type.RawType}, got " +
                $"{typeof(TValue)}.");
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => _others?.GetIdGetter()
            ?? ((ref DataViewRowId value) => value = new DataViewRowId((ulong)Position, 0));

        protected override bool MoveNextCore()
        {
            long row = Position + 1; // the base counts afterwards
            if (_others is null)
            {
                return row < _view._rows.Count;
            }
            if (!_others.MoveNext())
            {
                return row == _view._rows.Count ? false
                    : throw SourceRows.CountsDiffer(_view._audio.Name, _view._rows.Count, row);
            }
            if (row >= _view._rows.Count)
            {
                throw SourceRows.Grew(_view._audio.Name, _view._rows.Count);
            }
            Array.ForEach(_comparers, c => c());
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                _others?.Dispose();
            }
            _disposed = true;
            base.Dispose(disposing);
        }
    }
}
