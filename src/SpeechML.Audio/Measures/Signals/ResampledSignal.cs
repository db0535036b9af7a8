using System.Buffers;
using SpeechML.Audio.Dsp;

namespace SpeechML.Audio.Measures.Signals;

/// <summary>
/// Another rate with pre-emphasis, y[n] = x[n] - exp(-2π f / rate) x[n-1], the first sample as it is: a band limit in
/// the whole spectrum where the rate falls, then interpolation by a windowed sinc; the samples are centred in the
/// recording.
/// </summary>
internal sealed class ResampledSignal : FilteredSignal
{
    private const int Depth = 50;

    private readonly Signal _source;
    private readonly double _emphasis;
    private readonly SincPhases? _phases;

    /// <param name="source">The recording.</param>
    /// <param name="rate">The rate of the result (Hz).</param>
    /// <param name="emphasisFrom">From where on pre-emphasis raises the spectrum by 6 dB per octave (Hz).</param>
    public ResampledSignal(Signal source, double rate, double emphasisFrom)
        : base(source, IsSame(source.Rate, rate) ? source.Length
            : (long)Math.Floor((source.Length / source.Rate * rate) + 0.5), rate)
    {
        _source = source;
        _emphasis = Math.Exp(-2 * Math.PI * emphasisFrom / rate);
        _phases = SincPhases.Of(source.Rate, rate, Depth);
        double duration = source.Length / source.Rate;
        FirstTime = Length == source.Length ? 0.5 / rate : 0.5 * (duration - ((Length - 1) / rate));
    }

    /// <summary>When the first sample is (s).</summary>
    public double FirstTime { get; }

    protected override int Padding => 1000;

    protected override void Compute(long first, Span<double> values)
    {
        // One sample more in front, for the emphasis.
        bool isFirst = first == 0;
        int from = isFirst ? 0 : 1;
        double[] rented = ArrayPool<double>.Shared.Rent(values.Length + from);
        Span<double> plain = rented.AsSpan(0, values.Length + from);
        Resample(first - from, plain);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = i + from == 0 ? plain[0] : plain[i + from] - (_emphasis * plain[i + from - 1]);
        }
        ArrayPool<double>.Shared.Return(rented);
    }

    protected override void Filter(LongTransform transform)
    {
        double place = Rate / _source.Rate * transform.Size;
        int edge = (int)Math.Floor(place);
        transform.Re.AsSpan(edge / 2).Clear();
        transform.Im.AsSpan(edge / 2).Clear();
        if (edge % 2 == 0 && edge >= 2)
        {
            // A quirk of the reference's packed spectrum, worth 5e-5 of the amplitude: the bin below loses its phase.
            transform.Im[(edge / 2) - 1] = 0;
        }
    }

    private static bool IsSame(double rate, double target) => Math.Abs((target / rate) - 1) < 1e-12;

    private void Resample(long first, Span<double> values)
    {
        if (IsSame(_source.Rate, Rate))
        {
            _source.Copy(first, values);
            return;
        }
        double duration = _source.Length / _source.Rate;
        double Place(long k) => (((duration / 2) + ((k - ((Length - 1) / 2.0)) / Rate)) * _source.Rate) - 0.5;
        long last = _source.Length - 1;
        long from = Math.Clamp((long)Math.Floor(Place(first)) - Depth - 1, 0, last);
        long to = Math.Clamp((long)Math.Ceiling(Place(first + values.Length - 1)) + Depth + 2, from + 1, last + 1);
        int count = checked((int)(to - from));
        double[] rented = ArrayPool<double>.Shared.Rent(count);
        Span<double> limited = rented.AsSpan(0, count);
        if (Rate < _source.Rate)
        {
            Filter(from, limited);
        }
        else
        {
            _source.Copy(from, limited);
        }
        for (int i = 0; i < values.Length; i++)
        {
            double place = Math.Clamp(Place(first + i), 0, last);
            values[i] = _phases is null ? SincInterpolation.At(limited, from, _source.Length, place, Depth)
                : _phases.At(limited, from, _source.Length, place, first + i);
        }
        ArrayPool<double>.Shared.Return(rented);
    }
}
