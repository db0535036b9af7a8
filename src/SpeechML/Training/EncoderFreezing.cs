using SpeechML.Encoders;
using SpeechML.Encoders.Adapters;
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

    /// <summary>Up to where the network is frozen.</summary>
    public static CachePoint Boundary(SpeechNetwork network)
    {
        EncoderParameterGroups groups = network.Encoder.Config.Groups;
        int lowest = int.MaxValue;
        foreach ((string name, Parameter parameter) in network.Encoder.named_parameters())
        {
            if (!parameter.requires_grad)
            {
                continue;
            }
            int layer = EncoderParameterGroups.Contains(groups.FinalNorm, name)
                ? Math.Max(0, network.Encoder.BuiltLayers - 1) : groups.LayerOf(name);
            if (layer < 0)
            {
                return CachePoint.Samples;
            }
            lowest = Math.Min(lowest, layer);
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

    /// <summary>The transformer layers (from 0) that the options freeze, of those that were built.</summary>
    internal static HashSet<int> FrozenLayers(SpeechTrainingOptions options, int layers) => options.Freezing switch
    {
        LayerFreezing.None or LayerFreezing.RequiredOnly or LayerFreezing.Optional => [],
        LayerFreezing.Half => [.. Enumerable.Range(0, layers / 2)],
        LayerFreezing.ExcludeLast => [.. Enumerable.Range(0, Math.Max(0, layers - 1))],
        LayerFreezing.All => [.. Enumerable.Range(0, layers)],
        _ => ParseLayers(options.Freezing, layers),
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
            return freezing is not (LayerFreezing.None or LayerFreezing.RequiredOnly);
        }
        // The projection is below every layer: it is frozen as soon as the first layer is.
        return frozenLayers.Contains(0);
    }

    /// <summary>The layers that the option gives by number.</summary>
    /// <exception cref="ArgumentException">An item that begins as a number and is none.</exception>
    internal static int[] LayerNumbers(string freezing) =>
        OptionList.Ranges(string.Join(',', OptionList.Items(freezing).Where(IsRange)),
            nameof(SpeechTrainingOptions.Freezing));

    private static HashSet<int> ParseLayers(string text, int layers)
    {
        int[] numbers = LayerNumbers(text);
        if (numbers.Length > 0 && numbers[^1] >= layers)
        {
            throw new ArgumentException(
                $"Option {nameof(SpeechTrainingOptions.Freezing)}: expected layer numbers and ranges within 0 to " +
                $"{layers - 1} (the layers in use), such as '0-{Math.Max(0, layers - 2)}', got '{text}'.");
        }
        return [.. numbers];
    }

    /// <summary>The modules and parameters that the options name.</summary>
    private static string[] FrozenNames(SpeechTrainingOptions options, SpeechEncoder encoder)
    {
        string[] names = LayerFreezing.Words.Contains(options.Freezing) ? []
            : [.. OptionList.Items(options.Freezing).Where(i => !IsRange(i))];
        string[] parameters = [.. encoder.named_parameters().Select(p => p.name)];
        if (Array.Find(names, n => !parameters.Any(p => EncoderParameterGroups.Contains([n], p))) is { } odd)
        {
            string[] modules = [.. parameters.Select(p => p.Split('.')[0]).Distinct()];
            EncoderParameterGroups groups = encoder.Config.Groups;
            throw new ArgumentException(
                $"Option {nameof(SpeechTrainingOptions.Freezing)}: '{odd}' matches no parameter of the encoder; " +
                $"expected numbers of layers within 0 to {encoder.BuiltLayers - 1}, names such as " +
                $"'{string.Join("', '", modules)}', '{groups.Layers[0]}', or one of " +
                $"{string.Join(", ", LayerFreezing.Words)}.");
        }
        return names;
    }

    /// <summary>Whether an item is a number or range of layers rather than a name.</summary>
    private static bool IsRange(string item) => char.IsAsciiDigit(item[0]);
}
