using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;

namespace SpeechML.Checkpoints;

/// <summary>Where one tensor lies in a checkpoint file.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="DType">The element type as safetensors spells it: <c>F32</c>, <c>F16</c>, <c>BF16</c>, <c>I64</c>, ...</param>
/// <param name="Shape">The dimensions, outermost first.</param>
/// <param name="Offset">First byte in the file.</param>
/// <param name="Length">Length in bytes.</param>
public sealed record TensorEntry(string Name, string DType, long[] Shape, long Offset, long Length);

/// <summary>Reads a safetensors file: <c>u64 header length, JSON header, tensor bytes</c> (little endian).</summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly FileStream _stream;

    private SafetensorsFile(string path, FileStream stream, Dictionary<string, TensorEntry> entries)
    {
        Path = path;
        _stream = stream;
        Entries = entries;
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    /// <summary>Opens a file and reads its header.</summary>
    public static SafetensorsFile Open(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Span<byte> size = stackalloc byte[8];
        stream.ReadExactly(size);
        long headerLength = BinaryPrimitives.ReadInt64LittleEndian(size);
        byte[] header = new byte[headerLength];
        stream.ReadExactly(header);
        var entries = new Dictionary<string, TensorEntry>(StringComparer.Ordinal);
        using JsonDocument json = JsonDocument.Parse(header);
        foreach (JsonProperty property in json.RootElement.EnumerateObject())
        {
            if (property.Name == "__metadata__")
            {
                continue;
            }
            long[] offsets = [.. property.Value.GetProperty("data_offsets").EnumerateArray().Select(v => v.GetInt64())];
            entries.Add(property.Name, new TensorEntry(
                property.Name,
                property.Value.GetProperty("dtype").GetString()!,
                [.. property.Value.GetProperty("shape").EnumerateArray().Select(v => v.GetInt64())],
                8 + headerLength + offsets[0],
                offsets[1] - offsets[0]));
        }
        return new SafetensorsFile(path, stream, entries);
    }

    /// <summary>The bytes of one tensor.</summary>
    public byte[] ReadBytes(string name)
    {
        TensorEntry entry = Entries[name];
        byte[] bytes = new byte[entry.Length];
        lock (_stream)
        {
            _stream.Position = entry.Offset;
            _stream.ReadExactly(bytes);
        }
        return bytes;
    }

    /// <summary>Reads a tensor with its own element type, on the CPU.</summary>
    public torch.Tensor Read(string name)
    {
        TensorEntry entry = Entries[name];
        torch.ScalarType type = entry.DType switch
        {
            "F64" => torch.ScalarType.Float64,
            "F32" => torch.ScalarType.Float32,
            "F16" => torch.ScalarType.Float16,
            "BF16" => torch.ScalarType.BFloat16,
            "I64" => torch.ScalarType.Int64,
            "I32" => torch.ScalarType.Int32,
            "I16" => torch.ScalarType.Int16,
            "I8" => torch.ScalarType.Int8,
            "U8" => torch.ScalarType.Byte,
            "BOOL" => torch.ScalarType.Bool,
            _ => throw new InvalidDataException($"'{Path}': tensor '{name}' has dtype '{entry.DType}', which is not supported."),
        };
        torch.Tensor tensor = torch.empty(entry.Shape, dtype: type);
        if (entry.Length > 0)
        {
            ReadBytes(name).CopyTo(tensor.bytes);
        }
        return tensor;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
