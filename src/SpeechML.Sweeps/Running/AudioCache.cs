using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using SpeechML.Data.DataViews;
using SpeechML.Training.Caching;

namespace SpeechML.Sweeps.Running;

/// <summary>
/// Decoded clips of a sweep, each stored once: in memory up to a limit, beyond it in a temporary file. Thread-safe.
/// </summary>
internal sealed class AudioCache(long memoryLimit) : IDisposable
{
    private readonly ArrayStore _store = new(memoryLimit);
    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);
    private readonly Lock _gate = new(); // the file's position is shared

    /// <summary>Clips stored.</summary>
    public int Count => _store.Count;

    /// <summary>Stores a clip's samples unless they are there.</summary>
    /// <returns>Number of the clip.</returns>
    public int Add(MLAudio? clip)
    {
        string hash = Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes((clip?.Samples ?? default).Span)));
        lock (_gate)
        {
            return _known.TryGetValue(hash, out int known) ? known : _known[hash] = _store.Add(clip?.GetArray() ?? []);
        }
    }

    public float[] Get(int number)
    {
        lock (_gate)
        {
            return _store.Get(number);
        }
    }

    /// <summary>Reads a column of audio.</summary>
    /// <param name="data">The data.</param>
    /// <param name="audioColumnName">Name of the column.</param>
    /// <param name="checkAlive">Called before each clip; throws to stop.</param>
    /// <param name="each">Told about every clip.</param>
    /// <param name="others">Columns read by the same cursor, by their index; the values are made here.</param>
    /// <returns>SHA-256 over rates and samples.</returns>
    public static string Hash(
        IDataView data, string audioColumnName, Action checkAlive, Action<MLAudio?>? each = null,
        Dictionary<int, ColumnMemory>? others = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        DataViewSchema.Column column = data.Schema[audioColumnName];
        DataViewSchema.Column[] columns = others is null ? [] : [.. others.Keys.Select(i => data.Schema[i])];
        using DataViewRowCursor cursor = data.GetRowCursor([column, .. columns]);
        ColumnMemory[] memories = Array.ConvertAll(columns, c => others![c.Index] = ColumnMemory.Create(cursor, c));
        ValueGetter<MLAudio> getter = cursor.GetGetter<MLAudio>(column);
        while (cursor.MoveNext())
        {
            checkAlive();
            MLAudio value = null!;
            getter(ref value);
            MLAudio? clip = value;
            each?.Invoke(clip);
            Array.ForEach(memories, m => m.Read());
            hash.AppendData(BitConverter.GetBytes(clip?.SampleRate ?? 0));
            hash.AppendData(MemoryMarshal.AsBytes((clip?.Samples ?? default).Span));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose() => _store.Dispose();
}
