using System.Buffers.Binary;
using System.Text.Json;
using SpeechML.Encoders.Checkpoints.Mapping;
using TorchSharp;

namespace SpeechML.Encoders.Checkpoints.Safetensors;

/// <summary>
/// Writes safetensors as the safetensors library does: widest element type first, then by name, so that every tensor
/// lies aligned.
/// </summary>
internal static class SafetensorsWriter
{
    /// <param name="stream">Where to.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="tensors">Names and tensors.</param>
    /// <param name="metadata">Texts for the header.</param>
    /// <param name="aligned">Whether tensors lie as torch's own do, so that they can be mapped where the stream begins
    /// so: those of odd sizes then come last. Else the library's own order.</param>
    public static void Write(
        Stream stream, string name, IEnumerable<(string Name, torch.Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata, bool aligned = false)
    {
        (string Name, torch.Tensor Tensor, string DType)[] all =
            [.. tensors
                .Select(t => (t.Name, t.Tensor, DType: ElementTypes.NameOf(t.Tensor.dtype, name, t.Name)))
                .OrderBy(t => aligned
                    && t.Tensor.numel() * ElementTypes.SizeOf(t.DType) % MappedTensors.Alignment != 0)
                .ThenByDescending(t => ElementTypes.SizeOf(t.DType))
                .ThenBy(t => t.DType, StringComparer.Ordinal)
                .ThenBy(t => t.Name, StringComparer.Ordinal)];
        var seen = new HashSet<string>(StringComparer.Ordinal) { "__metadata__" };
        foreach ((string tensor, _, _) in all)
        {
            if (!seen.Add(tensor))
            {
                throw new CheckpointException(
                    name, tensor, "unique names",
                    tensor == "__metadata__" ? "the name that the format reserves" : "the same name twice");
            }
        }
        byte[] header = Header(all, metadata, aligned ? MappedTensors.Alignment : 8);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach ((_, torch.Tensor tensor, _) in all)
        {
            WriteBytes(stream, tensor);
        }
    }

    private static byte[] Header(
        (string Name, torch.Tensor Tensor, string DType)[] tensors, IReadOnlyDictionary<string, string>? metadata,
        int alignment)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata)
                {
                    json.WriteString(key, value);
                }
                json.WriteEndObject();
            }
            long offset = 0;
            foreach ((string name, torch.Tensor tensor, string dtype) in tensors)
            {
                long end = offset + (tensor.numel() * ElementTypes.SizeOf(dtype));
                json.WriteStartObject(name);
                json.WriteString("dtype", dtype);
                json.WriteStartArray("shape");
                foreach (long dimension in tensor.shape)
                {
                    json.WriteNumberValue(dimension);
                }
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(end);
                json.WriteEndArray();
                json.WriteEndObject();
                offset = end;
            }
            json.WriteEndObject();
        }
        // The data then begin at a multiple of 8, or of what torch's own tensors do.
        while ((8 + buffer.Length) % alignment != 0)
        {
            buffer.WriteByte((byte)' ');
        }
        return buffer.ToArray();
    }

    private static void WriteBytes(Stream stream, torch.Tensor tensor)
    {
        // A span ends at 2 GB.
        const long Piece = 1 << 26;
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor flat = tensor.detach().cpu().contiguous().view(-1);
        long count = flat.numel();
        for (long done = 0; done < count; done += Piece)
        {
            using torch.Tensor piece = flat.narrow(0, done, Math.Min(Piece, count - done));
            stream.Write(piece.bytes);
        }
    }
}
