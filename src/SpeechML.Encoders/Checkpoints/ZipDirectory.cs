using System.Buffers.Binary;
using System.Text;

namespace SpeechML.Encoders.Checkpoints;

/// <summary>One entry of a zip: where its bytes lie.</summary>
/// <param name="Name">The entry's path.</param>
/// <param name="DataOffset">First byte of its data in the file.</param>
/// <param name="StoredLength">Bytes in the file.</param>
/// <param name="Length">Bytes once inflated.</param>
/// <param name="IsDeflated">Whether the data are compressed.</param>
internal sealed record ZipEntry(string Name, long DataOffset, long StoredLength, long Length, bool IsDeflated);

/// <summary>
/// A zip's table of contents with the position of each entry's data, which
/// <see cref="System.IO.Compression.ZipArchive"/> does not tell and memory-mapped
/// reading needs (PKWARE APPNOTE 6.3). The contents' CRC is not checked: torch neither checks nor always writes it.
/// </summary>
internal static class ZipDirectory
{
    private const int EndRecordLength = 22;
    private const int CentralEntryLength = 46;
    private const int LocalEntryLength = 30;

    /// <summary>A zip of weights hardly shrinks: one that inflates more is made to fill memory.</summary>
    private const int LargestRatio = 4;

    /// <exception cref="CheckpointException">The zip is cut short, inconsistent, encrypted, compressed otherwise than
    /// by deflate, or inflates too much.</exception>
    public static Dictionary<string, ZipEntry> Read(ByteSource source)
    {
        (long start, long length) = FindDirectory(source);
        byte[] directory = new byte[length];
        source.Read(start, directory);
        var entries = new Dictionary<string, ZipEntry>(StringComparer.Ordinal);
        UInt128 inflated = 0;
        UInt128 occupied = 0;
        for (int at = 0; at < directory.Length;)
        {
            ZipEntry entry = ReadEntry(source, directory, ref at);
            if (!entries.TryAdd(entry.Name, entry))
            {
                throw Error(source, "unique entry names in the zip",
                    $"'{CheckpointException.Shorten(entry.Name)}' twice");
            }
            inflated += (UInt128)entry.Length;
            occupied += (UInt128)(LocalEntryLength + entry.Name.Length + entry.StoredLength);
        }
        if (occupied > (UInt128)start)
        {
            throw Error(source, $"zip entries one after another in the {start} bytes before the directory",
                $"entries of together {occupied} bytes, which overlap");
        }
        if (inflated > (UInt128)source.Length * LargestRatio)
        {
            throw Error(source, $"a zip that holds at most {LargestRatio} times its {source.Length} bytes",
                $"{inflated} bytes");
        }
        return entries;
    }

    private static (long Start, long Length) FindDirectory(ByteSource source)
    {
        // Nearly always the record ends the file; a comment of up to 64 KB may follow it.
        int tailLength = (int)Math.Min(source.Length, EndRecordLength);
        byte[] tail = new byte[tailLength];
        source.Read(source.Length - tailLength, tail);
        int end = tail.AsSpan().LastIndexOf("PK\x05\x06"u8);
        if (end != 0)
        {
            tailLength = (int)Math.Min(source.Length, EndRecordLength + ushort.MaxValue);
            tail = new byte[tailLength];
            source.Read(source.Length - tailLength, tail);
            end = tail.AsSpan().LastIndexOf("PK\x05\x06"u8);
        }
        if (end < 0 || tailLength - end < EndRecordLength)
        {
            throw Error(source, "a zip with its directory at the end", "a zip without one, cut short");
        }
        ReadOnlySpan<byte> record = tail.AsSpan(end);
        ulong length = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
        ulong start = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        if (start == uint.MaxValue || length == uint.MaxValue
            || BinaryPrimitives.ReadUInt16LittleEndian(record[10..]) == ushort.MaxValue)
        {
            (start, length) = FindDirectory64(source, source.Length - tailLength + end);
        }
        if (length > (ulong)source.Length || start > (ulong)source.Length - length || length > (ulong)Array.MaxLength)
        {
            throw Error(source, $"a zip directory within {source.Length} bytes", $"{length} bytes at {start}");
        }
        return ((long)start, (long)length);
    }

