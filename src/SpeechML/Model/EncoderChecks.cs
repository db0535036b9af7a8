using System.Text.Json;
using SpeechML.Encoders;
using SpeechML.Encoders.Layers;
using SpeechML.Training.Options;

namespace SpeechML.Model;

/// <summary>
/// Fits options to their encoder before anything is read from it, where its configuration is on this machine.
/// </summary>
internal static class EncoderChecks
{
    /// <summary>
    /// Refuses adapter options that name what the encoder does not have. An encoder that is still to be downloaded is
    /// checked by <c>Fit</c>.
    /// </summary>
    /// <exception cref="ArgumentException">An option that does not fit.</exception>
    public static void AtCreation(SpeechTrainingOptions options)
    {
        if (options.Lora.Rank == 0 || Config(options) is not { } config)
        {
            return;
        }
        LayerSelection layers = LayerSelection.Parse(options.Layers);
        using IDisposable shapes = Weights.ShapesOnly();
        using SpeechEncoder whole = EncoderLoader.Create(config);
        using SpeechEncoder used = EncoderLoader.Create(config, layers.Resolve(whole.Config.LayerCount).Needed);
        _ = LoraChecks.Check(options.Lora, used, EncoderNames.Prefix(used));
    }

    private static JsonElement? Config(SpeechTrainingOptions options)
    {
        if (Directory.Exists(options.Encoder))
        {
            using CheckpointFolder folder = CheckpointFolder.Open(options.Encoder);
            return folder.Config;
        }
        return string.IsNullOrWhiteSpace(options.Encoder)
            ? SavedModels.ReadFacts(options.InitialModel.Path).EncoderConfig
            : null;
    }
}
