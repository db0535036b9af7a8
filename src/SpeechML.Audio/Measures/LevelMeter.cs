namespace SpeechML.Audio.Measures;

/// <summary>Measures the level of a recording while it is read: peaks, offset, clipped runs.</summary>
internal sealed class LevelMeter
{
    /// <summary>
    /// Larger samples are integers in a file of floating-point numbers: +20 dB over full scale, which no mix reaches.
    /// </summary>
    public const double MaxMagnitude = 10;

    /// <summary>Below it (-84 dB) is nothing but the last bits of a converter.</summary>
    public const double MinAmplitude = 1.0 / (1 << 14);

    /// <summary>Samples of one value, the largest or the smallest of the file, from which on they are a run.</summary>
    private const int ClippedRun = 4;

    private double _sum;
    private double _squares;
    private Extreme _highest = new(1);
    private Extreme _lowest = new(-1);

    /// <summary>The samples measured.</summary>
    public long Count { get; private set; }

    /// <summary>The largest magnitude.</summary>
    public double Peak => Count == 0 ? 0 : Math.Max(Math.Abs(Highest), Math.Abs(Lowest));

    /// <summary>Half of what lies between the largest and the smallest sample: the peak without offset.</summary>
    public double Amplitude => Count == 0 ? 0 : ((double)Highest - Lowest) / 2;

    /// <summary>The mean of the samples.</summary>
    public double Offset => Count == 0 ? 0 : _sum / Count;

    /// <summary>The root of the mean square of the samples about their mean.</summary>
    public double Deviation => Count == 0 ? 0 : Math.Sqrt(Math.Max(0, (_squares / Count) - (Offset * Offset)));

    /// <summary>The share of samples in runs of four or more at the largest or the smallest value.</summary>
    public double Clipped => Count == 0 ? 0 : (double)(_highest.Clipped + _lowest.Clipped) / Count;

    private float Highest => _highest.Value;

    private float Lowest => -_lowest.Value;

    /// <summary>Takes the next samples.</summary>
    public void Add(ReadOnlySpan<float> samples)
    {
        double sum = 0, squares = 0;
        foreach (float sample in samples)
        {
            sum += sample;
            squares += (double)sample * sample;
            _highest.Add(sample);
            _lowest.Add(sample);
        }
        _sum += sum;
        _squares += squares;
        Count += samples.Length;
    }

    /// <summary>The largest value on one side, and how many samples lie in runs at it.</summary>
    private struct Extreme(int sign)
    {
        private int _run = 0;

        public float Value { get; private set; } = float.NegativeInfinity;

        public long Clipped { get; private set; } = 0;

        public void Add(float sample)
        {
            float value = sign * sample;
            if (value < Value)
            {
                _run = 0;
                return;
            }
            if (value > Value)
            {
                Value = value;
                Clipped = 0;
                _run = 0;
            }
            _run++;
            Clipped += _run < ClippedRun ? 0 : _run == ClippedRun ? ClippedRun : 1;
        }
    }
}
