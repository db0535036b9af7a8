using SpeechML.Data.Recordings;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.Model.Extras;
using SpeechML.Recordings;
using SpeechML.Training.Caching;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Explaining;

/// <summary>
/// The path of a clip that is cut into windows: all of them go from their baselines to the clip together, and are
/// joined as their scores are. At each point the frames of all windows are computed first, then how a score changes
/// with them, and from there, window by window, how it changes with the input: one graph at a time is held.
/// </summary>
internal sealed class RecordingPath : IGradientPath
{
    private readonly SpeechModel _model;
    private readonly TargetScores _targets;
    private readonly int _segment;
    private readonly int _length;
    private readonly float[]? _extras;
    private readonly List<Part> _parts = [];
    private readonly FrozenWeights _frozen;

    /// <inheritdoc cref="GradientPath.GradientPath(SpeechModel, TargetScores, float[], float[], int)"/>
    public RecordingPath(SpeechModel model, TargetScores targets, float[] samples, float[]? extras, int segment)
    {
        (_model, _targets, _segment, _length, _extras) = (model, targets, segment, samples.Length, extras);
        using IDisposable noGrad = no_grad();
        foreach (WindowBatch batch in RecordingEncoder.Windows(model.Network, samples))
        {
            for (int i = 0; i < batch.Windows.Count; i++)
            {
                using DisposeScope scope = NewDisposeScope();
                EncoderInput input =
                    model.Network.Encoder.Prepare([batch.Clips.Clips[i]], batch.Clips.IsLevelled);
                Tensor baseline = GradientPath.Baseline(model.Network.Encoder, input.Values);
                _parts.Add(new Part(batch.Windows[i], input.Lengths[0], baseline.DetachFromDisposeScope(),
                    (input.Values - baseline).DetachFromDisposeScope()));
            }
        }
        _frozen = new FrozenWeights(model);
    }

    private SpeechNetwork Network => _model.Network;

    private int Segments => (_length + _segment - 1) / _segment;

    public double Seconds
    {
        get
        {
            Part last = _parts[^1];
            return (last.Window.Start + ((double)last.Difference.shape[^1] * Network.Encoder.InputHop))
                / Network.Encoder.Config.SampleRate;
        }
    }

    public (double[] Baseline, double[] Clip) Ends() => (Scores(0), Scores(1));

    public PathPoint[] At(double[] points, Action advance) => Array.ConvertAll(points, p => At(p, advance));

    public void Dispose()
    {
        _frozen.Dispose();
        foreach (Part part in _parts)
        {
            part.Baseline.Dispose();
            part.Difference.Dispose();
        }
    }

    private double[] Scores(double point)
    {
        using DisposeScope scope = NewDisposeScope();
        return Scores(AllFrames(point, () => { }));
    }

    private PathPoint At(double point, Action advance)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] frames = AllFrames(point, advance);
        double[] scores = Scores(frames);
        var found = new PathPoint(scores, [.. scores.Select(_ => new double[Segments + 1])]);
        for (int k = 0; k < scores.Length; k++)
        {
            using DisposeScope ofTarget = NewDisposeScope();
            Tensor[] slopes = Slopes(frames, k);
            foreach ((int w, Part part) in _parts.Index())
            {
                using DisposeScope inner = NewDisposeScope();
                using IDisposable withGrad = enable_grad();
                Tensor input = Input(part, point).detach().requires_grad_();
                (Frames(part, input) * slopes[w]).sum().backward();
                Tensor along = input.grad! * part.Difference;
                Add(part, GradientPath.Rows(along.dim() == 3 ? along.sum(1) : along)[0], found.Slopes[k]);
                advance();
            }
        }
        return found;
    }

    /// <summary>The frames that are pooled of each window (frames, size), without gradient.</summary>
    private Tensor[] AllFrames(double point, Action advance)
    {
        using IDisposable noGrad = no_grad();
        return [.. _parts.Select(part =>
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor frames = Frames(part, Input(part, point)).clone().MoveToOuterDisposeScope();
            advance();
            return frames;
        })];
    }

    private Tensor Frames(Part part, Tensor input) => Network.Frames(
        new Batch(CachePoint.Samples, [part.Window.Length]) { Input = new EncoderInput(input, [part.Length]) })
        .Frames[0].narrow(0, part.Window.From, part.Window.Frames);

    private static Tensor Input(Part part, double point) =>
        part.Baseline.Plus(part.Difference * AlignedTensor.Of([(float)point], 1).to(part.Difference.device));

    /// <summary>The scores of the frames of all windows.</summary>
    private double[] Scores(Tensor[] frames)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        return Network.LongAudio.PoolsTogether
            ? _targets.Scores(GradientPath.Rows(Head(cat(frames)))[0])
            : Joined(Outputs(frames), frames);
    }

    /// <summary>How a target's score changes with the frames of each window.</summary>
    private Tensor[] Slopes(Tensor[] frames, int target)
    {
        using IDisposable withGrad = enable_grad();
        if (Network.LongAudio.PoolsTogether)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor all = cat(frames).detach().requires_grad_();
            Tensor outputs = Head(all);
            Back(outputs, _targets.Slopes(GradientPath.Rows(outputs)[0], target));
            return [.. all.grad!.split([.. frames.Select(f => f.shape[0])])
                .Select(g => g.MoveToOuterDisposeScope())];
        }
        double[][] rows = Outputs(frames);
        return [.. frames.Select((f, w) =>
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor leaf = f.detach().requires_grad_();
            Back(Head(leaf), TargetScores.Slopes(rows[w], () => Joined(rows, frames)[target]));
            return leaf.grad!.alias().MoveToOuterDisposeScope();
        })];
    }

    /// <summary>The outputs of each window by itself.</summary>
    private double[][] Outputs(Tensor[] frames) => [.. frames.Select(f =>
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        return Array.ConvertAll(GradientPath.Rows(Head(f))[0], x => (double)x);
    })];

    private double[] Joined(double[][] rows, Tensor[] frames) => _targets.Scores(WindowOutputs.Average(
        Network.OutputForm, rows, [.. frames.Select(f => (double)f.shape[0])]));

    private Tensor Head(Tensor frames) => Network.RunHead(
        Network.Pooling.Pool(frames.unsqueeze(0), [frames.shape[0]]),
        _extras is null ? null : ExtraInput.Rows([_extras], Network.Device));

    private static void Back(Tensor outputs, float[] slopes) =>
        (outputs * AlignedTensor.Of(slopes, 1, slopes.Length).to(outputs.device)).sum().backward();

    /// <summary>Adds what lies in a window to the parts of the clip; windows share what they overlap in.</summary>
    private void Add(Part part, float[] overTime, double[] parts)
    {
        int hop = Network.Encoder.InputHop;
        for (int i = 0; i < overTime.Length; i++)
        {
            long at = part.Window.Start + ((long)i * hop);
            parts[i < part.Length ? Math.Min((int)(at / _segment), Segments - 1) : Segments] += overTime[i];
        }
    }

    /// <summary>A window's way from its baseline to the clip.</summary>
    /// <param name="Window">Where it lies, and which of its frames are pooled.</param>
    /// <param name="Length">Valid samples or frames of the encoder's input.</param>
    /// <param name="Baseline">The input at the path's beginning (1, ...).</param>
    /// <param name="Difference">What is added to it until its end.</param>
    private sealed record Part(AudioWindow Window, long Length, Tensor Baseline, Tensor Difference);
}
