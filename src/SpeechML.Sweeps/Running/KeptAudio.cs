using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Training.Caching;

namespace SpeechML.Sweeps.Running;

/// <summary>
/// A view whose audio column was read once and is kept (in memory up to a limit, beyond it in a temporary file): the
/// trials of a sweep read it again and again. Other columns come
/// from the source, whose audio is not decoded for them. May be read from several threads.
/// </summary>
internal sealed class KeptAudio : IDataView, IDisposable
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly DataViewSchema.Column _audio;
    private readonly ArrayStore _store;
    private readonly List<int> _rates = [];
    private readonly List<string?> _sources = [];
    private readonly Lock _gate = new();

    public KeptAudio(IHost host, IDataView source, string audioColumnName, long memoryLimit, Action checkAlive)
    {
        _host = host;
        _source = source;
        _audio = source.Schema[audioColumnName];
        _store = new ArrayStore(memoryLimit);
        try
        {
            Hash = Fill(checkAlive);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>SHA-256 over the samples.</summary>
    public string Hash { get; }

    /// <summary>Clips are known by their row's position: the source must come in its own order.</summary>
    public bool CanShuffle => false;

    public DataViewSchema Schema => _source.Schema;

    public long? GetRowCount() => _store.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        return new Cursor(this, _source.GetRowCursor(columns.Where(c => c.Index != _audio.Index)),
            Array.Exists(columns, c => c.Index == _audio.Index));
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    public void Dispose() => _store.Dispose();

    private string Fill(Action checkAlive)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using DataViewRowCursor cursor = _source.GetRowCursor([_audio]);
        ValueGetter<MLAudio> getter = cursor.GetGetter<MLAudio>(_audio);
        while (cursor.MoveNext())
        {
            checkAlive();
            MLAudio value = null!;
            getter(ref value);
            MLAudio? clip = value;
            _ = _store.Add(clip is null ? [] : clip.GetArray());
            _rates.Add(clip?.SampleRate ?? 0);
            _sources.Add(clip?.Source);
            hash.AppendData(BitConverter.GetBytes(_rates[^1]));
            hash.AppendData(MemoryMarshal.AsBytes((clip?.Samples ?? default).Span));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private MLAudio? Get(int row)
    {
        // The file's position is shared.
        lock (_gate)
        {
            return _rates[row] == 0 ? null : MLAudio.Wrap(_store.Get(row), _rates[row], _sources[row]);
        }
    }

    private sealed class Cursor(KeptAudio view, DataViewRowCursor rows, bool audio) : RootCursorBase(view._host)
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
