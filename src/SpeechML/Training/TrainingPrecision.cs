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
        CachePoint point = frozenOnly ? EncoderFreezing.Boundary(network) : CachePoint.Pooled;
        EncoderPrecision.Apply(
            network.Encoder, name => IsBefore(point, network.Encoder, name + ".weight") ? type : null, trains: true);
    }

    /// <summary>Whether a weight is at work before a point only.</summary>
    private static bool IsBefore(CachePoint point, SpeechEncoder encoder, string weight) => point.Stage switch
    {
        CacheStage.Samples => false,
        CacheStage.FrontEnd => ((IConvolutionalEncoder)encoder).IsOfFrontEnd(weight),
        CacheStage.Hidden => encoder.Config.Groups.LayerOf(weight) < point.Layer,
        _ => true,
    };
}
