using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace SpeechML.Sweeps.Running;

/// <summary>
/// A view whose audio column was read once into a cache, because the trials of a sweep read it again and again. Other
/// columns come from the source, whose audio is not decoded for them. Thread-safe.
/// </summary>
internal sealed class CachedAudioDataView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly DataViewSchema.Column _audio;
    private readonly AudioCache _cache;
    private readonly List<(int Clip, int Rate, string? Source)> _rows = [];

    public CachedAudioDataView(
        IHost host, IDataView source, string audioColumnName, AudioCache cache, Action checkAlive)
    {
        _host = host;
        _source = source;
        _audio = source.Schema[audioColumnName];
        _cache = cache;
        Hash = AudioCache.Hash(source, audioColumnName, checkAlive,
            clip => _rows.Add((cache.Add(clip), clip?.SampleRate ?? 0, clip?.Source)));
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
        return new Cursor(this, _source.GetRowCursor(columns.Where(c => c.Index != _audio.Index)),
            Array.Exists(columns, c => c.Index == _audio.Index));
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private MLAudio? Get(int row)
    {
        (int clip, int rate, string? source) = _rows[row];
        return rate == 0 ? null : MLAudio.Wrap(_cache.Get(clip), rate, source);
    }

    private sealed class Cursor(CachedAudioDataView view, DataViewRowCursor rows, bool audio)
        : RootCursorBase(view._host)
    {
        private bool _disposed;

        public override DataViewSchema Schema => view.Schema;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) =>
            column.Index == view._audio.Index ? audio : rows.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column is not active");
            if (column.Index != view._audio.Index)
            {
                return rows.GetGetter<TValue>(column);
            }
            ValueGetter<MLAudio?> clip = (ref MLAudio? value) => value = view.Get((int)Position);
            return clip as ValueGetter<TValue>
                ?? throw Ch.Except(
                $"Column '{column.Name}': expected its values to be read as {column.Type.RawType}, got " +
                $"{typeof(TValue)}.");
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => rows.GetIdGetter();

        protected override bool MoveNextCore() => rows.MoveNext();

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                rows.Dispose();
            }
            _disposed = true;
            base.Dispose(disposing);
        }
    }
}
