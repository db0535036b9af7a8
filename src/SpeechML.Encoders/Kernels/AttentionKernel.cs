using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// Scaled dot-product attention of all heads in one pass over rows of queries: their scores, the softmax of these and
/// the context stay in the core's cache, and memory does not grow with the square of the
/// length. Reads and writes (batch, frames, hidden) as the projections have it. Without gradient.
/// </summary>
internal static unsafe class AttentionKernel
{
    private const int Alignment = 64;

    /// <summary>
    /// Values of scores held at a time: half of a usual second-level cache is left to keys and values.
    /// </summary>
    private const int ScoresAtOnce = 1 << 16;

    private const int MaxRows = 96;

    /// <summary>Multiplications from which on it is worth its threads.</summary>
    public static long MinMultiplications { get; set; } = 1 << 21;

    /// <summary>Size of a head from which on the tile's 64 columns are not mostly empty.</summary>
    public static int SmallestHead { get; set; } = 48;

    /// <summary>Whether it can and should be done so.</summary>
    /// <param name="query">(batch, frames, hidden).</param>
    /// <param name="heads">Heads.</param>
    public static bool CanRun(Tensor query, long heads)
    {
        long size = query.shape[2] / heads;
        return FastPaths.Attention && ProductTile.IsFast && TensorMemory.IsFloat32OnCpu(query) &&
            size >= SmallestHead && size <= ProductTile.Columns && size % 4 == 0 &&
            query.numel() <= int.MaxValue / sizeof(float)
            && query.shape[1] * query.shape[1] <= int.MaxValue / sizeof(float)
            && query.numel() * query.shape[1] >= MinMultiplications;
    }

    /// <summary>Softmax of <c>q kᵀ / √size</c> (plus what is given) times v.</summary>
    /// <param name="query">(batch, frames, hidden), as the next two.</param>
    /// <param name="key">The keys.</param>
    /// <param name="value">The values.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="bias">Added to the scores, (heads, frames, frames); <see langword="null"/> for none.</param>
    /// <param name="gate">What the bias of each query is multiplied with first, (batch, heads, frames);
    /// <see langword="null"/> with no bias.</param>
    /// <param name="keyMask">Added to the scores, (batch, 1, 1, frames); <see langword="null"/> for none.</param>
    /// <param name="byDistance">Added to the scores instead of <paramref name="bias"/>: of each query and distance,
    /// (batch, heads, frames, 2 · frames - 1), that of key k and query q being in column k - q + frames - 1;
    /// <see langword="null"/> for none.</param>
    /// <returns>(batch, frames, hidden).</returns>
    public static Tensor Run(
        Tensor query, Tensor key, Tensor value, int heads, Tensor? bias = null, Tensor? gate = null,
        Tensor? keyMask = null, Tensor? byDistance = null)
    {
        using DisposeScope scope = NewDisposeScope();
        (int batch, int frames, int hidden) = ((int)query.shape[0], (int)query.shape[1], (int)query.shape[2]);
        Tensor q = query.contiguous(), k = key.contiguous(), v = value.contiguous(),
            context = empty(batch, frames, hidden);
        Tensor? gates = gate?.contiguous(), mask = keyMask?.contiguous(), distances = byDistance?.contiguous();
        Tensor? biases = bias?.contiguous();
        // All heads together may be more than 2 GB.
        float* biasOfFirst = biases is null ? null : TensorMemory.Address(biases.select(0, 0));
        var job = new Job
        {
            Query = TensorMemory.Address(q),
            Key = TensorMemory.Address(k),
            Value = TensorMemory.Address(v),
            Context = TensorMemory.Address(context),
            Mask = mask is null ? null : TensorMemory.Address(mask),
            Gate = gates is null ? null : TensorMemory.Address(gates),
            Bias = biasOfFirst,
            Distances = distances is null ? null : TensorMemory.Address(distances),
            Frames = frames,
            Hidden = hidden,
            Heads = heads,
            Size = hidden / heads,
        };
        int threads = Math.Max(1, get_num_threads());
        // Few heads for many cores are cut into parts, each of which packs keys and values anew.
        int parts = batch * heads >= 4 * threads ? 1
            : Math.Clamp(2 * threads / (batch * heads), 1, (frames + MaxRows - 1) / MaxRows);
        int perPart = Tiles((frames + parts - 1) / parts);
        TorchThreads.For(batch * heads * parts, item =>
        {
            int first = item % parts * perPart;
            job.Run(item / parts, first, Math.Min(frames, first + perPart));
        });
        // The kernel saw addresses only.
        GC.KeepAlive((q, k, v, context, mask, gates, biases, distances));
        return context.MoveToOuterDisposeScope();
    }

    private static int Tiles(int rows) => (rows + ProductTile.Rows - 1) / ProductTile.Rows * ProductTile.Rows;

