namespace SpeechML.Audio.Formats.Wav;

/// <summary>The coded parameters of one frame (ETSI GSM 06.10, table 1.1).</summary>
internal sealed class Gsm610Frame
{
    public int[] LogAreaRatios { get; } = new int[8];

    public SubFrame[] SubFrames { get; } = [new(), new(), new(), new()];

    /// <summary>A quarter of a frame: long-term predictor and pulse grid.</summary>
    internal sealed class SubFrame
    {
        public int Lag { get; set; }

        public int Gain { get; set; }

        public int Grid { get; set; }

        public int Maximum { get; set; }

        public int[] Pulses { get; } = new int[13];
    }
}

/// <summary>
/// The decoder of ETSI GSM 06.10 (section 5.3) in its 16-bit saturating arithmetic; its state runs from frame to frame.
/// </summary>
internal sealed class Gsm610Decoder
{
    public const int FrameSamples = 160;

    private const int SubFrameSamples = 40;
    private const int LongestLag = 120;
    private const int ShortestLag = 40;
    private const int DeEmphasis = 28180;

    // Tables 5.1 (decoding of the log-area ratios), 5.3 (long-term gain) and 5.6 (pulse amplitudes).
    private static readonly (int B, int Minimum, int InverseA)[] s_logAreaRatios =
        [(0, -32, 13107), (0, -32, 13107), (2048, -16, 13107), (-2560, -16, 13107), (94, -8, 19223), (-1792, -8, 17476),
            (-341, -4, 31454), (-1144, -4, 29708)];

    private static readonly int[] s_gains = [3277, 11469, 21299, 32767];
    private static readonly int[] s_amplitudes = [18431, 20479, 22527, 24575, 26623, 28671, 30719, 32767];

    // the last 120 samples, then the sub-frame in work
    private readonly int[] _residual = new int[LongestLag + SubFrameSamples];
    private readonly int[] _excitation = new int[SubFrameSamples];
    private readonly int[] _filtered = new int[FrameSamples];
    private readonly int[] _lattice = new int[9];
    private readonly int[] _reflection = new int[8];
    private int[] _ratios = new int[8];
    private int[] _previousRatios = new int[8];
    private int _lag = ShortestLag;
    private int _emphasised;

    /// <summary>Decodes one frame to 160 samples.</summary>
    public void Decode(Gsm610Frame frame, Span<short> samples)
    {
        for (int k = 0; k < frame.SubFrames.Length; k++)
        {
            DecodePulses(frame.SubFrames[k]);
            PredictLongTerm(frame.SubFrames[k]);
            _residual.AsSpan(LongestLag).CopyTo(_filtered.AsSpan(k * SubFrameSamples));
            _residual.AsSpan(SubFrameSamples).CopyTo(_residual);
        }
        PredictShortTerm(frame.LogAreaRatios);
        for (int k = 0; k < FrameSamples; k++)
        {
            _emphasised = Add(_filtered[k], Multiply(_emphasised, DeEmphasis));
            samples[k] = (short)(Add(_emphasised, _emphasised) & ~7); // 13 bits
        }
    }

    /// <summary>Sections 5.3.1 and 4.2.16-17: inverse APCM and grid position.</summary>
    private void DecodePulses(Gsm610Frame.SubFrame part)
    {
        int exponent = part.Maximum > 15 ? (part.Maximum >> 3) - 1 : 0;
        int mantissa = part.Maximum - (exponent << 3);
        if (mantissa == 0)
        {
            (exponent, mantissa) = (-4, 7);
        }
        else
        {
            for (; mantissa <= 7; exponent--)
            {
                mantissa = (mantissa << 1) | 1;
            }
            mantissa -= 8;
        }
        int shift = 6 - exponent;
        int half = shift > 0 ? 1 << (shift - 1) : 0;
        Array.Clear(_excitation);
        for (int k = 0; k < part.Pulses.Length; k++)
        {
            int pulse = ((part.Pulses[k] << 1) - 7) << 12;
            _excitation[part.Grid + (3 * k)] = Add(Multiply(s_amplitudes[mantissa], pulse), half) >> shift;
        }
    }

    /// <summary>Section 5.3.2.</summary>
    private void PredictLongTerm(Gsm610Frame.SubFrame part)
    {
        if (part.Lag is >= ShortestLag and <= LongestLag)
        {
            _lag = part.Lag;
        }
        for (int k = 0; k < SubFrameSamples; k++)
        {
            _residual[LongestLag + k] =
                Add(_excitation[k], Multiply(s_gains[part.Gain], _residual[LongestLag + k - _lag]));
        }
    }

    /// <summary>Section 5.3.3: the lattice filter, its coefficients interpolated over the first 40 samples.</summary>
    private void PredictShortTerm(int[] coded)
    {
        (_previousRatios, _ratios) = (_ratios, _previousRatios);
        for (int k = 0; k < coded.Length; k++)
        {
            (int b, int minimum, int inverseA) = s_logAreaRatios[k];
            int ratio = Multiply(inverseA, Saturate(Saturate((coded[k] + minimum) << 10) - (b << 1)));
            _ratios[k] = Add(ratio, ratio);
        }
        Filter(0, 13, (previous, now) => Add(Add(previous >> 2, now >> 2), previous >> 1));
        Filter(13, 27, (previous, now) => Add(previous >> 1, now >> 1));
        Filter(27, 40, (previous, now) => Add(Add(previous >> 2, now >> 2), now >> 1));
        Filter(40, FrameSamples, (_, now) => now);
    }

    private void Filter(int from, int to, Func<int, int, int> interpolate)
    {
        for (int k = 0; k < _reflection.Length; k++)
        {
            _reflection[k] = Reflection(interpolate(_previousRatios[k], _ratios[k]));
        }
        for (int n = from; n < to; n++)
        {
            int sample = _filtered[n];
            for (int k = _reflection.Length - 1; k >= 0; k--)
            {
                sample = Saturate(sample - Multiply(_reflection[k], _lattice[k]));
                _lattice[k + 1] = Add(_lattice[k], Multiply(_reflection[k], sample));
            }
            _lattice[0] = sample;
            _filtered[n] = sample;
        }
    }

    /// <summary>Section 5.2.9.2: from a log-area ratio to a reflection coefficient, by three straight lines.</summary>
    private static int Reflection(int ratio)
    {
        int size = ratio == short.MinValue ? short.MaxValue : Math.Abs(ratio);
        size = size < 11059 ? size << 1 : size < 20070 ? size + 11059 : Add(size >> 2, 26112);
        return ratio < 0 ? -size : size;
    }

    private static int Add(int a, int b) => Saturate(a + b);

    private static int Multiply(int a, int b) =>
        a == short.MinValue && b == short.MinValue ? short.MaxValue : ((a * b) + 16384) >> 15;

    private static int Saturate(int value) => Math.Clamp(value, short.MinValue, short.MaxValue);
}
