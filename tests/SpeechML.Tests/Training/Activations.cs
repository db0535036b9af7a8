using SpeechML.Model;
using SpeechML.Training;
using SpeechML.Training.Caching;

namespace SpeechML.Tests.Training;

/// <summary>What a training set keeps of a network.</summary>
internal static class Activations
{
    /// <summary>As trainers make it, without a cache that is shared.</summary>
    public static ActivationSource? Source(SpeechNetwork network) =>
        EncoderFreezing.Boundary(network) is { Stage: not CacheStage.Samples } point
            ? new ActivationSource(network, point) : null;
}
