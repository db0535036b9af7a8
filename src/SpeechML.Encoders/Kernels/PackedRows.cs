using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// Products with a weight that <see cref="OneDnn.Pack"/> made, of as many rows as oneDNN does well: it cuts rows in
/// blocks of one size, and of 149 rows, a prime (3 s of speech), it makes 0.75 of the products a second of 152. A row's
/// result is the same to the bit whatever stands beside it.
/// </summary>
internal static class PackedRows
{
    // Measured on two cores of a Zen 5 (docs/decisions/0026): fewer rows are done well, with more the copy costs more.
    private const long FewRows = 80, ManyRows = 480, Block = 8;

    // Wide float32 maps of these many rows, by two threads, take as long as that of the last does.
    private const long WideOutputs = 3072, UnevenFrom = 129, UnevenTo = 164, Even = 168;

    /// <summary><c>x Wᵀ + b</c>, with GELU (erf) where asked for: (…, inputs) to a fresh (…, outputs).</summary>
    /// <param name="input">float32 or bfloat16, contiguous.</param>
    /// <param name="packed">The weight, (outputs, inputs) by its shape.</param>
    /// <param name="bias">The bias in the type of the input, or none.</param>
    /// <param name="gelu">Whether GELU follows.</param>
    /// <returns><see langword="null"/> where libtorch refuses.</returns>
    public static Tensor? Linear(Tensor input, Tensor packed, Tensor? bias, bool gelu)
    {
        long inputs = packed.shape[1], outputs = packed.shape[0], rows = input.numel() / inputs;
        long more = Of(rows, outputs, input.dtype, get_num_threads());
        if (more == rows)
        {
            return OneDnn.Linear(input, packed, bias, gelu);
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = empty([more, inputs], input.dtype);
        wide.narrow(0, 0, rows).copy_(input.view(rows, inputs));
        wide.narrow(0, rows, more - rows).zero_();
        return OneDnn.Linear(wide, packed, bias, gelu)?.narrow(0, 0, rows).view([.. input.shape[..^1], outputs])
            .MoveToOuterDisposeScope();
    }

    /// <summary>Rows to compute for so many that are wanted, by so many threads.</summary>
    public static long Of(long rows, long outputs, ScalarType type, int threads)
    {
        if (rows is <= FewRows or >= ManyRows)
        {
            return rows;
        }
        bool isUneven = type == ScalarType.Float32 && threads == 2 && outputs >= WideOutputs
            && rows is >= UnevenFrom and <= UnevenTo;
        return isUneven ? Even : (rows + Block - 1) / Block * Block;
    }
}

/// <summary>
/// A weight in oneDNN's order that its owner may take away while products read it: it lives until the last one ends.
/// </summary>
/// <param name="packed">What <see cref="OneDnn.Pack"/> made, of no dispose scope.</param>
internal sealed class PackedTensor(Tensor packed)
{
    private int _holders = 1; // the owner

    /// <summary>The weight, opaque but for its shape and type.</summary>
    public Tensor Tensor => packed;

    /// <summary>Keeps it for a product. Its owner must not be able to let go meanwhile.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>Ends one <see cref="Hold"/>, or the owner's.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            packed.Dispose();
        }
    }

    /// <summary>The product that it is held for, which ends the hold (<see cref="PackedRows.Linear"/>).</summary>
    public Tensor? Product(Tensor input, Tensor? bias, bool gelu)
    {
        try
        {
            return PackedRows.Linear(input, packed, bias, gelu);
        }
        finally
        {
            Release();
        }
    }
}
