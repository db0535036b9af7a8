using SpeechML.Encoders;
using SpeechML.Encoders.Kernels;
using SpeechML.Model;
using SpeechML.Training.Caching;
using TorchSharp.Modules;

namespace SpeechML.Training;

/// <summary>Freezes what the options say, and finds how far from below nothing trains.</summary>
internal static class EncoderFreezing
{
    /// <summary>Sets <c>requires_grad</c> on every parameter of the network.</summary>
    public static void Apply(SpeechNetwork network, SpeechTrainingOptions options)
    {
        using WeightAccess access = WeightAccess.Begin();
        EncoderParameterGroups groups = network.Encoder.Config.Groups;
        int layers = network.Encoder.BuiltLayers;
        HashSet<int> frozen = FrozenLayers(options, layers);
        string[] names = FrozenNames(options, network.Encoder);
        foreach ((string name, Parameter parameter) in network.Encoder.named_parameters())
        {
            parameter.requires_grad = options.Lora.Rank > 0 ? LoraAdapter.IsAdapterParameter(name)
                : !IsFrozen(name, groups, options.Freezing, frozen, layers)
                && !EncoderParameterGroups.Contains(names, name);
        }
        foreach ((_, Parameter parameter) in network.named_parameters()
            .Where(p => !p.name.StartsWith(SpeechNetwork.EncoderPrefix, StringComparison.Ordinal)))
        {
            parameter.requires_grad = true;
        }
    }

    /// <summary>Freezes all of an encoder.</summary>
    public static void Whole(SpeechEncoder encoder)
    {
        using WeightAccess access = WeightAccess.Begin();
        foreach (Parameter parameter in encoder.parameters())
        {
            parameter.requires_grad = false;
        }
    }

    /// <summary>Up to where the network is frozen.</summary>
    public static CachePoint Boundary(SpeechNetwork network)
    {
        using WeightAccess access = WeightAccess.Begin();
        EncoderParameterGroups groups = network.Encoder.Config.Groups;
        var front = network.Encoder as IConvolutionalEncoder;
        int lowest = int.MaxValue;
        bool between = false;
        foreach ((string name, Parameter parameter) in network.Encoder.named_parameters())
        {
            if (!parameter.requires_grad)
            {
                continue;
            }
            int layer = EncoderParameterGroups.Contains(groups.FinalNorm, name)
                ? Math.Max(0, network.Encoder.BuiltLayers - 1) : groups.LayerOf(name);
            if (layer < 0 && front?.IsOfFrontEnd(name) != false)
            {
                return CachePoint.Samples;
            }
            between |= layer < 0;
            lowest = Math.Min(lowest, layer);
        }
        if (between)
        {
            return CachePoint.FrontEnd;
        }
        if (network.Prompt is not null)
        {
            return CachePoint.Hidden(0);
        }
        if (lowest != int.MaxValue)
        {
            // A hidden state in use below the lowest layer that trains must still come out of what runs.
            return CachePoint.Hidden(Math.Min(lowest, network.LowestLayer));
        }
        if (network.PoolsBeforeMixing)
        {
            return CachePoint.PooledLayers;
        }
        // A pooling or a mix of layers that learns needs frames.
        return network.Mix.Learns || network.FrameHead is not null || network.Pooling.IsLearned
            ? CachePoint.Hidden(network.LowestLayer)
            : CachePoint.Pooled;
    }

    /// <summary>
    /// Up to where the network is frozen before the place of SpecAugment's masks, which are drawn anew in every step.
    /// </summary>
    public static CachePoint MaskedBoundary(SpeechNetwork network) =>
        network.Encoder is IConvolutionalEncoder && Boundary(network).Stage != CacheStage.Samples
            ? CachePoint.FrontEnd : CachePoint.Samples;

    /// <summary>The transformer layers (from 0) that the options freeze, of those that were built.</summary>
    internal static HashSet<int> FrozenLayers(SpeechTrainingOptions options, int layers) => options.Freezing switch
    {
        LayerFreezing.Auto or LayerFreezing.None or LayerFreezing.RequiredOnly or LayerFreezing.Optional => [],
        LayerFreezing.Half => [.. Enumerable.Range(0, layers / 2)],
        LayerFreezing.ExcludeLast => [.. Enumerable.Range(0, Math.Max(0, layers - 1))],
        LayerFreezing.All => [.. Enumerable.Range(0, layers)],
        _ => ParseLayers(options, layers),
    };

    private static bool IsFrozen(
        string name, EncoderParameterGroups groups, string freezing, HashSet<int> frozenLayers, int layers)
    {
        if (freezing == LayerFreezing.All)
        {
            return true;
        }
        int layer = groups.LayerOf(name);
        if (layer >= 0)
        {
            return frozenLayers.Contains(layer);
        }
        if (EncoderParameterGroups.Contains(groups.FinalNorm, name))
        {
            return layers > 0 && frozenLayers.Contains(layers - 1);
        }
        if (EncoderParameterGroups.Contains(groups.FrontEnd, name))
        {
            return freezing != LayerFreezing.None;
        }
        if (EncoderParameterGroups.Contains(groups.Optional, name))
        {
            return freezing is not (LayerFreezing.Auto or LayerFreezing.None or LayerFreezing.RequiredOnly);
        }
        // The projection is below every layer: it is frozen as soon as the first layer is.
        return frozenLayers.Contains(0);
    }

    private static HashSet<int> ParseLayers(SpeechTrainingOptions options, int layers)
    {
        FreezingChecks.CheckLayers(options, layers);
        return [.. FreezingChecks.Numbers(options)];
    }

    /// <summary>The modules and parameters that the options name.</summary>
    private static string[] FrozenNames(SpeechTrainingOptions options, SpeechEncoder encoder)
    {
        FreezingChecks.CheckNames(options, encoder);
        return FreezingChecks.Names(options);
    }
}
