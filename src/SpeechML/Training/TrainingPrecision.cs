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
        SpeechEncoder encoder = network.Encoder;
        ScalarType? type = EncoderPrecision.TypeOf(precision, network.Device, encoder.Config.HiddenSize);
        int frozen = precision == SpeechPrecision.Auto ? FrozenLayers(network) : int.MaxValue;
        EncoderPrecision.Apply(
            encoder, name => encoder.Config.Groups.LayerOf(name + ".weight") < frozen ? type : null, trains: true);
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
