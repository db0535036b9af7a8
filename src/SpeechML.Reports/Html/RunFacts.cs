using System.Globalization;
using SpeechML.Runs;
using SpeechML.Runs.Comparison;
using SpeechML.Training.Probing;

namespace SpeechML.Reports.Html;

/// <summary>What a run is, in a few lines: encoder, what trained, data, best epoch.</summary>
internal static class RunFacts
{
    private const string OfInitialModel = "the layers of the initial model";

    public static IEnumerable<(string Name, string Value)> Of(SpeechRun run)
    {
        IReadOnlyList<RunSettings.Setting> settings = RunSettings.Of(run);
        string encoder = settings.Value("encoder");
        if (encoder.Length > 0)
        {
            string layers = LayersOf(settings);
            yield return ("Encoder", encoder + (layers.Length > 0 ? $", {Layers(layers)}" : ""));
        }
        yield return ("Trained", Trained(settings));
        foreach ((string name, string value) in Parts(run))
        {
            yield return (name, value);
        }
        if (run.Epochs.Count > 0)
        {
            RunEpoch last = run.Epochs[^1];
            string epochs = FormattableString.Invariant($"{last.Epoch} of {last.Epochs} epochs");
            yield return ("Length", last.BestEpoch is { } best
                ? FormattableString.Invariant($"{epochs}; best on the validation data: epoch {best}") : epochs);
        }
    }

    /// <summary>Each part with its clips and subjects, and the validation data where nobody recorded them.</summary>
    private static IEnumerable<(string Name, string Value)> Parts(SpeechRun run)
    {
        foreach ((string part, RunData data) in run.RunEnvironment.Data)
        {
            yield return (char.ToUpperInvariant(part[0]) + part[1..],
                MetricText.Clips(data.Rows, data.Subjects, ", subjects not known"));
        }
        if (RunGaps.LacksValidation(run))
        {
            yield return ("Validation", "used to choose the epoch, but not recorded");
        }
    }

    /// <summary>The setting, or what <c>auto</c> stood for where no layers were looked for.</summary>
    private static string LayersOf(IReadOnlyList<RunSettings.Setting> settings)
    {
        string layers = settings.Value("layers");
        return layers != EncoderLayers.Auto ? layers
            : settings.Value("initialModel.path").Length > 0 ? OfInitialModel
            : AutoSettings.WhyLast(
                settings.Value("pooling"), Number("softPrompt.tokens"), Number("head.frameLayers")).Length > 0
                ? EncoderLayers.Last : layers;

        int Number(string name) => int.TryParse(
            settings.Value(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : 0;
    }

    private static string Layers(string layers) => layers switch
    {
        EncoderLayers.Last => "last layer",
        EncoderLayers.Auto => "layers chosen on the training clips",
        OfInitialModel => OfInitialModel,
        "all" => "all layers",
        _ when layers.All(char.IsAsciiDigit) => $"layer {layers}",
        _ => $"layers {layers}",
    };

    private static string Trained(IReadOnlyList<RunSettings.Setting> settings)
    {
        string rank = settings.Value("lora.rank"), tokens = settings.Value("softPrompt.tokens"),
            freezing = settings.Value("freezing");
        if (freezing == LayerFreezing.Auto)
        {
            freezing = LayersOf(settings) == EncoderLayers.Auto ? LayerFreezing.All : LayerFreezing.RequiredOnly;
        }
        string what = rank is not ("" or "0") ? $"LoRA adapters of rank {rank} and the head; the encoder is frozen"
            : freezing switch
            {
                LayerFreezing.All => "the head; the encoder is frozen",
                LayerFreezing.None => "the whole encoder and the head",
                LayerFreezing.RequiredOnly => "the encoder without its front end, and the head",
                LayerFreezing.Optional => "the encoder's layers, and the head",
                LayerFreezing.Half => "the upper half of the encoder's layers, and the head",
                LayerFreezing.ExcludeLast => "the encoder's highest layer, and the head",
                "" => "not known",
                _ => $"the encoder without {freezing}, and the head",
            };
        return tokens is "" or "0" ? what : $"{what}; {tokens} prompt vectors";
    }
}
