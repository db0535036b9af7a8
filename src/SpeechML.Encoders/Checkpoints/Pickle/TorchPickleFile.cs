using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Checkpoints.Pickle;
using TorchSharp;

namespace SpeechML;

/// <summary>
/// Reads <c>pytorch_model.bin</c> and other state dicts of <c>torch.save</c>: the zip format and the one before torch
/// 1.6, strided tensors, shared storages,
/// storages saved on a GPU, a state dict among a training script's other values. The pickle is read by a restricted
/// reader that runs no code: an
/// opcode or a name that a state dict does not need is refused.
/// </summary>
public sealed class TorchPickleFile : IWeightsFile
{
    private readonly ByteSource _source;
    private readonly Dictionary<string, (TensorReference Tensor, StoragePlace Place)> _tensors;

    private TorchPickleFile(ByteSource source, Dictionary<string, (TensorReference Tensor, StoragePlace Place)> tensors)
    {
        _source = source;
        _tensors = tensors;
        Entries = tensors.ToDictionary(
            t => t.Key,
            t => new TensorEntry(t.Key, t.Value.Tensor.Storage.DType, t.Value.Tensor.Shape,
            FirstByte(t.Value.Tensor, t.Value.Place), t.Value.Tensor.ByteLength),
            StringComparer.Ordinal);
    }

    /// <summary>The file's path, or what the stream was called.</summary>
    public string Path => _source.Name;

    /// <summary>The tensors by name. <see cref="TensorEntry.Length"/> is that of a contiguous copy.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    /// <summary>Opens a file and reads its pickle; storages are read when asked for.</summary>
    /// <exception cref="CheckpointException">The file is missing or broken, holds no state dict, or holds what a state
    /// dict does not need.</exception>
    public static TorchPickleFile Open(string path) => Open(ByteSource.OpenFile(path));

    /// <summary>
    /// Opens what a stream holds from its position to its end; the stream must stay open while tensors are read, and
    /// stays the caller's.
    /// </summary>
    /// <param name="stream">The bytes of one file of <c>torch.save</c>.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="CheckpointException">The bytes are broken, hold no state dict, or hold what a state dict does
    /// not need.</exception>
    public static TorchPickleFile Open(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Open(ByteSource.OpenStream(stream, name));
    }

    /// <summary>Reads a tensor with its own element type, contiguous, on the CPU.</summary>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    public unsafe torch.Tensor Read(string name)
    {
        if (!_tensors.TryGetValue(name, out (TensorReference Tensor, StoragePlace Place) found))
        {
            throw new CheckpointException(Path, name, "a tensor of this name", $"none among its {_tensors.Count}");
        }
        (TensorReference tensor, StoragePlace place) = found;
        torch.ScalarType type = ElementTypes.TorchType(tensor.Storage.DType)!.Value;
        if (tensor.ByteLength == 0)
        {
            return torch.empty(tensor.Shape, dtype: type);
        }
        int size = ElementTypes.SizeOf(tensor.Storage.DType);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor used = ElementTypes.Create(
            [tensor.Span], type, tensor.Span * size, (address, count) =>
            Copy(place, tensor.First * size, address, count));
        return used.as_strided(tensor.Shape, tensor.Strides).contiguous().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private static TorchPickleFile Open(ByteSource source)
    {
        try
        {
            TorchArchive archive = TorchArchive.Open(source);
            Dictionary<string, (TensorReference, StoragePlace)> tensors = StateDict.Find(source.Name, archive.Root)
                .ToDictionary(t => t.Key, t => (t.Value, archive.Find(t.Value.Storage, t.Key)), StringComparer.Ordinal);
            CheckLengths(source, tensors);
            return new TorchPickleFile(source, tensors);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A stride of 0 makes any size of few bytes, and many tensors may share one storage: what reading all would take
    /// is held against the file.
    /// </summary>
    private static void CheckLengths(
        ByteSource source, Dictionary<string, (TensorReference Tensor, StoragePlace Place)> tensors)
    {
        const int LargestRatio = 4;
        UInt128 total = 0;
        foreach ((string name, (TensorReference tensor, _)) in tensors)
        {
            total += (UInt128)tensor.ByteLength;
            if (total > (UInt128)source.Length * LargestRatio)
            {
                throw new CheckpointException(
                    source.Name,
                    name, $"tensors of together at most {LargestRatio} times the file's {source.Length} bytes",
                    $"{tensor.ByteLength} bytes for size ({string.Join(", ", tensor.Shape)})");
            }
        }
    }

    private static long FirstByte(TensorReference tensor, StoragePlace place) =>
        place.DeflatedLength >= 0 ? place.Offset
            : place.Offset + (tensor.First * ElementTypes.SizeOf(tensor.Storage.DType));

    private unsafe void Copy(StoragePlace place, long first, byte* address, long count)
    {
        if (place.DeflatedLength < 0)
        {
            _source.Copy(place.Offset + first, address, count);
            return;
        }
        byte[] storage = TorchZipArchive.Inflate(_source, place.Offset, place.DeflatedLength, place.Length);
        storage.AsSpan((int)first, (int)count).CopyTo(new Span<byte>(address, (int)count));
    }
}
