using Microsoft.ML.Runtime;
using SpeechML.Encoders;
using TorchSharp;

namespace SpeechML.Model;

/// <summary>Says once in a process that a precision is slower here than float32.</summary>
internal static class PrecisionWarning
{
    private static int s_said;

    /// <summary>Warns where it is so and was not said yet.</summary>
    public static void Once(IHostEnvironment env, SpeechPrecision precision, torch.Device device)
    {
        if (EncoderPrecision.Slowness(precision, device) is { } message && Interlocked.Exchange(ref s_said, 1) == 0)
        {
            using IChannel channel = env.Start("Precision");
            channel.Warning("{0}", message);
        }
    }
}