    /// <summary>
    /// Files above 4 GB have a second end record, which a locator just before the first one points at.
    /// </summary>
    private static (ulong Start, ulong Length) FindDirectory64(ByteSource source, long endRecord)
    {
        const int LocatorLength = 20;
        const int RecordLength = 56;
        Span<byte> locator = stackalloc byte[LocatorLength];
        Span<byte> record = stackalloc byte[RecordLength];
        if (endRecord >= LocatorLength)
        {
            source.Read(endRecord - LocatorLength, locator);
            ulong at = BinaryPrimitives.ReadUInt64LittleEndian(locator[8..]);
            if (locator.StartsWith("PK\x06\x07"u8) && source.Length >= RecordLength
                && at <= (ulong)(source.Length - RecordLength))
            {
                source.Read((long)at, record);
                if (record.StartsWith("PK\x06\x06"u8))
                {
                    return (BinaryPrimitives.ReadUInt64LittleEndian(record[48..]),
                        BinaryPrimitives.ReadUInt64LittleEndian(record[40..]));
                }
            }
        }
        throw Error(source, "a zip64 end record", "none");
    }

    private static ZipEntry ReadEntry(ByteSource source, byte[] directory, ref int at)
    {
        ReadOnlySpan<byte> entry = directory.AsSpan(at);
        if (entry.Length < CentralEntryLength || !entry.StartsWith("PK\x01\x02"u8))
        {
            throw Error(source, "a zip directory of whole entries", $"something else at its byte {at}");
        }
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(entry[8..]);
        int method = BinaryPrimitives.ReadUInt16LittleEndian(entry[10..]);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(entry[28..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(entry[30..]);
        int total = CentralEntryLength + nameLength + extraLength +
            BinaryPrimitives.ReadUInt16LittleEndian(entry[32..]);
        if (entry.Length < total)
        {
            throw Error(source, "a zip directory of whole entries", $"its end within the entry at its byte {at}");
        }
        string name = Encoding.UTF8.GetString(entry.Slice(CentralEntryLength, nameLength));
        ulong stored = BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]);
        ulong length = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]);
        ulong offset = BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]);
        ReadZip64(entry.Slice(CentralEntryLength + nameLength, extraLength), ref length, ref stored, ref offset);
        at += total;

        if (name.Length == 0 || name[0] == '/' || name.Contains('\\')
            || $"/{name}/".Contains("/../", StringComparison.Ordinal))
        {
            throw Error(source, "zip entries below one folder", $"'{CheckpointException.Shorten(name)}'");
        }
        const int Encrypted = 1;
        const int Stored = 0;
        const int Deflated = 8;
        if ((flags & Encrypted) != 0 || method is not (Stored or Deflated))
        {
            throw Error(source, $"zip entry '{CheckpointException.Shorten(name)}' stored or deflated",
                (flags & Encrypted) != 0 ? "an encrypted one" : $"compression method {method}");
        }
        ulong fileLength = (ulong)source.Length;
        if (length > long.MaxValue || stored > fileLength || offset > fileLength
            || fileLength - offset < LocalEntryLength || (method == Stored && stored != length))
        {
            throw Error(source, $"zip entry '{CheckpointException.Shorten(name)}' within {fileLength} bytes",
                $"{stored} stored for {length} bytes at {offset}");
        }
        long data = DataOffset(source, (long)offset, name);
        if (data > source.Length - (long)stored)
        {
            throw Error(source, $"zip entry '{CheckpointException.Shorten(name)}' within {fileLength} bytes",
                $"{stored} bytes at {data}");
        }
        return new ZipEntry(name, data, (long)stored, (long)length, method == Deflated);
    }

    /// <summary>
    /// The local header repeats the name and has an extra field of its own length (torch pads with it to align the
    /// data).
    /// </summary>
    private static long DataOffset(ByteSource source, long offset, string name)
    {
        Span<byte> local = stackalloc byte[LocalEntryLength];
        source.Read(offset, local);
        if (!local.StartsWith("PK\x03\x04"u8))
        {
            throw Error(
                source, $"zip entry '{CheckpointException.Shorten(name)}' where the directory says, at byte {offset}",
                "something else");
        }
        return offset + LocalEntryLength + BinaryPrimitives.ReadUInt16LittleEndian(local[26..]) +
            BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
    }

    /// <summary>Extra field 1 holds, in this order, those of the values that did not fit 32 bits.</summary>
    private static void ReadZip64(ReadOnlySpan<byte> extra, ref ulong length, ref ulong stored, ref ulong offset)
    {
        while (extra.Length >= 4)
        {
            int size = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (size > extra.Length - 4)
            {
                return;
            }
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1)
            {
                ReadOnlySpan<byte> field = extra.Slice(4, size);
                Take(ref field, ref length);
                Take(ref field, ref stored);
                Take(ref field, ref offset);
                return;
            }
            extra = extra[(4 + size)..];
        }

        static void Take(ref ReadOnlySpan<byte> field, ref ulong value)
        {
            if (value == uint.MaxValue && field.Length >= 8)
            {
                value = BinaryPrimitives.ReadUInt64LittleEndian(field);
                field = field[8..];
            }
        }
    }

    private static CheckpointException Error(ByteSource source, string expected, string got) =>
        new(source.Name, null, expected, got);
}
