using SpeechML.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Training;

/// <summary>AdamW over two groups, encoder and head, with one schedule and one total gradient norm.</summary>
internal sealed class TrainingOptimizer : IDisposable
{
    private readonly AdamOptimizer _optimizer;
    private readonly List<Parameter> _parameters;
    private readonly List<(OptimizerGroup Group, Func<long, double> RateAt)> _groups = [];
    private readonly double _clipNorm;

    public TrainingOptimizer(SpeechNetwork network, SpeechTrainingOptions options, long steps)
    {
        List<(string Name, Parameter Parameter)> all = [.. network.named_parameters().Where(p => p.parameter.requires_grad)];
        _parameters = [.. all.Select(p => p.Parameter)];
        Add("encoder", [.. all.Where(p => p.Name.StartsWith(SpeechNetwork.EncoderPrefix, StringComparison.Ordinal))], options.EncoderLearningRate);
        Add("head", [.. all.Where(p => !p.Name.StartsWith(SpeechNetwork.EncoderPrefix, StringComparison.Ordinal))], options.HeadLearningRate);
        _optimizer = new AdamOptimizer([.. _groups.Select(g => g.Group)]);
        _clipNorm = options.GradientClipNorm == 0 ? double.PositiveInfinity : options.GradientClipNorm;

        void Add(string name, List<(string Name, Parameter Parameter)> parameters, double rate)
        {
            var group = new OptimizerGroup(name, parameters) { WeightDecay = options.WeightDecay };
            _groups.Add((group, Schedule(options, rate, steps)));
        }
    }

    public double EncoderLearningRate => _groups[0].Group.Parameters.Count == 0 ? 0 : _groups[0].Group.LearningRate;

    public double HeadLearningRate => _groups[1].Group.LearningRate;

    /// <summary>The moments, by parameter; the tensors stay the optimizer's.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _optimizer.State;

    /// <summary>Replaces the moments by saved ones.</summary>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state) => _optimizer.LoadState(state);

    /// <summary>Divides the gradients by <paramref name="weight"/>, clips them, takes step number <paramref name="step"/> (from 0) and clears them.</summary>
    /// <returns>The total norm before clipping.</returns>
    public double Step(long step, double weight)
    {
        Divide(weight);
        foreach ((OptimizerGroup group, Func<long, double> rateAt) in _groups)
        {
            group.LearningRate = rateAt(step);
        }
        double norm = GradientClipping.Clip(_parameters, _clipNorm);
        _optimizer.Step();
        _optimizer.ClearGradients();
        return norm;
    }

    public void Dispose() => _optimizer.Dispose();

    private static Func<long, double> Schedule(SpeechTrainingOptions options, double rate, long steps)
    {
        long warmUp = (long)Math.Round(options.WarmupRatio * steps);
        switch (options.Schedule)
        {
            case LearningRateDecay.Linear:
                return LearningRateSchedule.Linear(rate, warmUp, steps).RateAt;
            case LearningRateDecay.Cosine:
                return LearningRateSchedule.Cosine(rate, warmUp, steps).RateAt;
            case LearningRateDecay.Exponential:
                LearningRateSchedule up = LearningRateSchedule.Constant(rate, warmUp);
                var down = LearningRateSchedule.ExponentialTo(rate, rate * options.EndLearningRateFactor, Math.Max(1, steps - warmUp));
                return step => step < warmUp ? up.RateAt(step) : down.RateAt(step - warmUp);
            default:
                return LearningRateSchedule.Constant(rate, warmUp).RateAt;
        }
    }

    private void Divide(double weight)
    {
        if (weight is 0 or 1)
        {
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        using Scalar divisor = weight.ToScalar();
        foreach (Parameter parameter in _parameters)
        {
            parameter.grad?.div_(divisor);
        }
    }
}