    private sealed class Job
    {
        public float* Query, Key, Value, Context, Mask, Gate, Bias, Distances;

        public required int Frames { get; init; }

        public required int Hidden { get; init; }

        public required int Heads { get; init; }

        public required int Size { get; init; }

        /// <summary>
        /// The queries from <paramref name="from"/> to before <paramref name="to"/> of one head of one clip.
        /// </summary>
        // A few calls of it are a whole encoder: it must not wait for the second compilation.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int clipHead, int from, int to)
        {
            if (from >= to)
            {
                return;
            }
            (int clip, int head) = Math.DivRem(clipHead, Heads);
            nint offset = ((nint)clip * Frames * Hidden) + (head * Size);
            float scale = (float)(1 / Math.Sqrt(Size));
            int panels = (Frames + ProductTile.Columns - 1) / ProductTile.Columns;
            int columns = panels * ProductTile.Columns;
            int together = Math.Clamp(
                ScoresAtOnce / columns / ProductTile.Rows * ProductTile.Rows, ProductTile.Rows,
                Math.Min(MaxRows, Tiles(to - from)));
            nint keyValues = (nint)columns * Size, valueValues = (nint)Frames * ProductTile.Columns;
            float* keys = (float*)NativeMemory.AlignedAlloc(
                (nuint)(keyValues + valueValues + ((nint)together * (Size + columns + ProductTile.Columns))) *
                sizeof(float), Alignment);
            try
            {
                float* values = keys + keyValues, scores = values + valueValues,
                    context = scores + ((nint)together * columns), queries = context + (together * ProductTile.Columns);
                float* factors = stackalloc float[MaxRows];
                ProductTile.Pack(Key + offset, Hidden, Frames, Size, keys);
                Copy(Value + offset, Hidden, values, ProductTile.Columns, Frames);
                for (int row = from; row < to; row += together)
                {
                    int count = Math.Min(together, to - row);
                    int rows = Tiles(count);
                    Copy(Query + offset + ((nint)row * Hidden), Hidden, queries, Size, count);
                    new Span<float>(queries + (count * Size), (rows - count) * Size).Clear();
                    for (int panel = 0; panel < panels; panel++)
                    {
                        float* panelKeys = keys + ((nint)panel * Size * ProductTile.Columns),
                            to64 = scores + (panel * ProductTile.Columns);
                        for (int r = 0; r < rows; r += ProductTile.Rows)
                        {
                            ProductTile.Multiply(queries + (r * Size), Size, panelKeys, to64 + ((nint)r * columns),
                                columns, Size, add: false);
                        }
                    }
                    float* mask = Mask == null ? null : Mask + ((nint)clip * Frames);
                    for (int r = 0; r < count; r++)
                    {
                        float* bias = BiasOf(clipHead, head, row + r);
                        float gate = Gate == null ? 1 : Gate[((nint)clipHead * Frames) + row + r];
                        factors[r] = 1 / AttentionSoftmax.Exponentials(scores + ((nint)r * columns), Frames, scale,
                            bias, gate, mask);
                    }
                    for (int first = 0; first < Frames; first += ProductTile.Columns)
                    {
                        float* panelValues = values + ((nint)first * ProductTile.Columns), from64 = scores + first;
                        for (int r = 0; r < rows; r += ProductTile.Rows)
                        {
                            ProductTile.Multiply(
                                from64 + ((nint)r * columns), columns, panelValues, context + (r * ProductTile.Columns),
                                ProductTile.Columns, Math.Min(ProductTile.Columns, Frames - first), add: first > 0);
                        }
                    }
                    float* output = Context + offset + ((nint)row * Hidden);
                    for (int r = 0; r < count; r++)
                    {
                        TensorPrimitives.Multiply(
                            new ReadOnlySpan<float>(context + (r * ProductTile.Columns), Size), factors[r],
                            new Span<float>(output + ((nint)r * Hidden), Size));
                    }
                }
            }
            finally
            {
                NativeMemory.AlignedFree(keys);
            }
        }

        /// <summary>What is added to the scores of a query, one value for each key.</summary>
        private float* BiasOf(int clipHead, int head, int query)
        {
            if (Distances != null)
            {
                // A row of 2 · frames - 1 distances, from that of the first key on.
                return Distances + ((((nint)clipHead * Frames) + query) * ((2 * Frames) - 1)) + Frames - 1 - query;
            }
            return Bias == null ? null : Bias + ((((nint)head * Frames) + query) * Frames);
        }

        /// <summary>Copies the head's part of rows; what a row has beyond it becomes 0.</summary>
        private void Copy(float* from, nint fromStride, float* to, int toStride, int rows)
        {
            for (int row = 0; row < rows; row++, from += fromStride, to += toStride)
            {
                new ReadOnlySpan<float>(from, Size).CopyTo(new Span<float>(to, toStride));
                new Span<float>(to + Size, toStride - Size).Clear();
            }
        }
    }
}
