namespace SpeechML.Audio.Measures.Signals;

/// <summary>
/// A recording, or what a filter or another rate makes of it, read in stretches: a short one is computed as a whole, a
/// long one block by block, so that an hour needs no more memory than a few minutes. Not thread-safe.
/// </summary>
/// <param name="length">The number of samples.</param>
/// <param name="rate">Samples per second (Hz).</param>
internal abstract class Signal(long length, double rate)
{
    /// <summary>Signals of up to so many samples (131 s at 8 kHz) are one block, if nothing else is said.</summary>
    public const int UsualLargestWhole = 1 << 20;

    /// <summary>
    /// At lower rates (Hz) there is nothing of a voice; formants and cepstra have no frames, of which there would be
    /// many to a sample.
    /// </summary>
    public const int LeastRate = 1000;

    private double[] _block = [];
    private long _from;
    private long _to;

    /// <summary>The number of samples.</summary>
    public long Length => length;

    /// <summary>Samples per second (Hz).</summary>
    public double Rate => rate;

    /// <summary>Signals of up to so many samples are one block; blocks of longer ones are a quarter of it.</summary>
    public abstract int LargestWhole { get; }

    /// <summary>The transforms that the signals made of one recording share.</summary>
    public abstract LongTransforms Transforms { get; }

    /// <summary>Samples of the signal, all within it. Valid until the next call.</summary>
    public ReadOnlySpan<double> Read(long first, int count)
    {
        if (first < _from || first + count > _to)
        {
            Load(first, count);
        }
        return _block.AsSpan((int)(first - _from), count);
    }

    /// <summary>Samples of the signal, zeros outside it.</summary>
    /// <param name="first">Index of the first.</param>
    /// <param name="values">Receives them.</param>
    /// <returns>How many of them, from which index of the values on, lie in the signal.</returns>
    public (int From, int Count) Copy(long first, Span<double> values)
    {
        long from = Math.Clamp(-first, 0, values.Length);
        long to = Math.Clamp(length - first, from, values.Length);
        values[..(int)from].Clear();
        values[(int)to..].Clear();
        if (to > from)
        {
            Read(first + from, (int)(to - from)).CopyTo(values[(int)from..]);
        }
        return ((int)from, (int)(to - from));
    }

    /// <summary>Computes samples; of a signal that is one block, all of them.</summary>
    protected abstract void Compute(long first, Span<double> values);

    private void Load(long first, int count)
    {
        long from = 0;
        long size = length;
        if (length > LargestWhole)
        {
            // Readers go forward, but look back a little.
            size = Math.Min(length, Math.Max(LargestWhole / 4, 2L * count));
            from = Math.Clamp(first - ((size - count) / 8), 0, length - size);
        }
        if (_block.Length != size)
        {
            _block = new double[size];
        }
        (_from, _to) = (from, from);
        Compute(from, _block);
        _to = from + size;
    }
}
