using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Model.Pooling;

/// <summary>Combines hidden states of several layers into one.</summary>
internal sealed class LayerMix : nn.Module
{
    [ComponentName(Name = "weights")]
    private readonly Parameter? _weights;

    private readonly LayerCombination _combination;
    private readonly int _layers;

    /// <param name="combination">How.</param>
    /// <param name="layers">How many hidden states.</param>
    public LayerMix(LayerCombination combination, int layers)
        : base(nameof(LayerMix))
    {
        _combination = combination;
        _layers = layers;
        if (combination == LayerCombination.WeightedSum && layers > 1)
        {
            using Tensor values = zeros(layers, device: Weights.Device);
            _weights = new Parameter(values);
            _ = _weights.DetachFromDisposeScope();
        }
        RegisterComponents();
    }

    /// <summary>Whether it has weights to learn.</summary>
    public bool Learns => _weights is not null;

    /// <summary>Times that the vector grows.</summary>
    public int Width => _combination == LayerCombination.Concatenate ? _layers : 1;

    /// <summary>Combines vectors along their last dimension's elements.</summary>
    /// <param name="states">One tensor per layer, all (..., size).</param>
    /// <returns>(..., size times <see cref="Width"/>); the tensor itself where there is only one.</returns>
    public Tensor Mix(IReadOnlyList<Tensor> states)
    {
        if (states.Count == 1)
        {
            return states[0].alias();
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor result = _combination switch
        {
            LayerCombination.Concatenate => cat([.. states], -1),
            LayerCombination.WeightedSum => Weighted(states, nn.functional.softmax(_weights!, 0)),
            _ => Sum(states).div(Scalars.Of((double)states.Count)),
        };
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Sets fixed shares, scaled to sum to 1.</summary>
    /// <exception cref="ArgumentException">Not one share per layer.</exception>
    public void SetShares(float[] shares)
    {
        if (shares.Length != _layers || _weights is null)
        {
            throw new ArgumentException(
                $"Option {nameof(SpeechEncodingOptions.LayerWeights)}: expected {_layers} numbers, one for each " +
                $"layer in use, got {shares.Length}.", nameof(shares));
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        // A softmax of logarithms gives back the shares.
        _ = _weights.copy_(tensor(shares).log());
    }

    /// <summary>The share of each layer, for reports: softmax of the weights, or equal.</summary>
    public float[] Shares()
    {
        using DisposeScope scope = NewDisposeScope();
        return _weights is null
            ? [.. Enumerable.Repeat(1f / _layers, _layers)]
            : nn.functional.softmax(_weights.detach().cpu(), 0).data<float>().ToArray();
    }

    private static Tensor Weighted(IReadOnlyList<Tensor> states, Tensor shares)
    {
        Tensor sum = states[0] * shares[0];
        for (int i = 1; i < states.Count; i++)
        {
            sum = sum.Plus(states[i] * shares[i]);
        }
        return sum;
    }

    private static Tensor Sum(IReadOnlyList<Tensor> states)
    {
        Tensor sum = states[0];
        for (int i = 1; i < states.Count; i++)
        {
            sum = sum.Plus(states[i]);
        }
        return sum;
    }
}
