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
    public LinearHead(int inputSize, int targets, HeadOptions options, long seed, bool sharedLevels = false)
        : base(nameof(LinearHead))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(targets, 1);
        OptionModel.Of(typeof(HeadOptions)).Validate(options, "Head.");
        using var generator = new Generator((ulong)seed);
        _stacks = new ModuleList<Stack>(
            [.. Enumerable.Range(0, options.PerTarget ? targets : 1)
            .Select(_ => new Stack(inputSize, options.PerTarget || sharedLevels ? 1 : targets, options, generator))]);
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
        Tensor output = _stacks.Count == 1 ? _stacks[0].forward(input)
            : cat([.. _stacks.Select(s => s.forward(input))], 1);
        if (_levelBias is not null)
        {
            output = output.Plus(_levelBias);
        }
        return output.MoveToOuterDisposeScope();
    }
}
