using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Model.Pooling;

/// <summary>
/// Pools the frames of a long clip as they come, part by part, in double: what <see cref="FramePooling"/> gives of all
/// of them at once, up to rounding.
/// </summary>
internal abstract class RunningPooling
{
    /// <summary>Takes the next frames (frames, size).</summary>
    public abstract void Add(Tensor frames);

    /// <summary>Takes the frames that another of the same pooling took.</summary>
    public abstract void Join(RunningPooling next);

    /// <summary>The pooled vector of all frames so far.</summary>
    public abstract float[] Result();

    /// <summary>The values of a tensor in double.</summary>
    protected static double[] Values(Tensor tensor) =>
        tensor.to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
}

/// <summary>
/// Of a pooling that has no running form: all frames are kept, so that memory grows with the clip.
/// </summary>
internal sealed class CollectedFrames(FramePooling pooling) : RunningPooling
{
    private readonly List<float> _values = [];
    private Device _device = CPU;
    private long _size;

    public override void Add(Tensor frames)
    {
        using DisposeScope scope = NewDisposeScope();
        _device = frames.device;
        _size = frames.shape[1];
        _values.AddRange(frames.cpu().contiguous().data<float>());
    }

    public override void Join(RunningPooling next)
    {
        var other = (CollectedFrames)next;
        (_device, _size) = (other._device, other._size);
        _values.AddRange(other._values);
    }

    public override float[] Result()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor frames = AlignedTensor.Of([.. _values], 1, _values.Count / _size, _size).to(_device);
        return pooling.Pool(frames, [frames.shape[1]]).cpu().contiguous().data<float>().ToArray();
    }
}

/// <summary>Mean, and standard deviation where asked for (Chan, Golub, LeVeque 1979).</summary>
/// <param name="varianceFloor">The smallest variance; <see langword="null"/> for the mean alone.</param>
internal sealed class RunningMoments(double? varianceFloor) : RunningPooling
{
    private double[] _mean = [];
    private double[] _squares = [];
    private long _count;

    public override void Add(Tensor frames)
    {
        using DisposeScope scope = NewDisposeScope();
        long count = frames.shape[0];
        Tensor wide = frames.to(ScalarType.Float64);
        Tensor mean = wide.mean([0]);
        double[] means = Values(mean);
        Join(count, means, varianceFloor is null ? [] : Values((wide - mean).square().sum([0])));
    }

    public override void Join(RunningPooling next)
    {
        var other = (RunningMoments)next;
        Join(other._count, other._mean, other._squares);
    }

    private void Join(long count, double[] means, double[] squares)
    {
        if (_count == 0)
        {
            (_mean, _squares, _count) = ([.. means], [.. squares], count);
            return;
        }
        long all = _count + count;
        for (int i = 0; i < means.Length; i++)
        {
            double change = means[i] - _mean[i];
            _mean[i] += change * count / all;
            if (squares.Length > 0)
            {
                _squares[i] += squares[i] + (change * change * _count * count / all);
            }
        }
        _count = all;
    }

    public override float[] Result() => varianceFloor is not { } floor ? Array.ConvertAll(_mean, m => (float)m)
        : [.. _mean.Select(m => (float)m), .. _squares.Select(s => (float)Math.Sqrt(Math.Max(s / _count, floor)))];
}

/// <summary>The largest or smallest values.</summary>
internal sealed class RunningExtreme(bool largest) : RunningPooling
{
    private double[]? _values;

    public override void Add(Tensor frames)
    {
        using DisposeScope scope = NewDisposeScope();
        Join(Values(largest ? frames.amax([0]) : frames.amin([0])));
    }

    public override void Join(RunningPooling next) => Join(((RunningExtreme)next)._values!);

    private void Join(double[] next) => _values = _values is null ? next
        : [.. _values.Zip(next, (a, b) => largest ? Math.Max(a, b) : Math.Min(a, b))];

    public override float[] Result() => Array.ConvertAll(_values!, v => (float)v);
}

/// <summary>
/// The mean by a softmax of scores, whose greatest score so far scales what was summed (Milakov, Gimelshein 2018).
/// </summary>
/// <param name="score">Scores (frames, 1) of frames (frames, size).</param>
internal sealed class RunningAttention(Func<Tensor, Tensor> score) : RunningPooling
{
    private double[] _sum = [];
    private double _weight;
    private double _greatest = double.NegativeInfinity;

    public override void Add(Tensor frames)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor scores = score(frames).to(ScalarType.Float64);
        double greatest = Math.Max(_greatest, scores.max().item<double>());
        Tensor weights = (scores - tensor(greatest, dtype: ScalarType.Float64, device: scores.device)).exp();
        double[] sum = Values(weights.transpose(0, 1).matmul(frames.to(ScalarType.Float64)));
        Join(sum, weights.sum().item<double>(), greatest);
    }

    public override void Join(RunningPooling next)
    {
        var other = (RunningAttention)next;
        double greatest = Math.Max(_greatest, other._greatest), scale = Math.Exp(other._greatest - greatest);
        Join(Array.ConvertAll(other._sum, s => s * scale), other._weight * scale, greatest);
    }

    /// <summary>Adds sums that were scaled by the greatest score of all.</summary>
    private void Join(double[] sum, double weight, double greatest)
    {
        if (_sum.Length > 0)
        {
            double scale = Math.Exp(_greatest - greatest);
            sum = [.. sum.Zip(_sum, (s, before) => s + (before * scale))];
            weight += _weight * scale;
        }
        (_sum, _weight, _greatest) = (sum, weight, greatest);
    }

    public override float[] Result() => Array.ConvertAll(_sum, s => (float)(s / _weight));
}
