using System.Text.Json;
using SpeechML.Audio.Options;
using SpeechML.Encoders;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Layers;
using SpeechML.Model.Heads;
using SpeechML.Model.HuggingFace;
using SpeechML.Recordings;
using SpeechML.Training;
using SpeechML.Training.Options;

namespace SpeechML.Model;

/// <summary>
/// Fits options to their encoder before any weights are read, where its configuration is on this machine.
/// </summary>
internal static class EncoderChecks
{
    /// <summary>
    /// Refuses options that no encoder takes and, where the encoder's configuration is on this machine, those that
    /// this one does not. The rest of an encoder that is still to be downloaded is checked by <c>Fit</c>.
    /// </summary>
    /// <exception cref="ArgumentException">An option that does not fit.</exception>
    public static void AtCreation(SpeechTrainingOptions options)
    {
        if (Config(options) is not { } config)
        {
            CheckName(options.Encoder);
            FreezingChecks.Check(options);
            return;
        }
        EncoderConfig facts = EncoderLoader.ReadConfig(config);
        _ = LongAudioLimits.Of(options.LongAudio, facts);
        PythonClassChecks.Check(options, EncoderFamily.Of(new JsonFieldReader(config, "config.json")));
        LayerSelection layers = LayerSelection.Parse(options.Layers).Resolve(facts.LayerCount);
        int built = layers.Needed ?? facts.LayerCount;
        if (options.Head.FrameLayers > 0)
        {
            bool concatenated = options.LayerCombination == LayerCombination.Concatenate;
            FrameTransformer.Check(facts.HiddenSize * (concatenated ? layers.Count : 1), options.Head);
        }
        FreezingChecks.CheckLayers(options, built);
        bool namesModules = FreezingChecks.Names(options).Length > 0;
        if (options.Lora.Rank == 0 && !namesModules && !options.SpecAugment.IsOn)
        {
            return;
        }
        using IDisposable shapes = Weights.ShapesOnly();
        using SpeechEncoder used = EncoderLoader.Create(config, built);
        FreezingChecks.CheckNames(options, used);
        if (options.Lora.Rank > 0)
        {
            _ = LoraChecks.Check(options.Lora, used, EncoderNames.Prefix(used));
        }
        used.CheckMasking(options.SpecAugment);
    }

    /// <summary>The same for a featurizer.</summary>
    /// <exception cref="ArgumentException">An option that does not fit.</exception>
    public static void AtCreation(SpeechEncodingOptions options)
    {
        if (!Directory.Exists(options.Encoder))
        {
            CheckName(options.Encoder);
            return;
        }
        EncoderConfig config = EncoderLoader.ReadConfig(options.Encoder);
        _ = LongAudioLimits.Of(options.LongAudio, config);
        int count = LayerSelection.Parse(options.Layers).Resolve(config.LayerCount).Count;
        if (options.LayerCombination == LayerCombination.WeightedSum)
        {
            OptionChecks.Check(options.Shares().Length == count, nameof(options.LayerWeights),
                $"{count} numbers above 0, one for each of the layers '{options.Layers}'", options.LayerWeights);
        }
    }

    private static void CheckName(string encoder)
    {
        if (!string.IsNullOrWhiteSpace(encoder))
        {
            EncoderLocation.Check(encoder);
        }
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
