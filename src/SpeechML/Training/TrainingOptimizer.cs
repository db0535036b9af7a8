using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Training;

/// <summary>AdamW over two groups, encoder and head, with one schedule and one total gradient norm.</summary>
internal sealed class TrainingOptimizer : IDisposable
{
    private readonly AdamW _optimizer;
    private readonly List<Parameter> _parameters;
    private readonly optim.ILearningRateController? _encoder;
    private readonly optim.ILearningRateController _head;
    private readonly SpeechTrainingOptions _options;
    private readonly long _steps;

    public TrainingOptimizer(SpeechNetwork network, SpeechTrainingOptions options, long steps)
    {
        _options = options;
        _steps = steps;
        List<Parameter> encoder = [.. network.Encoder.parameters().Where(p => p.requires_grad)];
        List<Parameter> head = [.. network.Pooling.parameters().Concat(network.Head!.parameters()).Where(p => p.requires_grad)];
        _parameters = [.. encoder, .. head];
        List<AdamW.ParamGroup> groups = [];
        if (encoder.Count > 0)
        {
            groups.Add(new AdamW.ParamGroup(encoder, options.EncoderLearningRate, weight_decay: options.WeightDecay));
        }
        groups.Add(new AdamW.ParamGroup(head, options.HeadLearningRate, weight_decay: options.WeightDecay));
        _optimizer = optim.AdamW(groups, options.HeadLearningRate, weight_decay: options.WeightDecay);
        optim.ILearningRateController[] controllers = [.. _optimizer.ParamGroups];
        _encoder = encoder.Count > 0 ? controllers[0] : null;
        _head = controllers[^1];
    }

    public double EncoderLearningRate => _encoder?.LearningRate ?? 0;

    public double HeadLearningRate => _head.LearningRate;

    /// <summary>Divides the gradients by <paramref name="weight"/>, clips them, takes step number <paramref name="step"/> (from 0) and clears them.</summary>
    /// <returns>The total norm before clipping.</returns>
    public double Step(long step, double weight)
    {
        double factor = RateFactor(_options, step, _steps);
        if (_encoder is not null)
        {
            _encoder.LearningRate = _options.EncoderLearningRate * factor;
        }
        _head.LearningRate = _options.HeadLearningRate * factor;

        double norm;
        using (DisposeScope scope = NewDisposeScope())
        using (no_grad())
        {
            if (weight is not 0 and not 1)
            {
                Tensor divisor = tensor(weight, _parameters[0].dtype, _parameters[0].device);
                foreach (Parameter parameter in _parameters)
                {
                    parameter.grad?.div_(divisor);
                }
            }
            double limit = _options.GradientClipNorm == 0 ? double.PositiveInfinity : _options.GradientClipNorm;
            norm = nn.utils.clip_grad_norm_(_parameters, limit);
            _optimizer.step();
            _optimizer.zero_grad();
        }
        return norm;
    }

    public void Dispose() => _optimizer.Dispose();

    /// <summary>Share of the peak rate in a step: transformers' <c>get_*_schedule_with_warmup</c>, whose first warm-up step has rate 0.</summary>
    internal static double RateFactor(SpeechTrainingOptions options, long step, long steps)
    {
        long warmup = (long)Math.Round(options.WarmupRatio * steps);
        if (step < warmup)
        {
            return step / (double)warmup;
        }
        double done = (step - warmup) / (double)Math.Max(1, steps - warmup);
        return options.Schedule switch
        {
            LearningRateSchedule.Linear => 1 - done,
            LearningRateSchedule.Cosine => 0.5 * (1 + Math.Cos(Math.PI * done)),
            _ => 1,
        };
    }
}
