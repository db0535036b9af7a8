using SpeechML.Data.Onnx;

namespace SpeechML.Onnx.Running;

/// <summary>The pooling of frames that come window after window; sums are in double.</summary>
internal abstract class RunningFrames
{
    /// <summary>Adds frames.</summary>
    /// <param name="frames">Frame after frame.</param>
    /// <param name="size">Elements of a frame.</param>
    /// <param name="scores">A score for each frame, of a learned pooling.</param>
    public abstract void Add(ReadOnlySpan<float> frames, int size, ReadOnlySpan<float> scores);

    /// <summary>The pooled vector.</summary>
    public abstract float[] Result();

    public static RunningFrames Begin(OnnxPooling pooling) => pooling switch
    {
        OnnxPooling.Mean => new Moments(deviations: false),
        OnnxPooling.MeanStd => new Moments(deviations: true),
        OnnxPooling.Attention => new Attention(),
        _ => new Extremes(pooling == OnnxPooling.Max),
    };

    private sealed class Moments(bool deviations) : RunningFrames
    {
        // Of MeanStd pooling: a single frame has deviation 1e-5.
        private const double VarianceFloor = 1e-10;

        private double[] _mean = [];
        private double[] _squares = [];
        private long _count;

        public override void Add(ReadOnlySpan<float> frames, int size, ReadOnlySpan<float> scores)
        {
            if (_count == 0)
            {
                (_mean, _squares) = (new double[size], new double[size]);
            }
            // Welford's update, frame by frame.
            for (int frame = 0; frame < frames.Length; frame += size)
            {
                _count++;
                for (int i = 0; i < size; i++)
                {
                    double change = frames[frame + i] - _mean[i];
                    _mean[i] += change / _count;
                    _squares[i] += change * (frames[frame + i] - _mean[i]);
                }
            }
        }

        public override float[] Result()
        {
            float[] means = Array.ConvertAll(_mean, m => (float)m);
            return !deviations ? means
                : [.. means, .. _squares.Select(s => (float)Math.Sqrt(Math.Max(s / _count, VarianceFloor)))];
        }
    }

    private sealed class Extremes(bool largest) : RunningFrames
    {
        private float[]? _values;

        public override void Add(ReadOnlySpan<float> frames, int size, ReadOnlySpan<float> scores)
        {
            _values ??= frames[..size].ToArray();
            for (int i = 0; i < frames.Length; i++)
            {
                float before = _values[i % size];
                _values[i % size] = largest ? Math.Max(before, frames[i]) : Math.Min(before, frames[i]);
            }
        }

        public override float[] Result() => _values!;
    }

    private sealed class Attention : RunningFrames
    {
        private double[] _sum = [];
        private double _weight;
        private double _greatest = double.NegativeInfinity;

        public override void Add(ReadOnlySpan<float> frames, int size, ReadOnlySpan<float> scores)
        {
            double greatest = _greatest;
            foreach (float score in scores)
            {
                greatest = Math.Max(greatest, score);
            }
            // What was summed before is relative to the greatest score so far.
            double scale = _sum.Length == 0 ? 0 : Math.Exp(_greatest - greatest);
            _sum = _sum.Length == 0 ? new double[size] : Array.ConvertAll(_sum, s => s * scale);
            _weight *= scale;
            _greatest = greatest;
            for (int frame = 0; frame < scores.Length; frame++)
            {
                double share = Math.Exp(scores[frame] - greatest);
                _weight += share;
                for (int i = 0; i < size; i++)
                {
                    _sum[i] += share * frames[(frame * size) + i];
                }
            }
        }

        public override float[] Result() => Array.ConvertAll(_sum, s => (float)(s / _weight));
    }
}
