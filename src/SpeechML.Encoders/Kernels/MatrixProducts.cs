using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// The matrix products of linear maps and of attention: by <see cref="OneDnn"/> where that is faster, else torch's.
/// </summary>
internal static class MatrixProducts
{
    // Scores (queries × keys, over heads) that attention computes at a time: 16 MB, and as much again for their
    // softmax.
    private const long ScoresAtOnce = 1 << 22;

    /// <summary>
    /// Multiplications of a product from which on it goes to oneDNN. For each new shape oneDNN makes code first, which
    /// takes about a millisecond.
    /// </summary>
    public static long MinMultiplications { get; set; } = 1 << 21;

    /// <summary>
    /// <c>x Wᵀ + b</c> with a weight in oneDNN's order, with GELU where asked for; <see langword="null"/> where it is
    /// not packed and may not be, or something needs a gradient.
    /// </summary>
    public static Tensor? Packed(Tensor input, PackedWeight packed, Parameter plain, Tensor? bias, bool gelu)
    {
        if (!packed.CanRun || !TensorMemory.IsFloat32OnCpu(input) || NeedsGraph(input, plain, bias))
        {
            return null;
        }
        using DisposeScope scope = NewDisposeScope();
        return packed.Run(input.contiguous(), bias, gelu)?.MoveToOuterDisposeScope();
    }

