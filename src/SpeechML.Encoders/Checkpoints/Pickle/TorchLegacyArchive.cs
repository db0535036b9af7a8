using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace SpeechML.Encoders.Checkpoints.Pickle;

/// <summary>
/// The format before torch 1.6: five pickles (a magic number, a protocol version, the writer's machine, the object, the
/// list of storage keys), then for each
/// key an i64 count of elements and the elements.
/// </summary>
internal sealed class TorchLegacyArchive : TorchArchive
{
    private static readonly BigInteger s_magic =
        BigInteger.Parse("01950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private readonly ByteSource _source;
    private readonly List<string> _keys;
    private readonly long _storages;
    private readonly Dictionary<string, StoragePlace> _places = new(StringComparer.Ordinal);

    private TorchLegacyArchive(ByteSource source, object? root, List<string> keys, long storages)
        : base(root)
    {
        _source = source;
        _keys = keys;
        _storages = storages;
    }

    public static TorchLegacyArchive Read(ByteSource source)
    {
        long at = 0;
        if (Next() is not BigInteger magic || magic != s_magic)
        {
            throw new CheckpointException(
                source.Name, null, "the magic number of torch.save as first pickle", "another one");
        }
        if (Next() is not 1001L)
        {
            throw new CheckpointException(
                source.Name, null, "protocol version 1001 of torch.save as second pickle", "another one");
        }
        if (Next() is not PickleDict machine || machine["little_endian"] is not true)
        {
            throw new CheckpointException(
                source.Name, null, "a little-endian file of torch.save", "one that does not say so");
        }
        object? root = Next();
        if (Next() is not PickleList { IsTuple: false } list)
        {
            throw new CheckpointException(
                source.Name, null, "a list of storage keys as fifth pickle", "something else");
        }
        List<string> keys = [.. (list.Items ?? []).Select(key => key as string
            ?? throw new CheckpointException(source.Name, null, "texts as storage keys", PickleOpcodes.Describe(key)))];
        var archive = new TorchLegacyArchive(source, root, keys, at);
        archive.LocateStorages(StateDict.TensorsIn(root));
        return archive;

        object? Next() => PickleReader.Read(source, at, source.Length - at, source.Length, out at);
    }

    public override StoragePlace Find(StorageReference storage, string tensor)
    {
        if (!_places.TryGetValue(storage.Key, out StoragePlace place))
        {
            throw new CheckpointException(
                _source.Name, tensor, $"its storage '{storage.Key}' in the list of storages", "none");
        }
        long length = ElementTypes.ByteLength([storage.FileElements], ElementTypes.SizeOf(storage.DType));
        return place.Length == length
            ? place
            : throw new CheckpointException(
                _source.Name, tensor, $"{storage.FileElements} elements of {storage.DType} in storage '{storage.Key}'",
                $"{place.Length} bytes");
    }

    /// <summary>Only the pickle knows the element types, and so where the next storage begins.</summary>
    private void LocateStorages(IEnumerable<TensorReference> tensors)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (TensorReference tensor in tensors)
        {
            types.TryAdd(tensor.Storage.Key, tensor.Storage.DType);
        }
        long at = _storages;
        Span<byte> count = stackalloc byte[8];
        foreach (string key in _keys)
        {
            if (!types.TryGetValue(key, out string? dtype))
            {
                throw new CheckpointException(
                    _source.Name, null, $"a tensor that uses storage '{CheckpointException.Shorten(key)}'",
                    "none, so its length is not known");
            }
            if (_source.Length - at < count.Length)
            {
                throw new CheckpointException(
                    _source.Name, null, $"storage '{key}' at byte {at}", "the end of the file");
            }
            _source.Read(at, count);
            at += count.Length;
            long elements = BinaryPrimitives.ReadInt64LittleEndian(count);
            long length = ElementTypes.ByteLength([elements], ElementTypes.SizeOf(dtype));
            if (length < 0 || length > _source.Length - at)
            {
                throw new CheckpointException(
                    _source.Name, null, $"storage '{key}' within {_source.Length} bytes",
                    $"{elements} elements of {dtype} at byte {at}");
            }
            if (!_places.TryAdd(key, new StoragePlace(at, length)))
            {
                throw new CheckpointException(_source.Name, null, "unique storage keys", $"'{key}' twice");
            }
            at += length;
        }
        if (at != _source.Length)
        {
            throw new CheckpointException(
                _source.Name, null, $"{at} bytes, where the last storage ends", $"{_source.Length}");
        }
    }
}
