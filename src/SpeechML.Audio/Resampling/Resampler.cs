using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpeechML.Audio;
using SpeechML.Audio.Resampling;

namespace SpeechML;

/// <summary>
/// Band-limited resampling, equal to <c>torchaudio.functional.resample</c> within float32 rounding, with the exact
/// output length.
/// </summary>
public static class Resampler
{
    private const float Largest = 1e36f; // the taps' magnitudes sum to less than 100

    /// <summary>
    /// The length of the output: <c>ceil(frames * to / from)</c> in whole numbers. (torchaudio computes it in float32
    /// and can lose the last frame.)
    /// </summary>
    public static long OutputLength(long frames, int fromRate, int toRate)
    {
        CheckRates(fromRate, toRate);
        ArgumentOutOfRangeException.ThrowIfNegative(frames);
        return (long)(((UInt128)(ulong)frames * (uint)toRate + (uint)fromRate - 1) / (uint)fromRate);
    }

    /// <summary>Resamples one channel.</summary>
    /// <param name="input">The samples.</param>
    /// <param name="fromRate">Their rate (Hz).</param>
    /// <param name="toRate">The rate of the result (Hz).</param>
    /// <param name="options">The filter; null is <see cref="ResamplingOptions.Hann"/>.</param>
    /// <exception cref="ArgumentException">A rate is not positive, an option is out of its range, the result would not
    /// fit an array, or a sample of it is beyond what a float can be.</exception>
    public static float[] Resample(
        ReadOnlySpan<float> input, int fromRate, int toRate, ResamplingOptions? options = null)
    {
        float[] output = ResampleAny(input, fromRate, toRate, options);
        return FiniteSamples.IndexOfOther(output) is var bad && bad < 0 ? output
            : throw new ArgumentException(OutOfRange(bad, fromRate, toRate), nameof(input));
    }

    /// <summary>The same, for callers that check the result: where samples are beyond 1e36, it need not be finite.
    /// </summary>
    internal static float[] ResampleAny(
        ReadOnlySpan<float> input, int fromRate, int toRate, ResamplingOptions? options = null)
    {
        long length = OutputLength(input.Length, fromRate, toRate);
        if (length > Array.MaxLength)
        {
            throw new ArgumentException(
                $"Resampling {input.Length} samples from {fromRate} to {toRate} Hz: expected at most " +
                $"{Array.MaxLength} samples of output, got {length}.", nameof(toRate));
        }
        if (fromRate == toRate)
        {
            return input.ToArray();
        }
        float[] output = new float[length];
        Compute(ResamplingKernel.Get(fromRate, toRate, options ?? ResamplingOptions.Hann), input, 0, output, 0);
        return output;
    }

    /// <summary>What is said of a sample of the result that is not finite.</summary>
    internal static string OutOfRange(long sample, int fromRate, int toRate) => string.Create(
        CultureInfo.InvariantCulture,
        $"resampling from {fromRate} to {toRate} Hz: expected samples whose weighted sums fit a float (up to " +
        $"{Largest:g1} in magnitude they do), got larger ones near sample {sample} of the result. Scale the audio, " +
        $"nominally to [-1, 1], before.");

    /// <summary>
    /// Computes a run of outputs from the inputs that are at hand; inputs beyond them count as zeros.
    /// </summary>
    /// <param name="kernel">The taps.</param>
    /// <param name="input">Inputs from <paramref name="firstInput"/> on.</param>
    /// <param name="firstInput">The place of the first input in the whole signal.</param>
    /// <param name="output">Receives the outputs from <paramref name="firstOutput"/> on.</param>
    /// <param name="firstOutput">The place of the first output in the whole result.</param>
    internal static void Compute(
        ResamplingKernel kernel, ReadOnlySpan<float> input, long firstInput, Span<float> output, long firstOutput)
    {
        (long block, long phase) = Math.DivRem(firstOutput, kernel.To);
        long blockInput = (block * kernel.From) - firstInput;
        int at = (int)phase;
        if (!kernel.IsStored)
        {
            for (int j = 0; j < output.Length; j++)
            {
                output[j] = SumWithoutTable(kernel, input, blockInput, at);
                Advance(kernel, ref at, ref blockInput);
            }
            return;
        }
        int count = (int)kernel.TapCount;
        ref float taps = ref MemoryMarshal.GetArrayDataReference(kernel.Taps);
        int[] firstInputs = kernel.FirstInputs;
        for (int j = 0; j < output.Length; j++)
        {
            long first = blockInput + firstInputs[at];
            ref float row = ref Unsafe.Add(ref taps, (nint)at * count);
            output[j] = first >= 0 && first + count <= input.Length
                ? Dot(ref row, ref Unsafe.Add(ref MemoryMarshal.GetReference(input), (nint)first), count)
                : DotAtEdge(ref row, input, first, count);
            Advance(kernel, ref at, ref blockInput);
        }
    }

    private static void CheckRates(int fromRate, int toRate)
    {
        if (fromRate <= 0 || toRate <= 0)
        {
            throw new ArgumentException(
                $"Sample rates: expected positive numbers of samples per second, got {fromRate} and {toRate}.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Advance(ResamplingKernel kernel, ref int phase, ref long blockInput)
    {
        if (++phase == kernel.To)
        {
            phase = 0;
            blockInput += kernel.From;
        }
    }

    /// <summary>Two accumulators hide the latency of the additions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Dot(ref float taps, ref float input, int count)
    {
        Vector<float> even = Vector<float>.Zero, odd = Vector<float>.Zero;
        int step = Vector<float>.Count;
        int k = 0;
        for (; k <= count - (2 * step); k += 2 * step)
        {
            even = Vector.FusedMultiplyAdd(
                Vector.LoadUnsafe(ref taps, (nuint)k), Vector.LoadUnsafe(ref input, (nuint)k), even);
            odd = Vector.FusedMultiplyAdd(
                Vector.LoadUnsafe(ref taps, (nuint)(k + step)), Vector.LoadUnsafe(ref input, (nuint)(k + step)), odd);
        }
        if (k < count)
        {
            even = Vector.FusedMultiplyAdd(
                Vector.LoadUnsafe(ref taps, (nuint)k), Vector.LoadUnsafe(ref input, (nuint)k), even);
        }
        return Vector.Sum(even + odd);
    }

    private static float DotAtEdge(ref float taps, ReadOnlySpan<float> input, long first, int count)
    {
        int from = (int)Math.Min(count, Math.Max(0, -first));
        int to = (int)Math.Max(from, Math.Min(count, input.Length - first));
        float sum = 0;
        for (int k = from; k < to; k++)
        {
            sum += Unsafe.Add(ref taps, k) * input[(int)(first + k)];
        }
        return sum;
    }

    private static float SumWithoutTable(ResamplingKernel kernel, ReadOnlySpan<float> input, long blockInput, int phase)
    {
        double centre = phase * (double)kernel.From / kernel.To;
        long from = Math.Max((long)Math.Ceiling(centre - kernel.Reach), -blockInput);
        long to = Math.Min((long)Math.Floor(centre + kernel.Reach), input.Length - 1 - blockInput);
        double sum = 0;
        for (long k = from; k <= to; k++)
        {
            sum += kernel.Tap(k, phase) * input[(int)(blockInput + k)];
        }
        return (float)sum;
    }
}
