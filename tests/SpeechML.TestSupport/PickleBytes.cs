using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;
using System.Text;

namespace SpeechML.TestSupport;

/// <summary>Writes pickles opcode by opcode, and the two files of torch.save around them.</summary>
internal static class PickleBytes
{
    public static byte[] Program(params byte[][] body) => [0x80, 2, .. body.SelectMany(b => b), (byte)'.'];

    public static byte[] Text(string text) =>
        [(byte)'X', .. Int32(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    public static byte[] Number(long value)
    {
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            return [(byte)'J', .. Int32((int)value)];
        }
        byte[] bytes = new BigInteger(value).ToByteArray();
        return [0x8A, (byte)bytes.Length, .. bytes];
    }

    /// <summary>LONG1, as Python writes numbers of more than 31 bits.</summary>
    public static byte[] Long1(BigInteger value) =>
        value.ToByteArray() is var bytes ? [0x8A, (byte)bytes.Length, .. bytes] : [];

    public static byte[] Tuple(params byte[][] items) => [(byte)'(', .. items.SelectMany(i => i), (byte)'t'];

    public static byte[] Global(string module, string name) => Encoding.ASCII.GetBytes($"c{module}\n{name}\n");

    public static byte[] Call(byte[] function, params byte[][] arguments) =>
        [.. function, .. Tuple(arguments), (byte)'R'];

    public static byte[] Dict(params (string Key, byte[] Value)[] items) =>
        [(byte)'}', (byte)'(', .. items.SelectMany(i => Text(i.Key).Concat(i.Value)), (byte)'u'];

    public static byte[] OrderedDict() => Call(Global("collections", "OrderedDict"));

    public static byte[] Storage(
        long count, string key = "0", string kind = "FloatStorage", string device = "cpu", byte[]? view = null) =>
        [.. Tuple([Text("storage"), Global("torch", kind), Text(key), Text(device), Number(count),
            .. (view is null ? Array.Empty<byte[]>() : [view])]), (byte)'Q'];

    public static byte[] Tensor(byte[] storage, long[] size, long[] stride, long first = 0) => Call(
        Global("torch._utils", "_rebuild_tensor_v2"),
        storage,
        Number(first),
        Tuple([.. size.Select(Number)]),
        Tuple([.. stride.Select(Number)]),
        [0x89],
        OrderedDict());

    public static byte[] Floats(params float[] values)
    {
        byte[] bytes = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        }
        return bytes;
    }

    public static byte[] Zip(byte[] pickle, params (string Name, byte[] Content)[] entries)
    {
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries.Prepend(("archive/data.pkl", pickle)))
            {
                using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }
        return buffer.ToArray();
    }

    /// <summary>Moves sizes and positions of the directory to zip64 records, as in a file above 4 GB.</summary>
    public static byte[] ToZip64(byte[] zip)
    {
        const int EndLength = 22;
        const int CentralLength = 46;
        int end = zip.Length - EndLength;
        int start = BinaryPrimitives.ReadInt32LittleEndian(zip.AsSpan(end + 16));
        var directory = new List<byte>();
        int entries = 0;
        for (int at = start; at < end; entries++)
        {
            byte[] entry = zip[at..(at + CentralLength)];
            int name = BinaryPrimitives.ReadUInt16LittleEndian(entry.AsSpan(28));
            int rest = BinaryPrimitives.ReadUInt16LittleEndian(entry.AsSpan(30)) +
                BinaryPrimitives.ReadUInt16LittleEndian(entry.AsSpan(32));
            int stored = BinaryPrimitives.ReadInt32LittleEndian(entry.AsSpan(20));
            int length = BinaryPrimitives.ReadInt32LittleEndian(entry.AsSpan(24));
            int offset = BinaryPrimitives.ReadInt32LittleEndian(entry.AsSpan(42));
            entry.AsSpan(20, 8).Fill(0xFF);
            entry.AsSpan(42, 4).Fill(0xFF);
            byte[] extra = [1, 0, 24, 0, .. Int64(length), .. Int64(stored), .. Int64(offset)];
            BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(30), (ushort)extra.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(32), 0);
            directory.AddRange([.. entry, .. zip[(at + CentralLength)..(at + CentralLength + name)], .. extra]);
            at += CentralLength + name + rest;
        }
        byte[] record = [.. "PK\x06\x06"u8, .. Int64(44), 45, 0, 45, 0, .. new byte[8], .. Int64(entries),
            .. Int64(entries), .. Int64(directory.Count), .. Int64(start)];
        byte[] locator = [.. "PK\x06\x07"u8, .. new byte[4], .. Int64(start + directory.Count), 1, 0, 0, 0];
        byte[] last = [.. "PK\x05\x06"u8, .. new byte[4], .. Enumerable.Repeat((byte)0xFF, 12), 0, 0];
        return [.. zip[..start], .. directory, .. record, .. locator, .. last];
    }

    /// <summary>The format before torch 1.6; every storage is given with its count of elements.</summary>
    public static byte[] Legacy(byte[] pickle, params (string Key, long Count, byte[] Content)[] storages)
    {
        byte[] magic = Program(Long1(BigInteger.Parse("119547037146038801333356")));
        byte[] machine = Program(Dict(("protocol_version", Number(1001)), ("little_endian", [0x88])));
        byte[] keys = Program([(byte)']', (byte)'(', .. storages.SelectMany(s => Text(s.Key)), (byte)'e']);
        return [.. magic, .. Program(Number(1001)), .. machine, .. pickle, .. keys,
            .. storages.SelectMany(s => Int64(s.Count).Concat(s.Content))];
    }

    private static byte[] Int32(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Int64(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }
}
