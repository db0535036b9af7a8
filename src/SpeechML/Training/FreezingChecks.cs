using System.Text.Json;
using SpeechML.Audio.Options;
using SpeechML.Encoders;
using SpeechML.Encoders.Adapters;
using SpeechML.Encoders.Kernels;

namespace SpeechML.Training;

/// <summary>Checks of <see cref="SpeechTrainingOptions.Freezing"/>, as far as the encoder is known.</summary>
internal static class FreezingChecks
{
    private const string Option = nameof(SpeechTrainingOptions.Freezing);

    // The least that a family's config.json says. Names of modules do not depend on sizes.
    private const string Sizes = """
        "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 1,
        "conv_dim": [1], "conv_kernel": [1], "conv_stride": [1],
        "d_model": 16, "encoder_layers": 1, "encoder_attention_heads": 1, "encoder_ffn_dim": 1, "num_mel_bins": 80
        """;

    private static readonly Lazy<string[]?> s_modules = new(KnownModules);

    /// <summary>The items of the option that are names of modules or parameters.</summary>
    public static string[] Names(SpeechTrainingOptions options) => LayerFreezing.Words.Contains(options.Freezing)
        ? [] : [.. OptionList.Items(options.Freezing).Where(i => !IsRange(i))];

    /// <summary>The layers that the option gives by number.</summary>
    /// <exception cref="ArgumentException">An item that begins as a number and is none.</exception>
    public static int[] Numbers(SpeechTrainingOptions options) =>
        OptionList.Ranges(string.Join(',', OptionList.Items(options.Freezing).Where(IsRange)), Option);

    /// <summary>
    /// Refuses names that neither are words nor begin with a module of any family of encoders.
    /// </summary>
    public static void Check(SpeechTrainingOptions options)
    {
        if (s_modules.Value is { } modules
            && Array.Find(Names(options), n => !modules.Contains(n.Split('.')[0])) is { } odd)
        {
            throw new ArgumentException(
                $"Option {Option}: expected one of {string.Join(", ", LayerFreezing.Words)}, numbers of layers, or " +
                $"names of modules that begin with '{string.Join("', '", modules)}', got '{odd}'" +
                (NearestName.Find(odd, [.. LayerFreezing.Words, .. modules]) is { Length: > 0 } nearest
                    ? $"; did you mean '{nearest}'?" : "."));
        }
    }

    /// <summary>Refuses numbers of layers that are not in use.</summary>
    public static void CheckLayers(SpeechTrainingOptions options, int layers)
    {
        if (!LayerFreezing.Words.Contains(options.Freezing))
        {
            OptionChecks.Check(Array.TrueForAll(Numbers(options), n => n < layers), Option,
                $"layer numbers and ranges within 0 to {layers - 1} (the layers in use), such as " +
                $"'0-{Math.Max(0, layers - 2)}'", options.Freezing);
        }
    }

    /// <summary>Refuses names that are no module and no parameter of the encoder.</summary>
    public static void CheckNames(SpeechTrainingOptions options, SpeechEncoder encoder)
    {
        using WeightAccess access = WeightAccess.Begin();
        string[] parameters = [.. encoder.named_parameters().Select(p => p.name)];
        if (Array.Find(Names(options), n => !parameters.Any(p => EncoderParameterGroups.Contains([n], p))) is { } odd)
        {
            string[] modules = [.. parameters.Select(p => p.Split('.')[0]).Distinct()];
            EncoderParameterGroups groups = encoder.Config.Groups;
            throw new ArgumentException(
                $"Option {Option}: '{odd}' matches no parameter of the encoder; expected numbers of layers within 0 " +
                $"to {encoder.BuiltLayers - 1}, names such as '{string.Join("', '", modules)}', " +
                $"'{groups.Layers[0]}', or one of {string.Join(", ", LayerFreezing.Words)}.");
        }
    }

    /// <summary>Whether an item is a number or range of layers rather than a name.</summary>
    private static bool IsRange(string item) => char.IsAsciiDigit(item[0]);

    /// <summary>
    /// What the names of parameters begin with, over all families; <see langword="null"/> where one needs more to say
    /// it.
    /// </summary>
    private static string[]? KnownModules()
    {
        try
        {
            return [.. EncoderFamily.All.SelectMany(f => Modules(f.ModelType)).Select(n => n.Split('.')[0]).Distinct()];
        }
        catch (CheckpointException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Modules(string family)
    {
        using var config = JsonDocument.Parse($$"""{"model_type": "{{family}}", {{Sizes}}}""");
        EncoderParameterGroups groups = EncoderLoader.ReadConfig(config.RootElement).Groups;
        return [.. groups.FrontEnd, .. groups.Projection, .. groups.Optional, .. groups.Layers, .. groups.FinalNorm];
    }
}
