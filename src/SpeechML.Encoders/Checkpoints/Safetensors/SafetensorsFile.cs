using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Checkpoints.Mapping;
using SpeechML.Encoders.Checkpoints.Safetensors;
using TorchSharp;

namespace SpeechML;

/// <summary>
/// Reads and writes safetensors: <c>u64 header length, JSON header, tensor bytes</c> (little endian,
/// https://github.com/huggingface/safetensors). A file is memory-mapped; nothing is allocated from a size that was not
/// checked against the file.
/// </summary>
public sealed class SafetensorsFile : IWeightsFile
{
    private readonly ByteSource _source;
    private readonly Lazy<MappedFile?> _mapped;

    private SafetensorsFile(
        ByteSource source, Dictionary<string, TensorEntry> entries, Dictionary<string, string> metadata)
    {
        _source = source;
        _mapped = new Lazy<MappedFile?>(source.Map);
        Entries = entries;
        Metadata = metadata;
    }

    /// <summary>The file's path, or what the stream was called.</summary>
    public string Path => _source.Name;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    /// <summary>The texts of the header's <c>__metadata__</c>; empty where there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="CheckpointException">The file is missing, or is not a whole and consistent safetensors
    /// file.</exception>
    public static SafetensorsFile Open(string path) => Open(ByteSource.OpenFile(path));

    /// <summary>Opens a copy of a file, which messages call by the file's own name.</summary>
    internal static SafetensorsFile OpenCopy(string path, string name) => Open(ByteSource.OpenFile(path, name));

    /// <summary>
    /// Opens what a stream holds from its position to its end; the stream must stay open while tensors are read, and
    /// stays the caller's.
    /// </summary>
    /// <param name="stream">The bytes of one safetensors file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="CheckpointException">The bytes are not a whole and consistent safetensors file.</exception>
    public static SafetensorsFile Open(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Open(ByteSource.OpenStream(stream, name));
    }

    /// <summary>Opens a part of an open file, which stays the caller's.</summary>
    /// <inheritdoc cref="ByteSource.OfPart" path="/param"/>
    /// <exception cref="CheckpointException">The bytes are not a whole and consistent safetensors file.</exception>
    internal static SafetensorsFile OpenPart(SafeFileHandle file, long start, long length, string name) =>
        Open(ByteSource.OfPart(file, start, length, name));

    /// <summary>
    /// Writes a file: under a temporary name, flushed to the disk, then renamed, so that a file of this name is always
    /// whole.
    /// </summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="tensors">Names and tensors; any device and any strides.</param>
    /// <param name="metadata">Texts to keep in the header.</param>
    public static void Write(
        string path, IEnumerable<(string Name, torch.Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        string temporary = $"{path}.{System.IO.Path.GetRandomFileName()}.tmp";
        try
        {
            using (var stream = new FileStream(
                temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                SafetensorsWriter.Write(stream, path, tensors, metadata);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes to a stream, from its position on.</summary>
    /// <param name="stream">Where to; need not be able to seek.</param>
    /// <param name="tensors">Names and tensors; any device and any strides.</param>
    /// <param name="metadata">Texts to keep in the header.</param>
    public static void Write(
        Stream stream, IEnumerable<(string Name, torch.Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsWriter.Write(stream, "stream", tensors, metadata);

    /// <summary>
    /// Writes to a stream that begins at a multiple of <see cref="MappedTensors.Alignment"/> of a file, so that the
    /// tensors can be mapped from there.
    /// </summary>
    /// <param name="stream">Where to.</param>
    /// <param name="tensors">Names and tensors.</param>
    internal static void WriteAligned(Stream stream, IEnumerable<(string Name, torch.Tensor Tensor)> tensors) =>
        SafetensorsWriter.Write(stream, "stream", tensors, null, aligned: true);

    /// <summary>The bytes of one tensor.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or it is longer than an array can be.</exception>
    public byte[] ReadBytes(string name)
    {
        TensorEntry entry = Find(name);
        if (entry.Length > Array.MaxLength)
        {
            throw new CheckpointException(
                Path, name, $"at most {Array.MaxLength} bytes for an array", $"{entry.Length}");
        }
        byte[] bytes = new byte[entry.Length];
        _source.Read(entry.Offset, bytes);
        return bytes;
    }

    /// <summary>Reads a tensor with its own element type, on the CPU.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or torch has no such element type.</exception>
    public unsafe torch.Tensor Read(string name)
    {
        TensorEntry entry = Find(name);
        torch.ScalarType type = ElementTypes.TorchType(entry.DType)
            ?? throw new CheckpointException(
                Path, name, $"a dtype that can be read ({ElementTypes.Readable})", $"'{entry.DType}'");
        return ElementTypes.Create(
            entry.Shape, type, entry.Length, (address, count) => _source.Copy(entry.Offset, address, count));
    }

    /// <summary>
    /// A tensor that lies in the file and is not copied; <see langword="null"/> where it has to be read. It may be used
    /// after the file was disposed.
    /// </summary>
    /// <param name="name">The tensor.</param>
    /// <param name="alignment">Bytes that its address must be a multiple of.</param>
    internal torch.Tensor? TryMap(string name, int alignment = MappedTensors.Alignment)
    {
        TensorEntry entry = Find(name);
        return entry.Length >= MappedTensors.Smallest && ElementTypes.TorchType(entry.DType) is { } type
            && _mapped.Value is { } file
            ? MappedTensors.Of(file, entry.Offset, entry.Length, entry.Shape, type, alignment) : null;
    }

    /// <summary>
    /// Copies a tensor into one of its shape, whose type it then has: straight from the file where it can be mapped.
    /// </summary>
    internal unsafe void CopyTo(string name, torch.Tensor target)
    {
        TensorEntry entry = Find(name);
        // Half as many bytes are read of a half-precision tensor, and none are copied before they are widened.
        using torch.Tensor? mapped = TryMap(name, ElementTypes.SizeOf(entry.DType));
        if (mapped is null)
        {
            using torch.Tensor value = Read(name);
            _ = target.copy_(value);
            return;
        }
        _ = target.copy_(mapped);
        MappedFile.Drop(_mapped.Value!.Address + entry.Offset, entry.Length, comeAgain: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_mapped.IsValueCreated)
        {
            _mapped.Value?.Dispose();
        }
        _source.Dispose();
    }

    private static SafetensorsFile Open(ByteSource source)
    {
        try
        {
            const string Expected = "a safetensors file";
            NotWeights.ThrowIfNotWeights(source, Expected);
            if (source.Length < 8)
            {
                throw new CheckpointException(
                    source.Name, null, $"{Expected}, which begins with 8 bytes of header length",
                    $"{source.Length} bytes");
            }
            Span<byte> size = stackalloc byte[8];
            source.Read(0, size);
            ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(size);
            long longest = Math.Min(SafetensorsHeader.LongestHeader, source.Length - 8);
            if (headerLength < 2 || headerLength > (ulong)longest)
            {
                throw new CheckpointException(
                    source.Name, null, $"{Expected} with a header length from 2 to {longest}", $"{headerLength}");
            }
            byte[] header = new byte[headerLength];
            source.Read(8, header);
            var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
            return new SafetensorsFile(source, SafetensorsHeader.Parse(source, header, metadata), metadata);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private TensorEntry Find(string name) =>
        Entries.TryGetValue(name, out TensorEntry? entry) ? entry
            : throw new CheckpointException(Path, name, "a tensor of this name", $"none among its {Entries.Count}");
}
