using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SpeechML.Training.Caching;

/// <summary>
/// The file of one batch of frozen activations. Values go straight between the arrays and the file: a batch is never
/// held twice.
/// </summary>
/// <param name="precision">How values are stored.</param>
internal sealed class ActivationCacheFormat(CachePrecision precision)
{
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

    private static ReadOnlySpan<byte> Magic => "SPCHFRZ1"u8;

    private int ValueSize => precision == CachePrecision.Float16 ? 2 : sizeof(float);

    /// <summary>Bytes that a batch takes.</summary>
    public long SizeOf(IReadOnlyList<Activation> batch) =>
        HeaderSize + ((long)batch.Count * ClipSize) + (batch.Sum(b => (long)b.Values.Length) * ValueSize) + HashSize;

    /// <summary>Writes a batch with its key (64 hexadecimal digits).</summary>
    public void Write(Stream stream, string key, IReadOnlyList<Activation> batch)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Put(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            stream.Write(bytes);
        }
        byte[] head = new byte[HeaderSize + (batch.Count * ClipSize)];
        Magic.CopyTo(head);
        Convert.FromHexString(key).CopyTo(head, 8);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8 + HashSize), ValueSize);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12 + HashSize), batch.Count);
        Span<byte> rest = head.AsSpan(HeaderSize);
        foreach ((float[] clip, long length) in batch)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, length);
            BinaryPrimitives.WriteInt32LittleEndian(rest[sizeof(long)..], clip.Length);
            rest = rest[ClipSize..];
        }
        Put(head);
        foreach ((float[] clip, _) in batch)
        {
            if (precision == CachePrecision.Float16)
            {
                var halves = new Half[clip.Length];
                TensorPrimitives.ConvertToHalf(clip, halves);
                Put(MemoryMarshal.AsBytes(halves.AsSpan()));
            }
            else
            {
                Put(MemoryMarshal.AsBytes(clip.AsSpan()));
            }
        }
        stream.Write(hash.GetHashAndReset());
    }

    /// <summary>
    /// Reads a batch; <see langword="null"/> unless the file is whole, unchanged and of this key and precision.
    /// </summary>
    public Activation[]? Read(Stream stream, string key)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        bool Get(Span<byte> bytes)
        {
            bool whole = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length;
            hash.AppendData(bytes);
            return whole;
        }
        byte[] header = new byte[HeaderSize];
        if (!Get(header) ||
            !header.AsSpan(0, 8).SequenceEqual(Magic) ||
            !header.AsSpan(8, HashSize).SequenceEqual(Convert.FromHexString(key)) ||
            BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8 + HashSize)) != ValueSize)
        {
            return null;
        }
        int clips = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(12 + HashSize));
        // A damaged count must not become a huge array.
        long left = stream.Length - HeaderSize - HashSize;
        if (clips < 0 || (long)clips * ClipSize > left)
        {
            return null;
        }
        byte[] sizes = new byte[clips * ClipSize];
        if (!Get(sizes))
        {
            return null;
        }
        left -= sizes.Length;
        var batch = new Activation[clips];
        for (int clip = 0; clip < clips; clip++)
        {
            ReadOnlySpan<byte> size = sizes.AsSpan(clip * ClipSize, ClipSize);
            int count = BinaryPrimitives.ReadInt32LittleEndian(size[sizeof(long)..]);
            left -= (long)count * ValueSize;
            if (count < 0 || left < 0)
            {
                return null;
            }
            float[] values = new float[count];
            if (!Fill(values, Get))
            {
                return null;
            }
            batch[clip] = new Activation(values, BinaryPrimitives.ReadInt64LittleEndian(size));
        }
        byte[] computed = hash.GetHashAndReset();
        byte[] written = new byte[HashSize];
        return left == 0 && Get(written) && written.AsSpan().SequenceEqual(computed) ? batch : null;
    }

    private bool Fill(float[] values, Func<Span<byte>, bool> get)
    {
        if (precision == CachePrecision.Float32)
        {
            return get(MemoryMarshal.AsBytes(values.AsSpan()));
        }
        var halves = new Half[values.Length];
        bool whole = get(MemoryMarshal.AsBytes(halves.AsSpan()));
        TensorPrimitives.ConvertToSingle(halves, values);
        return whole;
    }
}
