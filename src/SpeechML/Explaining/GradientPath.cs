using SpeechML.EncodeSpeech;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.Model.Extras;
using SpeechML.Training.Caching;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Explaining;

/// <summary>
/// The straight path of the encoder's input to that of a clip: samples, from silence, or a log-mel spectrogram, from
/// the clip's own quietest value, as the encoder gets them (samples normalised where it wants that). The spectrogram of
/// silence itself lies far below the floor that a clip's silent moments are raised to, and these would seem to matter.
/// </summary>
internal sealed class GradientPath : IGradientPath
{
    // A graph takes several times the memory of a scoring.
    private const long BudgetShare = 4;

    private readonly SpeechModel _model;
    private readonly TargetScores _targets;
    private readonly int _segment;
    private readonly int _length;
    private readonly float[]? _extras;
    private readonly Tensor _baseline;
    private readonly EncoderInput _clip;
    private readonly Tensor _difference;
    private readonly FrozenWeights _frozen;

    /// <param name="model">The model, of which the caller has begun a use.</param>
    /// <param name="targets">The scores.</param>
    /// <param name="samples">The clip.</param>
    /// <param name="extras">Its extra features, which stay the same; <see langword="null"/> for none.</param>
    /// <param name="segment">Samples of a part.</param>
    public GradientPath(SpeechModel model, TargetScores targets, float[] samples, float[]? extras, int segment)
    {
        (_model, _targets, _segment, _length, _extras) = (model, targets, segment, samples.Length, extras);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        _clip = Outer(model.Network.Encoder.Prepare([samples]));
        _baseline = Baseline(model.Network.Encoder, _clip.Values).DetachFromDisposeScope();
        _difference = (_clip.Values - _baseline).DetachFromDisposeScope();
        _frozen = new FrozenWeights(model);
    }

    private int Segments => (_length + _segment - 1) / _segment;

    public double Seconds => (double)(_difference.shape[^1] * _model.Network.Encoder.InputHop)
        / _model.Network.Encoder.Config.SampleRate;

    public (double[] Baseline, double[] Clip) Ends()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        return (_targets.Scores(Rows(Forward(_baseline, 1))[0]),
            _targets.Scores(Rows(Forward(_clip.Values, 1))[0]));
    }

    public PathPoint[] At(double[] points, Action advance)
    {
        int targets = _targets.Names.Count;
        var found = points.Select(_ => new PathPoint([], new double[targets][])).ToArray();
        (int Point, int Target)[] rows = [.. points.SelectMany((_, p) =>
            Enumerable.Range(0, targets).Select(k => (p, k)))];
        long budget = EncodingBatches.Budget(_model.Device, _model.Network.Encoder.Config) / BudgetShare;
        // A graph is walked once, so every target has a row of its own.
        foreach ((int Point, int Target)[] batch in rows.Chunk((int)Math.Max(1, budget / _length)))
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable withGrad = enable_grad();
            long[] shape = [batch.Length, .. Enumerable.Repeat(1L, (int)_difference.dim() - 1)];
            Tensor shares = AlignedTensor.Of([.. batch.Select(r => (float)points[r.Point])], shape)
                .to(_difference.device);
            Tensor input = _baseline.Plus(shares * _difference).detach().requires_grad_();
            Tensor outputs = Forward(input, batch.Length);
            float[][] values = Rows(outputs);
            float[] slopes = [.. batch.SelectMany((r, i) => _targets.Slopes(values[i], r.Target))];
            (outputs * AlignedTensor.Of(slopes, batch.Length, values[0].Length).to(outputs.device)).sum().backward();
            Tensor parts = input.grad! * _difference;
            float[][] overTime = Rows(parts.dim() == 3 ? parts.sum(1) : parts);
            for (int i = 0; i < batch.Length; i++)
            {
                found[batch[i].Point] = found[batch[i].Point] with { Scores = _targets.Scores(values[i]) };
                found[batch[i].Point].Slopes[batch[i].Target] = Parts(overTime[i]);
            }
            advance();
        }
        return found;
    }

    /// <summary>The input that is everywhere as quiet as that of a clip can be.</summary>
    public static Tensor Baseline(SpeechEncoder encoder, Tensor clip) =>
        encoder.InputHop == 1 ? zeros_like(clip) : clip.min().expand_as(clip).clone();

    /// <summary>The rows of a tensor.</summary>
    public static float[][] Rows(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] all = values.detach().cpu().contiguous().data<float>().ToArray();
        return [.. all.Chunk(all.Length / (int)values.shape[0])];
    }

    public void Dispose()
    {
        _frozen.Dispose();
        _clip.Dispose();
        _baseline.Dispose();
        _difference.Dispose();
    }

    private Tensor Forward(Tensor values, int rows) => _model.Network.Forward(
        new Batch(CachePoint.Samples, [.. Enumerable.Repeat((long)_length, rows)])
        {
            Input = new EncoderInput(values, [.. Enumerable.Repeat(_clip.Lengths[0], rows)]),
            Extras = _extras is null ? null : ExtraInput.Rows([.. Enumerable.Repeat(_extras, rows)], values.device),
        });

    private double[] Parts(float[] overTime)
    {
        double[] parts = new double[Segments + 1];
        int hop = _model.Network.Encoder.InputHop;
        for (int i = 0; i < overTime.Length; i++)
        {
            parts[i < _clip.Lengths[0] ? Math.Min((int)((long)i * hop / _segment), Segments - 1) : Segments] +=
                overTime[i];
        }
        return parts;
    }

    private static EncoderInput Outer(EncoderInput input) =>
        input with { Values = input.Values.DetachFromDisposeScope() };
}
