using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using static TorchSharp.torch;

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
    // int: the values: 4 for float32, 2 for float32 rounded to half precision, 0x102 for bfloat16 and 0x202 for half
    // precision as they were computed
    // int: clips; for each: long length that goes with it, int values
    // values, clip after clip
    // 32 bytes: SHA-256 of all before
    private const int HashSize = 32;
    private const int ClipSize = sizeof(long) + sizeof(int);
    private const int HeaderSize = 8 + HashSize + sizeof(int) + sizeof(int);

    private static ReadOnlySpan<byte> Magic => "SPCHFRZ1"u8;

    private const int Whole = sizeof(float);
    private const int Rounded = 2;
    private const int BFloat16 = 0x102;
    private const int Half16 = 0x202;

    private static int SizeOf(int kind) => kind & 0xff;

    private int KindOf(ScalarType? rounding) => precision == CachePrecision.Float16 ? Rounded : rounding switch
    {
        ScalarType.BFloat16 => BFloat16,
        ScalarType.Float16 => Half16,
        _ => Whole,
    };

    private int KindOf(IReadOnlyList<Activation> batch) => KindOf(batch.Count == 0 ? null : batch[0].Rounding);

    private static ScalarType? RoundingOf(int kind) => kind switch
    {
        BFloat16 => ScalarType.BFloat16,
        Half16 => ScalarType.Float16,
        _ => null,
    };

    /// <summary>Bytes that a batch takes.</summary>
    public long SizeOf(IReadOnlyList<Activation> batch) =>
        HeaderSize + ((long)batch.Count * ClipSize)
            + (batch.Sum(b => (long)b.Values.Length) * SizeOf(KindOf(batch))) + HashSize;

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
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8 + HashSize), KindOf(batch));
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
            switch (KindOf(batch))
            {
                case Whole:
                    Put(MemoryMarshal.AsBytes(clip.AsSpan()));
                    break;
                case BFloat16:
                    Put(MemoryMarshal.AsBytes(UpperHalves.Of(clip).AsSpan()));
                    break;
                default:
                    var halves = new Half[clip.Length];
                    TensorPrimitives.ConvertToHalf(clip, halves);
                    Put(MemoryMarshal.AsBytes(halves.AsSpan()));
                    break;
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
            BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8 + HashSize)) is var kind
                && kind != KindOf(RoundingOf(kind)))
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
            left -= (long)count * SizeOf(kind);
            if (count < 0 || left < 0)
            {
                return null;
            }
            float[] values = new float[count];
            if (!Fill(values, kind, Get))
            {
                return null;
            }
            batch[clip] = new Activation(values, BinaryPrimitives.ReadInt64LittleEndian(size))
            {
                Rounding = RoundingOf(kind),
            };
        }
        byte[] computed = hash.GetHashAndReset();
        byte[] written = new byte[HashSize];
        return left == 0 && Get(written) && written.AsSpan().SequenceEqual(computed) ? batch : null;
    }

    private static bool Fill(float[] values, int kind, Func<Span<byte>, bool> get)
    {
        if (kind == Whole)
        {
            return get(MemoryMarshal.AsBytes(values.AsSpan()));
        }
        if (kind == BFloat16)
        {
            ushort[] upper = new ushort[values.Length];
            bool all = get(MemoryMarshal.AsBytes(upper.AsSpan()));
            UpperHalves.Widen(upper, values);
            return all;
        }
        var halves = new Half[values.Length];
        bool whole = get(MemoryMarshal.AsBytes(halves.AsSpan()));
        TensorPrimitives.ConvertToSingle(halves, values);
        return whole;
    }
}
