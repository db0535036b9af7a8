using SpeechML.Encoders;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Training;

/// <summary>
/// AdamW over the encoder (one group per layer where rates differ by layer) and the head, with their schedules and one
/// total gradient norm.
/// </summary>
internal sealed class TrainingOptimizer : IDisposable
{
    private readonly AdamOptimizer _optimizer;
    private readonly List<Parameter> _parameters;
    private readonly List<Group> _groups = [];
    private readonly double _clipNorm;
    private readonly PlateauSchedule? _plateau;
    private readonly SpeechMetric _plateauMetric;

    /// <param name="network">The network, frozen as it trains.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="steps">Optimizer steps of the run.</param>
    /// <param name="stepsPerEpoch">Optimizer steps of an epoch.</param>
    public TrainingOptimizer(SpeechNetwork network, SpeechTrainingOptions options, long steps, int stepsPerEpoch)
    {
        using WeightAccess access = WeightAccess.Begin();
        EncoderPrecision.KeepLearning(network.Encoder);
        List<(string Name, Parameter Parameter)> all =
            [.. network.named_parameters().Where(p => p.parameter.requires_grad)];
        _parameters = [.. all.Select(p => p.Parameter)];
        foreach (var depth in all.Where(p => IsEncoder(p.Name))
            .GroupBy(p => LayersAbove(p.Name[SpeechNetwork.EncoderPrefix.Length..], network, options))
            .OrderBy(g => g.Key))
        {
            Add(true, $"encoder, {depth.Key} layers below the highest", [.. depth], options.Schedule.Decay,
                options.EncoderRateInUse * Math.Pow(options.Optimizer.LayerDecay, depth.Key));
        }
        Add(false, "head", [.. all.Where(p => !IsEncoder(p.Name))],
            options.Schedule.HeadDecay == LearningRateDecay.AsEncoder ? options.Schedule.Decay
                : options.Schedule.HeadDecay,
            options.HeadLearningRate);
        _optimizer = new AdamOptimizer([.. _groups.Select(g => g.Parameters)]);
        Scaling = options.Precision == SpeechPrecision.Float16 ? new LossScale() : null;
        _clipNorm = options.Optimizer.ClipNorm == 0 ? double.PositiveInfinity : options.Optimizer.ClipNorm;
        _plateauMetric = options.WatchedMetric;
        _plateau = options.Schedule.UsesPlateau
            ? new PlateauSchedule(1, options.Schedule.PlateauFactor, options.Schedule.PlateauPatience,
                _plateauMetric.LowerIsBetter)
            : null;

        void Add(bool encoder, string name, List<(string Name, Parameter Parameter)> parameters,
            LearningRateDecay decay, double rate)
        {
            var group = new OptimizerGroup(name, parameters)
            {
                WeightDecay = options.Optimizer.WeightDecay,
                Beta1 = options.Optimizer.Beta1,
                Beta2 = options.Optimizer.Beta2,
                Epsilon = options.Optimizer.Epsilon
            };
            _groups.Add(new Group(encoder, group, TrainingSchedule.Create(options, decay, rate, steps, stepsPerEpoch),
                decay == LearningRateDecay.Plateau));
        }
    }

    /// <summary>The rate of the encoder's highest part that trains; 0 where none does.</summary>
    public double EncoderLearningRate => _groups.Find(g => g.IsEncoder)?.Parameters.LearningRate ?? 0;

    public double HeadLearningRate => _groups[^1].Parameters.LearningRate;

    /// <summary>What the plateau rule remembers; <see langword="null"/> without one.</summary>
    public PlateauState? Plateau
    {
        get => _plateau?.State;
        set
        {
            if (_plateau is not null && value is not null)
            {
                _plateau.State = value;
            }
        }
    }

    /// <summary>The moments, by parameter; the tensors stay the optimizer's.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _optimizer.State;

    /// <summary>Replaces the moments by saved ones.</summary>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state) => _optimizer.LoadState(state);

    /// <summary>The scale of the loss, which the gradients come with; <see langword="null"/> for none.</summary>
    public LossScale? Scaling { get; }

    /// <summary>
    /// Divides the gradients by <paramref name="weight"/> (and by <see cref="Scaling"/>), clips them, and sets the
    /// rates of step number <paramref name="step"/> (from 0).
    /// </summary>
    /// <param name="step">Its number.</param>
    /// <param name="weight">A scalar on the device of the gradients; 0 where nothing contributed.</param>
    /// <returns>The total norm before clipping, a scalar there too, in the caller's dispose scope.</returns>
    public Tensor Prepare(long step, Tensor weight)
    {
        Divide(weight);
        foreach (Group group in _groups)
        {
            group.Parameters.LearningRate = group.RateAt(step) * (group.WaitsForPlateau ? _plateau!.Rate : 1);
        }
        return GradientClipping.Clip(_parameters, _clipNorm);
    }

    /// <summary>As <see cref="Prepare"/>, and takes the step.</summary>
    /// <inheritdoc cref="Prepare"/>
    public Tensor Step(long step, Tensor weight)
    {
        Tensor norm = Prepare(step, weight);
        Step();
        return norm;
    }

    /// <summary>Takes the step that <see cref="Prepare"/> prepared, and clears the gradients.</summary>
    public void Step()
    {
        _optimizer.Step();
        _optimizer.ClearGradients();
    }

    /// <summary>Clears the gradients without a step.</summary>
    public void Skip() => _optimizer.ClearGradients();

    public void Dispose() => _optimizer.Dispose();

    /// <summary>Takes the metrics of an epoch; a plateau lowers the rates of those after it.</summary>
    public void EndEpoch(ValidationMetrics? validation)
    {
        if (validation is not null)
        {
            _plateau?.Report(validation[_plateauMetric].Value ?? double.NaN);
        }
    }

    private static bool IsEncoder(string name) =>
        name.StartsWith(SpeechNetwork.EncoderPrefix, StringComparison.Ordinal);

    /// <summary>
    /// How many layers are above a parameter of the encoder; 0 for all where the rate does not depend on it.
    /// </summary>
    private static int LayersAbove(string name, SpeechNetwork network, SpeechTrainingOptions options)
    {
        if (options.Optimizer.LayerDecay == 1)
        {
            return 0;
        }
        EncoderParameterGroups groups = network.Encoder.Config.Groups;
        int layers = network.Encoder.BuiltLayers;
        int layer = EncoderParameterGroups.Contains(groups.FinalNorm, name) ? layers - 1 : groups.LayerOf(name);
        return layers - 1 - layer;
    }

    private void Divide(Tensor weight)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        // A gradient of nothing is 0 and stays so.
        Tensor divisor = weight.masked_fill(weight == Scalars.Of(0), Scalars.Of(1));
        if (Scaling is { } scaling)
        {
            divisor = divisor.mul(Scalars.Of(scaling.Value));
        }
        if (DeviceReads.AreFree(weight) && divisor.item<double>() == 1)
        {
            return;
        }
        foreach (Parameter parameter in _parameters)
        {
            parameter.grad?.div_(divisor);
        }
    }

    private sealed record Group(
        bool IsEncoder, OptimizerGroup Parameters, Func<long, double> RateAt, bool WaitsForPlateau);
}
