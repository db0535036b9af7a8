using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SpeechML.Training;

/// <summary>
/// What frozen encoders made of clips, in a folder that outlives the run: one file per batch, named by its key. A file is read only if its checksum, its key and its sizes are right; any other is
/// computed anew and replaced. When the folder is full, the files go that were not used for longest.
/// </summary>
internal sealed class FrozenFiles
{
    public const string Extension = ".frozen";

    // *** Binary format *** little-endian
    // 8 bytes: "SPCHFRZ1"
    // 32 bytes: the key (SHA-256)
    // int: bytes of a value, 4 or 2
    // int: clips; for each: long length that goes with it, int values
    // values, clip after clip
    // 32 bytes: SHA-256 of all before
    private const int HashSize = 32;
    private const int ClipSize = sizeof(long) + sizeof(int);
    private const int HeaderSize = 8 + HashSize + sizeof(int) + sizeof(int);

    private readonly string _folder;
    private readonly long _limit;

    /// <param name="folder">Made where it is absent.</param>
    /// <param name="limit">Bytes that the files may take together.</param>
    /// <param name="precision">How values are stored.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public FrozenFiles(string folder, long limit, CachePrecision precision)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        _limit = limit;
        Precision = precision;
    }

    public CachePrecision Precision { get; }

    private static ReadOnlySpan<byte> Magic => "SPCHFRZ1"u8;

    private int ValueSize => Precision == CachePrecision.Float16 ? 2 : sizeof(float);

    /// <summary>The files of a run's options; <see langword="null"/> where they name no folder.</summary>
    public static FrozenFiles? Open(SpeechTrainingOptions options) =>
        options.CacheFolder.Length == 0 ? null : new FrozenFiles(options.CacheFolder, options.CacheFolderLimit * (1L << 20), options.CachePrecision);

    /// <summary>The values as they come back from a file.</summary>
    public float[] Round(float[] values) => Precision == CachePrecision.Float16 ? [.. values.Select(v => (float)(Half)v)] : values;

    /// <summary>The batch of a key (64 hexadecimal digits); <see langword="null"/> where there is none that can be trusted.</summary>
    public (float[] Values, long Length)[]? Read(string key)
    {
        string path = PathOf(key);
        byte[] bytes;
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }
            bytes = File.ReadAllBytes(path);
            File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        return Parse(bytes, key);
    }

    /// <summary>Keeps a batch. What does not fit, or cannot be written, is not kept.</summary>
    public void Write(string key, IReadOnlyList<(float[] Values, long Length)> batch)
    {
        byte[] bytes = Format(key, batch);
        string temporary = Path.Combine(_folder, $"{Guid.NewGuid():N}.tmp");
        try
        {
            if (!MakeRoom(bytes.Length))
            {
                return;
            }
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, PathOf(key), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk, or a folder that is gone, must not end a run that can do without the cache.
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }

    private string PathOf(string key) => Path.Combine(_folder, key + Extension);

    private byte[] Format(string key, IReadOnlyList<(float[] Values, long Length)> batch)
    {
        long values = batch.Sum(b => (long)b.Values.Length);
        byte[] bytes = new byte[checked((int)(HeaderSize + ((long)batch.Count * ClipSize) + (values * ValueSize) + HashSize))];
        Span<byte> rest = bytes;
        Magic.CopyTo(rest);
        Convert.FromHexString(key).CopyTo(rest[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(rest[(8 + HashSize)..], ValueSize);
        BinaryPrimitives.WriteInt32LittleEndian(rest[(12 + HashSize)..], batch.Count);
        rest = rest[HeaderSize..];
        foreach ((float[] clip, long length) in batch)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, length);
            BinaryPrimitives.WriteInt32LittleEndian(rest[sizeof(long)..], clip.Length);
            rest = rest[ClipSize..];
        }
        foreach ((float[] clip, _) in batch)
        {
            if (Precision == CachePrecision.Float16)
            {
                Span<Half> halves = MemoryMarshal.Cast<byte, Half>(rest)[..clip.Length];
                for (int i = 0; i < clip.Length; i++)
                {
                    halves[i] = (Half)clip[i];
                }
            }
            else
            {
                MemoryMarshal.AsBytes(clip.AsSpan()).CopyTo(rest);
            }
            rest = rest[(clip.Length * ValueSize)..];
        }
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - HashSize), rest);
        return bytes;
    }

    private (float[] Values, long Length)[]? Parse(ReadOnlySpan<byte> bytes, string key)
    {
        if (bytes.Length < HeaderSize + HashSize ||
            !bytes[..8].SequenceEqual(Magic) ||
            !bytes.Slice(8, HashSize).SequenceEqual(Convert.FromHexString(key)) ||
            !SHA256.HashData(bytes[..^HashSize]).AsSpan().SequenceEqual(bytes[^HashSize..]) ||
            BinaryPrimitives.ReadInt32LittleEndian(bytes[(8 + HashSize)..]) != ValueSize)
        {
            return null;
        }
        int clips = BinaryPrimitives.ReadInt32LittleEndian(bytes[(12 + HashSize)..]);
        ReadOnlySpan<byte> sizes = bytes[HeaderSize..^HashSize];
        if (clips < 0 || (long)clips * ClipSize > sizes.Length)
        {
            return null;
        }
        ReadOnlySpan<byte> values = sizes[(clips * ClipSize)..];
        var batch = new (float[] Values, long Length)[clips];
        for (int clip = 0; clip < clips; clip++)
        {
            long length = BinaryPrimitives.ReadInt64LittleEndian(sizes[(clip * ClipSize)..]);
            int count = BinaryPrimitives.ReadInt32LittleEndian(sizes[((clip * ClipSize) + sizeof(long))..]);
            if (count < 0 || (long)count * ValueSize > values.Length)
            {
                return null;
            }
            batch[clip] = (Values(values[..(count * ValueSize)]), length);
            values = values[(count * ValueSize)..];
        }
        return values.IsEmpty ? batch : null;
    }

    private float[] Values(ReadOnlySpan<byte> bytes)
    {
        if (Precision == CachePrecision.Float32)
        {
            return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        }
        ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(bytes);
        float[] values = new float[halves.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)halves[i];
        }
        return values;
    }

    /// <summary>Deletes what was not used for longest until there is room; <see langword="false"/> where there cannot be.</summary>
    private bool MakeRoom(long bytes)
    {
        if (bytes > _limit)
        {
            return false;
        }
        FileInfo[] files = [.. new DirectoryInfo(_folder).EnumerateFiles("*" + Extension).OrderBy(f => f.LastWriteTimeUtc)];
        long taken = files.Sum(f => f.Length);
        foreach (FileInfo file in files)
        {
            if (taken + bytes <= _limit)
            {
                break;
            }
            taken -= file.Length;
            file.Delete();
        }
        return true;
    }
}
