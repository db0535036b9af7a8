namespace SpeechML.Audio.Measures.Voicing;

/// <summary>
/// The best path through the candidates of all frames, one of which is voiceless (P. Boersma 1993, eqs. 23-25). All
/// paths that may still become the best soon have the same beginning, which is settled; candidates are kept behind it
/// only, so that an hour needs no more memory than its contour.
/// </summary>
internal sealed class PitchPath
{
    private readonly PitchOptions _options;
    private readonly double _ceiling;
    private readonly double _jump;
    private readonly double _change;
    private const int Often = 4096; // frames from one look for what is settled to the next

    private readonly double[] _frequency; // of settled frames
    private readonly double[] _strength;
    private readonly List<int> _starts = [0]; // of each frame's candidates in the lists, the voiceless one first
    private readonly List<double> _frequencies = [];
    private readonly List<double> _strengths = [];
    private readonly List<short> _back = [];
    private double[] _scores = []; // of the last frame's candidates
    private double[] _logs = [];
    private double[] _nextScores = [];
    private double[] _nextLogs = [];
    private int _last;
    private int _settled;

    public PitchPath(PitchOptions options, double ceiling, double step, int frames)
    {
        _options = options;
        _ceiling = ceiling;
        const double Unit = 0.01; // costs are of frames so many seconds apart
        double correction = Unit / step;
        _jump = options.OctaveJumpCost * correction;
        _change = options.VoicedUnvoicedCost * correction;
        (_frequency, _strength) = (new double[frames], new double[frames]);
    }

    /// <summary>Candidates that are kept.</summary>
    public int Kept => _frequencies.Count;

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
        int start = _starts[^1];
        bool isFirst = _settled == 0 && _starts.Count == 1;
        if (_nextScores.Length < count)
        {
            (_nextScores, _nextLogs) = (new double[2 * count], new double[2 * count]);
        }
        double[] logs = _nextLogs, scores = _nextScores;
        for (int i = 0; i < count; i++)
        {
            logs[i] = Math.Log2(_frequencies[start + i]);
            double local = i == 0 ? voiceless
                : _strengths[start + i] - (_options.OctaveCost * (Math.Log2(_ceiling) - logs[i]));
            (int from, double best) = isFirst ? (0, 0) : Before(i == 0, logs[i]);
            scores[i] = best + local;
            _back.Add((short)from);
        }
        (_nextLogs, _nextScores, _logs, _scores, _last) = (_logs, _scores, logs, scores, count);
        _starts.Add(start + count);
        if (_starts.Count > Often && _starts.Count % Often == 0)
        {
            Settle();
        }
    }

    /// <summary>F0 and strength of each frame, NaN where voiceless.</summary>
    public (double[] Frequency, double[] Strength) Best()
    {
        int k = 0;
        for (int i = 1; i < _last; i++)
        {
            k = _scores[i] > _scores[k] ? i : k;
        }
        Follow(_starts.Count - 2, k);
        return (_frequency, _strength);
    }

    /// <summary>Writes down a path up to a candidate of one of the frames that are not settled.</summary>
    private void Follow(int frame, int candidate)
    {
        for (; frame >= 0; frame--)
        {
            int at = _starts[frame] + candidate;
            _frequency[_settled + frame] = _frequencies[at];
            _strength[_settled + frame] = candidate == 0 ? double.NaN : _strengths[at];
            candidate = _back[at];
        }
    }

    /// <summary>Drops the candidates of the frames up to the last one in which all paths meet.</summary>
    private void Settle()
    {
        int frame = _starts.Count - 2;
        var met = new HashSet<int>(Enumerable.Range(0, _last));
        for (; frame > 0 && met.Count > 1; frame--)
        {
            met = [.. met.Select(k => (int)_back[_starts[frame] + k])];
        }
        if (met.Count > 1 || frame == 0)
        {
            return;
        }
        Follow(frame, met.Single());
        // The frame in which they meet is settled, too: those behind it point to it.
        int dropped = frame + 1, first = _starts[dropped];
        _settled += dropped;
        _frequencies.RemoveRange(0, first);
        _strengths.RemoveRange(0, first);
        _back.RemoveRange(0, first);
        _starts.RemoveRange(0, dropped);
        for (int i = 0; i < _starts.Count; i++)
        {
            _starts[i] -= first;
        }
    }

    /// <summary>The best candidate of the frame before, and the score with the cost of the step from it.</summary>
    private (int From, double Score) Before(bool voiceless, double log)
    {
        int from = 0;
        double best = double.NegativeInfinity;
        for (int j = 0; j < _last; j++)
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
