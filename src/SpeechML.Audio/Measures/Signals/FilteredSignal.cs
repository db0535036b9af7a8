using SpeechML.Audio.Dsp;

namespace SpeechML.Audio.Measures.Signals;

/// <summary>
/// A filter in the frequency domain: of the whole signal where that is one block, else of blocks with what lies on both
/// sides of them.
/// </summary>
internal abstract class FilteredSignal(Signal source, long length, double rate) : Signal(length, rate)
{
    /// <summary>What a block of a long signal is filtered with on each side (1.02 s at 16 kHz).</summary>
    private const int Margin = 1 << 14;

    public sealed override int LargestWhole => source.LargestWhole;

    public sealed override LongTransforms Transforms => source.Transforms;

    /// <summary>Zeros put before and behind a signal that is filtered as a whole.</summary>
    protected virtual int Padding => 0;

    /// <summary>Changes the spectrum of <see cref="LongTransform.Size"/> samples.</summary>
    protected abstract void Filter(LongTransform transform);

    /// <summary>Filtered samples of the source.</summary>
    protected void Filter(long first, Span<double> values)
    {
        bool whole = source.Length <= LargestWhole;
        long from = whole ? -Padding : first - Margin;
        long count = whole ? source.Length + (2 * Padding) : values.Length + (2L * Margin);
        LongTransform transform = whole ? Transforms.OfWhole(source, Padding) : Transforms.For(count);
        if (!whole)
        {
            LongTransforms.Forward(transform, source, from, count);
        }
        Filter(transform);
        transform.Inverse().Slice((int)(first - from), values.Length).CopyTo(values);
    }
}
