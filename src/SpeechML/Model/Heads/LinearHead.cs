using SpeechML.Audio.Options;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Model.Heads;

/// <summary>
/// From pooled vectors (batch, input) to raw outputs (batch, targets): logits or numbers, never squashed. Linear layers
/// have PyTorch's default
/// initialisation from a generator of their own, drawn in the order of the layers: the same seed gives the same head
/// whatever else was drawn before.
/// Parameters are <c>stacks.0.layers.K.weight</c>, <c>stacks.0.norms.K.weight</c>, ...; with
/// <see cref="HeadOptions.PerTarget"/> one such stack per target.
/// </summary>
internal sealed class LinearHead : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "stacks")]
    private readonly ModuleList<Stack> _stacks;

    private readonly (long Start, long Length)[][]? _inputs;

    // CORAL's bias of each level.
    [ComponentName(Name = "level_bias")]
    private readonly Parameter? _levelBias;

    /// <summary>Creates the head.</summary>
    /// <param name="inputSize">Size of the pooled vector.</param>
    /// <param name="targets">Outputs per clip.</param>
    /// <param name="options">The layers.</param>
    /// <param name="seed">Seed of the initialisation.</param>
    /// <param name="sharedLevels">One output whose weights all targets share, with a bias for each (CORAL, Cao et al.
    /// 2020).</param>
    /// <param name="inputs">Runs of the input that each target is given, with a stack for each, or one that all targets
    /// are given; <see langword="null"/> for all of it.</param>
    /// <param name="normEpsilon">The epsilon of norms; <see langword="null"/> for PyTorch's.</param>
    public LinearHead(
        int inputSize, int targets, HeadOptions options, long seed, bool sharedLevels = false,
        (long Start, long Length)[][]? inputs = null, double? normEpsilon = null)
        : base(nameof(LinearHead))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(targets, 1);
        OptionModel.Of(typeof(HeadOptions)).Validate(options, "Head.");
        using var generator = new Generator((ulong)seed);
        _inputs = inputs;
        bool apart = options.PerTarget || inputs is { Length: > 1 };
        _stacks = new ModuleList<Stack>(
            [.. Enumerable.Range(0, apart ? targets : 1)
            .Select(k => new Stack(
                inputs is null ? inputSize : (int)inputs[Math.Min(k, inputs.Length - 1)].Sum(r => r.Length),
                apart || sharedLevels ? 1 : targets,
                options, generator, normEpsilon ?? Stack.DefaultEpsilon))]);
        if (sharedLevels)
        {
            // Falling from 1 towards 0, as the authors' code begins: with K targets (K - k) / K.
            using Tensor levels = tensor(
                [.. Enumerable.Range(0, targets).Select(k => (float)(targets - k) / targets)], device: Weights.Device);
            _levelBias = new Parameter(levels);
            _ = _levelBias.DetachFromDisposeScope();
        }
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor output = _stacks.Count == 1 ? _stacks[0].forward(Given(input, 0))
            : cat([.. _stacks.Select((s, k) => s.forward(Given(input, k)))], 1);
        if (_levelBias is not null)
        {
            output = output.Plus(_levelBias);
        }
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>Sets the output layer of a head without hidden layers.</summary>
    /// <param name="target">The target, or all from 0 where they are one stack.</param>
    /// <param name="weight">(inputs, targets of the stack), or (inputs, 1) where levels share it.</param>
    /// <param name="bias">One for each target.</param>
    public void SetOutput(int target, Tensor weight, Tensor bias)
    {
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Stack stack = _stacks[_stacks.Count == 1 ? 0 : target];
        if (_levelBias is null)
        {
            stack.SetOutput(weight, bias);
            return;
        }
        stack.SetOutput(weight, zeros(1));
        _ = _levelBias.copy_(bias);
    }

    /// <summary>Whether every target has a stack of its own.</summary>
    public bool IsApart => _stacks.Count > 1;

    private Tensor Given(Tensor input, int target) => _inputs is null ? input
        : _inputs[Math.Min(target, _inputs.Length - 1)] is [var one] ? input.narrow(1, one.Start, one.Length)
        : cat([.. _inputs[Math.Min(target, _inputs.Length - 1)]
            .Select(r => input.narrow(1, r.Start, r.Length))], 1);
}
