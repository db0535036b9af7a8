namespace SpeechML.Audio.Measures.Voicing;

/// <summary>
/// The best path through the candidates of all frames, one of which is voiceless (P. Boersma 1993, eqs. 23-25).
/// </summary>
internal sealed class PitchPath
{
    private readonly PitchOptions _options;
    private readonly double _ceiling;
    private readonly double _jump;
    private readonly double _change;
    private readonly int[] _starts; // of each frame's candidates in the lists, the voiceless one first
    private readonly List<double> _frequencies = [];
    private readonly List<double> _strengths = [];
    private readonly List<short> _back = [];
    private double[] _scores = [];
    private double[] _logs = [];
    private int _frames;

    public PitchPath(PitchOptions options, double ceiling, double step, int frames)
    {
        _options = options;
        _ceiling = ceiling;
        const double Unit = 0.01; // costs are of frames so many seconds apart
        double correction = Unit / step;
        _jump = options.OctaveJumpCost * correction;
        _change = options.VoicedUnvoicedCost * correction;
        _starts = new int[frames + 1];
    }

    /// <summary>Goes on to the next frame.</summary>
    public void Add(double intensity, List<(double Frequency, double Strength)> candidates)
    {
        double voiceless = _options.VoicingThreshold + (_options.SilenceThreshold <= 0 ? 0
            : Math.Max(0, 2 - (intensity * (1 + _options.VoicingThreshold) / _options.SilenceThreshold)));
        _frequencies.Add(double.NaN);
        _strengths.Add(0);
        int count = 1;
        foreach ((double frequency, double strength) in candidates)
        {
            if (frequency < _ceiling)
            {
                _frequencies.Add(frequency);
                _strengths.Add(strength);
                count++;
            }
        }
        int start = _starts[_frames];
        double[] logs = new double[count], scores = new double[count];
        for (int i = 0; i < count; i++)
        {
            logs[i] = Math.Log2(_frequencies[start + i]);
            double local = i == 0 ? voiceless
                : _strengths[start + i] - (_options.OctaveCost * (Math.Log2(_ceiling) - logs[i]));
            (int from, double best) = _frames == 0 ? (0, 0) : Before(i == 0, logs[i]);
            scores[i] = best + local;
            _back.Add((short)from);
        }
        (_logs, _scores) = (logs, scores);
        _starts[++_frames] = start + count;
    }

    /// <summary>F0 and strength of each frame, NaN where voiceless.</summary>
    public (double[] Frequency, double[] Strength) Best()
    {
        double[] frequency = new double[_frames], strength = new double[_frames];
        int k = 0;
        for (int i = 1; i < _scores.Length; i++)
        {
            k = _scores[i] > _scores[k] ? i : k;
        }
        for (int frame = _frames - 1; frame >= 0; frame--)
        {
            int at = _starts[frame] + k;
            frequency[frame] = _frequencies[at];
            strength[frame] = k == 0 ? double.NaN : _strengths[at];
            k = _back[at];
        }
        return (frequency, strength);
    }

    /// <summary>The best candidate of the frame before, and the score with the cost of the step from it.</summary>
    private (int From, double Score) Before(bool voiceless, double log)
    {
        int from = 0;
        double best = double.NegativeInfinity;
        for (int j = 0; j < _scores.Length; j++)
        {
            double cost = voiceless && j == 0 ? 0 : voiceless || j == 0 ? _change : _jump * Math.Abs(_logs[j] - log);
            if (_scores[j] - cost > best)
            {
                (from, best) = (j, _scores[j] - cost);
            }
        }
        return (from, best);
    }
}
