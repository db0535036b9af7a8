using System.Runtime.InteropServices;
using System.Text.Json;
using SpeechML.Encoders;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML;

/// <summary>Builds encoders from Hugging Face folders, or from the text of a <c>config.json</c> alone.</summary>
public static class EncoderLoader
{
    /// <summary>Loads a pretrained encoder, in evaluation mode, on the CPU, in float32.</summary>
    /// <param name="folder">A folder in Hugging Face layout: <c>config.json</c>, weights, and
    /// <c>preprocessor_config.json</c> where there is one.</param>
    /// <param name="layers">Transformer layers to build, from the first up; <see langword="null"/> for all.</param>
    /// <param name="context">How much audio a Whisper encoder is shown for a short clip.</param>
    /// <exception cref="CheckpointException">
    /// A file is broken, the configuration asks for what is not supported, or the weights are not those of the
    /// configured encoder. The message names
    /// the file, the field or tensor, what was expected and what was found.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="layers"/> is negative or more than the model
    /// has.</exception>
    public static SpeechEncoder Load(
        string folder, int? layers = null, WhisperContext context = WhisperContext.Exact30Seconds)
    {
        using WeightAccess access = WeightAccess.Begin();
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder);
        (EncoderFamily family, EncoderConfig facts, FeatureExtractorSettings features) = ReadFacts(checkpoint);
        var source = new EncoderSource(checkpoint.Config.GetRawText(), features, context);
        int built = LayersToBuild(facts, layers);
        Dictionary<string, string> sources = Match(family, facts, source, built, checkpoint);
        SpeechEncoder encoder = Build(family, facts, source, built);
        try
        {
            WeightImporter.Fill(encoder, checkpoint, sources);
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
        return encoder;
    }

    /// <summary>Reads what a folder says about its encoder, and no weights.</summary>
    /// <param name="folder">A folder in Hugging Face layout.</param>
    /// <exception cref="CheckpointException">As for <see cref="Load"/>.</exception>
    public static EncoderConfig ReadConfig(string folder)
    {
        using CheckpointFolder checkpoint = CheckpointFolder.Open(folder);
        return ReadFacts(checkpoint).Facts;
    }

    /// <summary>Reads what a <c>config.json</c> says, with the default feature extractor.</summary>
    internal static EncoderConfig ReadConfig(JsonElement config)
    {
        var reader = new JsonFieldReader(config, CheckpointFolder.ConfigFile);
        return EncoderFamily.Of(reader).Parse(reader, FeatureExtractorSettings.Default);
    }

    /// <summary>
    /// Builds an encoder, in evaluation mode, whose weights are not initialised; <see cref="Fill"/> gives them.
    /// </summary>
    /// <param name="config">The content of <c>config.json</c>.</param>
    /// <param name="layers">Transformer layers to build, from the first up; <see langword="null"/> for all.</param>
    /// <param name="context">How much audio a Whisper encoder is shown for a short clip.</param>
    /// <param name="features">What <c>preprocessor_config.json</c> says; <see langword="null"/> for Hugging Face's
    /// defaults.</param>
    /// <exception cref="CheckpointException">The configuration is incomplete or asks for what is not
    /// supported.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="layers"/> is negative or more than the model
    /// has.</exception>
    public static SpeechEncoder Create(
        JsonElement config,
        int? layers = null,
        WhisperContext context = WhisperContext.Exact30Seconds,
        FeatureExtractorSettings? features = null)
    {
        features ??= FeatureExtractorSettings.Default;
        EncoderConfig facts = ReadConfig(config, features);
        EncoderFamily family = EncoderFamily.Of(new JsonFieldReader(config, CheckpointFolder.ConfigFile));
        return Build(family, facts, new EncoderSource(config.GetRawText(), features, context),
            LayersToBuild(facts, layers));
    }

    /// <summary>Finds an encoder's tensors in a checkpoint, before an encoder of such a size is made.</summary>
    /// <param name="encoder">An encoder, whose tensors need no memory.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    internal static Dictionary<string, string> Match(SpeechEncoder encoder, CheckpointFolder checkpoint) =>
        WeightImporter.Match(encoder, checkpoint,
            EncoderFamily.All.Single(family => family.ModelType == encoder.Config.ModelType).Prefixes);

