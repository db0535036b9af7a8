using SpeechML.Encoders;
using SpeechML.Model;
using SpeechML.Training.Caching;
using static TorchSharp.torch;

namespace SpeechML.Training;

/// <summary>The arithmetic of a network's encoder while it trains.</summary>
internal static class TrainingPrecision
{
    /// <summary>
    /// Sets it, once the network is frozen as it trains. <see cref="SpeechPrecision.Auto"/> means 16 bits below where
    /// anything trains only: no gradient passes there.
    /// </summary>
    public static void Apply(SpeechNetwork network, SpeechPrecision precision)
    {
        Apply(network, EncoderPrecision.TypeOf(precision, network.Device, network.Encoder.Config.HiddenSize),
            frozenOnly: precision == SpeechPrecision.Auto);
    }

    /// <summary>Sets a type of products, in all layers or below where anything trains.</summary>
    internal static void Apply(SpeechNetwork network, ScalarType? type, bool frozenOnly)
    {
        int layers = frozenOnly ? FrozenLayers(network) : int.MaxValue;
        EncoderParameterGroups groups = network.Encoder.Config.Groups;
        EncoderPrecision.Apply(
            network.Encoder, name => groups.LayerOf(name + ".weight") < layers ? type : null, trains: true);
    }

    /// <summary>Layers from below that nothing trains in or under; -1 where the front end trains.</summary>
    private static int FrozenLayers(SpeechNetwork network)
    {
        CachePoint point = EncoderFreezing.Boundary(network);
        return point.Stage switch
        {
            CacheStage.Samples => -1,
            CacheStage.Hidden => point.Layer,
            _ => int.MaxValue,
        };
    }
}