    /// <summary><c>x Wᵀ + b</c>: (…, inputs) to a fresh (…, outputs).</summary>
    /// <param name="input">The left factor.</param>
    /// <param name="weight">The right one, outputs first.</param>
    /// <param name="bias">The bias, or none.</param>
    /// <param name="from">How the input may be made again; <see langword="null"/> where it is kept.</param>
    public static Tensor Linear(Tensor input, Tensor weight, Tensor? bias = null, Remade? from = null)
    {
        if (weight.dtype != input.dtype)
        {
            using DisposeScope casts = NewDisposeScope();
            return Linear(input, weight.to(input.dtype), bias is null ? null : Reduced.As(bias, input.dtype))
                .MoveToOuterDisposeScope();
        }
        if (!IsOurs(input, weight))
        {
            return nn.functional.linear(input, weight, bias);
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor dense = input.contiguous();
        Tensor? output = NeedsGraph(input, weight, bias) ? LinearFunction.Apply(dense, weight, bias, from)
            : OneDnn.Linear(dense, weight, bias, gelu: false);
        return (output ?? nn.functional.linear(input, weight, bias)).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="Linear"/>, followed by the exact (erf) GELU.</summary>
    public static Tensor LinearGelu(Tensor input, Tensor weight, Tensor? bias)
    {
        using DisposeScope scope = NewDisposeScope();
        bool isOurs = IsOurs(input, weight) || IsRounded(input, weight.dtype, weight.shape[0]);
        Tensor? output = isOurs && !NeedsGraph(input, weight, bias)
            ? OneDnn.Linear(input.contiguous(), weight, bias, gelu: true) : null;
        return (output ?? TensorMath.Gelu(Linear(input, weight, bias))).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// a b, with gradients: (batch, heads, rows, inner) and (batch, heads, inner, columns), to (batch, heads, rows,
    /// columns).
    /// </summary>
    /// <param name="a">The left factors.</param>
    /// <param name="b">The right ones.</param>
    /// <param name="from">How the left factors may be made again; <see langword="null"/> where they are kept.</param>
    public static Tensor Batched(Tensor a, Tensor b, Remade? from = null)
    {
        if (!FastPaths.Products || !OneDnn.IsAvailable || !TensorMemory.IsFloat32OnCpu(a)
            || !TensorMemory.IsFloat32OnCpu(b) || a.numel() * b.shape[3] < MinMultiplications)
        {
            return a.matmul(b);
        }
        using DisposeScope scope = NewDisposeScope();
        (long batch, long heads, long rows, long columns) = (a.shape[0], a.shape[1], a.shape[2], b.shape[3]);
        Tensor left = a.reshape(batch * heads, rows, -1), right = b.reshape(batch * heads, -1, columns);
        Tensor product;
        if (NeedsGraph(a, b, null))
        {
            product = BatchProductFunction.Apply(left, right, from);
        }
        else
        {
            product = empty(batch * heads, rows, columns);
            OneDnn.Product(left, right, product);
        }
        return product.view(batch, heads, rows, columns).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Whether <see cref="Attention"/> can run (nothing may need a gradient): float32 on the CPU, and products that are
    /// large enough.
    /// </summary>
    public static bool CanAttend(Tensor query) =>
        FastPaths.Products && OneDnn.IsAvailable && TensorMemory.IsFloat32OnCpu(query)
            && query.numel() * query.shape[2] >= MinMultiplications;

    /// <summary>
    /// Softmax of <c>q kᵀ / √size</c> times v, a part of the heads (or of the queries of one head) at a time, so that
    /// memory does not grow with the square of the length.
    /// </summary>
    /// <param name="query">(batch, heads, frames, size), in any order in memory, as the next two.</param>
    /// <param name="key">The keys.</param>
    /// <param name="value">The values.</param>
    /// <param name="bias">Added to the scores, (batch, heads, frames, frames); contiguous, and overwritten.
    /// <see langword="null"/> for none.</param>
    /// <param name="keyMask">Added to the scores, (batch, 1, 1, frames); <see langword="null"/> for none.</param>
    /// <returns>(batch, heads, frames, size).</returns>
    public static Tensor Attention(Tensor query, Tensor key, Tensor value, Tensor? bias, Tensor? keyMask)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        (long batch, long heads, long frames, long size) =
            (query.shape[0], query.shape[1], query.shape[2], query.shape[3]);
        long all = batch * heads;
        Tensor q = query.reshape(all, frames, size), k = key.reshape(all, frames, size).transpose(1, 2),
            v = value.reshape(all, frames, size);
        Tensor? given = bias?.view(all, frames, frames);
        Tensor? mask = keyMask?.expand(batch, heads, 1, frames).reshape(all, 1, frames);
        Tensor context = empty(all, frames, size);
        long together = Math.Max(1, ScoresAtOnce / (frames * frames));
        long rows = Math.Min(frames, Math.Max(1, ScoresAtOnce / frames));
        float scale = (float)Math.Pow(size, -0.5);
        for (long head = 0; head < all; head += together)
        {
            long count = Math.Min(together, all - head);
            for (long row = 0; row < frames; row += rows)
            {
                using DisposeScope part = NewDisposeScope();
                long height = Math.Min(rows, frames - row);
                Tensor scores = given?.narrow(0, head, count).narrow(1, row, height) ?? empty(count, height, frames);
                if (mask is not null)
                {
                    _ = given is null ? scores.copy_(mask.narrow(0, head, count))
                        : scores.add_(mask.narrow(0, head, count), Scalars.Of(1));
                }
                OneDnn.Product(q.narrow(0, head, count).narrow(1, row, height), k.narrow(0, head, count), scores, scale,
                    keep: given is not null || mask is not null);
                OneDnn.Product(scores.softmax(-1), v.narrow(0, head, count),
                    context.narrow(0, head, count).narrow(1, row, height));
            }
        }
        return context.view(batch, heads, frames, size).MoveToOuterDisposeScope();
    }

    private static bool IsOurs(Tensor input, Tensor weight) =>
        FastPaths.Products && OneDnn.IsAvailable && input.numel() * weight.shape[0] >= MinMultiplications
            && TensorMemory.IsFloat32OnCpu(input) && TensorMemory.IsFloat32OnCpu(weight);

    /// <summary>
    /// bfloat16 by oneDNN, which torch's own products take too, though without what follows them.
    /// </summary>
    public static bool IsRounded(Tensor input, ScalarType type, long outputs) =>
        FastPaths.Products && OneDnn.IsAvailable && input.dtype == ScalarType.BFloat16 && type == input.dtype
            && input.device_type == DeviceType.CPU && input.numel() * outputs >= MinMultiplications;

    /// <summary>Whether something needs a gradient.</summary>
    public static bool NeedsGraph(Tensor input, Tensor weight, Tensor? bias) =>
        is_grad_enabled() && (input.requires_grad || weight.requires_grad || bias is { requires_grad: true });
}
