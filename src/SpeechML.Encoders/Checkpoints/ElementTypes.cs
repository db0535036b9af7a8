using TorchSharp;

namespace SpeechML.Encoders.Checkpoints;

/// <summary>Element types: the names that safetensors gives them, their sizes, and torch's.</summary>
internal static class ElementTypes
{
    private static readonly (string Name, int Size, torch.ScalarType? Type)[] s_all =
    [
        ("F32", 4, torch.ScalarType.Float32),
        ("F16", 2, torch.ScalarType.Float16),
        ("BF16", 2, torch.ScalarType.BFloat16),
        ("F64", 8, torch.ScalarType.Float64),
        ("I64", 8, torch.ScalarType.Int64),
        ("I32", 4, torch.ScalarType.Int32),
        ("I16", 2, torch.ScalarType.Int16),
        ("I8", 1, torch.ScalarType.Int8),
        ("U8", 1, torch.ScalarType.Byte),
        ("BOOL", 1, torch.ScalarType.Bool),
        // In the format, but not in TorchSharp: such a tensor may lie in a file, but cannot be read.
        ("U16", 2, null),
        ("U32", 4, null),
        ("U64", 8, null),
        ("F8_E4M3", 1, null),
        ("F8_E5M2", 1, null),
    ];

    /// <summary>The readable types, for messages.</summary>
    public static string Readable { get; } =
        string.Join(", ", s_all.Where(t => t.Type is not null).Select(t => t.Name));

    /// <summary>All known names, for messages.</summary>
    public static string Known { get; } = string.Join(", ", s_all.Select(t => t.Name));

    /// <summary>The size in bytes, or 0 for a name that is not known.</summary>
    public static int SizeOf(string name)
    {
        foreach ((string known, int size, _) in s_all)
        {
            if (known == name)
            {
                return size;
            }
        }
        return 0;
    }

    public static torch.ScalarType? TorchType(string name) => Array.Find(s_all, t => t.Name == name).Type;

    /// <exception cref="CheckpointException">The format has no such type.</exception>
    public static string NameOf(torch.ScalarType type, string file, string tensor) =>
        Array.Find(s_all, t => t.Type == type).Name
            ?? throw new CheckpointException(file, tensor, $"an element type of {Readable}", type.ToString());

    /// <summary>
    /// The length in bytes of a contiguous tensor, or −1 where a dimension is negative or the product does not fit 63
    /// bits. A dimension of 0 does not
    /// excuse an overflow of the others.
    /// </summary>
    public static long ByteLength(ReadOnlySpan<long> shape, int elementSize)
    {
        UInt128 product = (UInt128)elementSize;
        bool empty = false;
        foreach (long dimension in shape)
        {
            if (dimension < 0)
            {
                return -1;
            }
            if (dimension == 0)
            {
                empty = true;
                continue;
            }
            product *= (UInt128)dimension;
            if (product > long.MaxValue)
            {
                return -1;
            }
        }
        return empty ? 0 : (long)product;
    }

    /// <summary>An uninitialised contiguous tensor on the CPU whose bytes <paramref name="fill"/> writes.</summary>
    public static unsafe torch.Tensor Create(long[] shape, torch.ScalarType type, long byteLength, FillBytes fill)
    {
        torch.Tensor tensor = torch.empty(shape, dtype: type);
        if (byteLength == 0)
        {
            return tensor;
        }
        try
        {
            // Tensor.bytes is a span, which ends at 2 GB: of the first element only the address is taken.
            using torch.Tensor flat = tensor.view(-1);
            using torch.Tensor first = flat.narrow(0, 0, 1);
            fixed (byte* address = first.bytes)
            {
                fill(address, byteLength);
            }
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    public unsafe delegate void FillBytes(byte* address, long count);
}
