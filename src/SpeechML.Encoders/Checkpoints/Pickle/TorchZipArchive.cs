using System.IO.Compression;
using System.Text;

namespace SpeechML.Encoders.Checkpoints.Pickle;

/// <summary>
/// The format since torch 1.6: a zip of <c>name/data.pkl</c>, <c>name/data/KEY</c> for each storage,
/// <c>name/byteorder</c>, <c>name/version</c>. torch writes
/// it uncompressed; a zip that another tool packed by deflate is inflated.
/// </summary>
internal sealed class TorchZipArchive : TorchArchive
{
    private readonly string _file;
    private readonly string _folder;
    private readonly Dictionary<string, ZipEntry> _entries;

    private TorchZipArchive(string file, string folder, Dictionary<string, ZipEntry> entries, object? root)
        : base(root)
    {
        _file = file;
        _folder = folder;
        _entries = entries;
    }

    public static TorchZipArchive Read(ByteSource source)
    {
        Dictionary<string, ZipEntry> entries = ZipDirectory.Read(source);
        const string Pickle = "/data.pkl";
        ZipEntry[] pickles = [.. entries.Values.Where(
            e => e.Name.EndsWith(Pickle, StringComparison.Ordinal) && e.Name.AsSpan().Count('/') == 1)];
        if (pickles.Length != 1)
        {
            throw new CheckpointException(
                source.Name, null, "one 'data.pkl' in the zip",
                pickles.Length == 0 ? $"none among {entries.Count} entries" : $"{pickles.Length}");
        }
        string folder = pickles[0].Name[..^Pickle.Length];
        if (entries.ContainsKey($"{folder}/constants.pkl"))
        {
            throw new CheckpointException(source.Name, null, "a state dict", "a TorchScript archive, which holds code");
        }
        if (entries.TryGetValue($"{folder}/byteorder", out ZipEntry? byteOrder))
        {
            const int Longest = 16;
            string order = byteOrder.Length <= Longest ? Encoding.Latin1.GetString(ReadWhole(source, byteOrder))
                : "a long text";
            if (order != "little")
            {
                throw new CheckpointException(
                    source.Name, null, "byteorder 'little'", $"'{CheckpointException.Shorten(order)}'");
            }
        }
        return new TorchZipArchive(source.Name, folder, entries, ReadPickle(source, pickles[0]));
    }

    /// <summary>Inflates the first <paramref name="length"/> bytes of what lies deflated in a file.</summary>
    /// <exception cref="CheckpointException">The data are damaged or too short.</exception>
    public static byte[] Inflate(ByteSource source, long offset, long deflatedLength, long length)
    {
        if (length > Array.MaxLength || deflatedLength > Array.MaxLength)
        {
            throw new CheckpointException(
                source.Name, null, $"a compressed storage of at most {Array.MaxLength} bytes", $"{length}");
        }
        byte[] packed = new byte[deflatedLength];
        source.Read(offset, packed);
        byte[] bytes = new byte[length];
        try
        {
            using var inflater = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
            inflater.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new CheckpointException(
                source.Name, null, $"{length} deflated bytes at {offset}", "damaged or too short data", error);
        }
    }

    public override StoragePlace Find(StorageReference storage, string tensor)
    {
        string name = $"{_folder}/data/{storage.Key}";
        long length = ElementTypes.ByteLength([storage.FileElements], ElementTypes.SizeOf(storage.DType));
        if (!_entries.TryGetValue(name, out ZipEntry? entry))
        {
            return length == 0 ? default
                : throw new CheckpointException(_file, tensor, $"its storage '{storage.Key}' in the zip", "none");
        }
        return entry.Length == length
            ? new StoragePlace(entry.DataOffset, length, entry.IsDeflated ? entry.StoredLength : -1)
            : throw new CheckpointException(
                _file, tensor, $"{storage.FileElements} elements of {storage.DType} in storage '{storage.Key}'",
                $"{entry.Length} bytes");
    }

    private static object? ReadPickle(ByteSource source, ZipEntry entry)
    {
        if (!entry.IsDeflated)
        {
            return PickleReader.Read(source, entry.DataOffset, entry.StoredLength, source.Length, out _);
        }
        using ByteSource inflated = ByteSource.OpenStream(new MemoryStream(ReadWhole(source, entry)), source.Name);
        return PickleReader.Read(inflated, 0, inflated.Length, source.Length, out _);
    }

    private static byte[] ReadWhole(ByteSource source, ZipEntry entry)
    {
        if (entry.IsDeflated)
        {
            return Inflate(source, entry.DataOffset, entry.StoredLength, entry.Length);
        }
        byte[] bytes = new byte[entry.Length];
        source.Read(entry.DataOffset, bytes);
        return bytes;
    }
}