    private static Dictionary<string, string> Match(
        EncoderFamily family, EncoderConfig facts, EncoderSource source, int built, CheckpointFolder checkpoint)
    {
        // Each layer has several tensors; more layers than tensors need not be laid out to be refused.
        if (built > checkpoint.Tensors.Count)
        {
            throw new CheckpointException(
                checkpoint.WeightsPath, null, $"tensors of the {built} layers that config.json has",
                $"{checkpoint.Tensors.Count} tensors");
        }
        using IDisposable shapes = Weights.ShapesOnly();
        using SpeechEncoder planned = Build(family, facts, source, built);
        return WeightImporter.Match(planned, checkpoint, family.Prefixes);
    }

    /// <summary>Reads the content of a <c>config.json</c>, and builds nothing.</summary>
    internal static EncoderConfig ReadConfig(JsonElement config, FeatureExtractorSettings features)
    {
        if (config.ValueKind != JsonValueKind.Object)
        {
            throw new CheckpointException(
                CheckpointFolder.ConfigFile, null, "an object", config.ValueKind.ToString().ToLowerInvariant());
        }
        var reader = new JsonFieldReader(config, CheckpointFolder.ConfigFile);
        return EncoderFamily.Of(reader).Parse(reader, features);
    }

    /// <summary>Reads what an open folder says about its encoder.</summary>
    internal static (EncoderFamily Family, EncoderConfig Facts, FeatureExtractorSettings Features) ReadFacts(
        CheckpointFolder checkpoint)
    {
        var config = new JsonFieldReader(checkpoint.Config, Path.Combine(checkpoint.Path, CheckpointFolder.ConfigFile));
        JsonFieldReader? preprocessor = checkpoint.PreprocessorConfig is { } json
            ? new JsonFieldReader(json, checkpoint.PreprocessorPath!) : null;
        EncoderFamily family = EncoderFamily.Of(config);
        FeatureExtractorSettings features = preprocessor is { } settings ? FeatureExtractorSettings.Parse(settings)
            : FeatureExtractorSettings.Default;
        EncoderConfig facts = family.Parse(config, features);
        if (preprocessor is { } fields)
        {
            family.CheckPreprocessor(fields, facts);
        }
        return (family, facts, features);
    }

    /// <summary>Fills every parameter and buffer of an encoder, one at a time.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="read">Gives the tensor of a name in the encoder's <c>state_dict</c>; it is disposed here.</param>
    /// <exception cref="CheckpointException">A tensor has another shape than the encoder's.</exception>
    public static void Fill(SpeechEncoder encoder, Func<string, Tensor> read)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(read);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        // Until all are written: a product beside it would pack what is still to be filled.
        using WeightAccess access = WeightAccess.Begin();
        foreach ((string name, Tensor target) in encoder.state_dict())
        {
            using Tensor value = Read(name);
            if (!value.shape.AsSpan().SequenceEqual(target.shape))
            {
                throw new CheckpointException(
                    $"Tensor '{name}' of encoder '{encoder.Config.ModelType}': expected shape " +
                    $"{WeightImporter.Shape(target.shape)}, got {WeightImporter.Shape(value.shape)}.");
            }
            _ = target.copy_(value);
        }

        Tensor Read(string name)
        {
            using IDisposable others = WeightAccess.Leave();
            return read(name);
        }
    }

    private static int LayersToBuild(EncoderConfig facts, int? layers)
    {
        int built = layers ?? facts.LayerCount;
        if (built < 0 || built > facts.LayerCount)
        {
            throw new ArgumentOutOfRangeException(nameof(layers),
                $"Layers to build of encoder '{facts.ModelType}': expected a number from 0 to {facts.LayerCount}, " +
                $"got {built}.");
        }
        return built;
    }

    private static SpeechEncoder Build(EncoderFamily family, EncoderConfig facts, EncoderSource source, int layers)
    {
        try
        {
            SpeechEncoder encoder = family.Build(facts, source, layers);
            encoder.eval();
            return encoder;
        }
        // torch's word for a tensor that no memory can hold.
        catch (ExternalException error)
        {
            throw new CheckpointException(
                CheckpointFolder.ConfigFile, null,
                $"sizes of an encoder '{facts.ModelType}' that can be built", $"others: {FirstLine(error)}", error);
        }
    }

    private static string FirstLine(ExternalException error)
    {
        string message = error.Message.Split('\n', 2)[0];
        return CheckpointException.Shorten(message).TrimEnd('.');
    }
}
