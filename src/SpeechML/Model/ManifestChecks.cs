using System.Text;
using System.Text.RegularExpressions;
using System.Runtime.InteropServices;
using SpeechML.Audio.Options;
using SpeechML.Data.DataViews;
using SpeechML.Encoders.Layers;
using SpeechML.Recordings;

namespace SpeechML.Model;

/// <summary>
/// Compares what a saved model's <c>model.json</c> says with the weights beside it, before anything of such a size is
/// made.
/// </summary>
internal static class ManifestChecks
{
    // What a parser makes of a text is many times its size; 10,000 labels have less than a tenth.
    private const int MaxLength = 1 << 22; // bytes

    // So few need no weights to be laid out: what is missing is then named.
    private const int FewLayers = 64;
    private const int FewOutputs = 4096;

    // A frame's vector is widened by factors up to this before it meets a weight.
    private const int MaxWidening = 16;

    /// <summary>Reads the text of <c>model.json</c>.</summary>
    /// <param name="stream">The text in UTF-8, perhaps compressed.</param>
    /// <param name="file">What messages call it.</param>
    /// <exception cref="FormatException">It is longer than any model's.</exception>
    public static string ReadText(Stream stream, string file)
    {
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[1 << 14];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > MaxLength)
            {
                throw new FormatException(
                    $"Speech model: '{file}': expected at most {MaxLength} bytes, got more.");
            }
        }
        bytes.Position = 0;
        using var reader = new StreamReader(bytes, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Refuses fields that contradict each other or the number of tensors.</summary>
    /// <param name="facts">The fields.</param>
    /// <param name="weights">The tensors of the head, or of the whole network.</param>
    /// <exception cref="FormatException">A field is out of its range; names it.</exception>
    /// <exception cref="CheckpointException">The encoder's configuration is wrong.</exception>
    public static void Check(ModelManifest facts, IReadOnlyDictionary<string, TensorEntry> weights)
    {
        EncoderConfig encoder = EncoderLoader.ReadConfig(facts.EncoderConfig, facts.Features);
        int rate = FeatureExtractorSettings.Default.SampleRate;
        Require(facts.Features.SampleRate == rate, "features.sampleRate", $"{rate}", facts.Features.SampleRate);
        Require(facts.BuiltLayers >= 0 && facts.BuiltLayers <= encoder.LayerCount, "builtLayers",
            $"0 to {encoder.LayerCount}, the layers of the encoder", facts.BuiltLayers);
        CheckDefined(facts.WhisperContext, "whisperContext");
        Require(facts.WhisperContext != WhisperContext.Auto, "whisperContext", "what the model was trained with",
            facts.WhisperContext);
        CheckDefined(facts.Precision, "precision");
        _ = SpeechPooling.IsLearned(facts.Pooling); // known, or an error that says what to register
        CheckDefined(facts.Output, "output");
        CheckDefined(facts.LayerCombination, "layerCombination");
        if (facts.Ordinal is { } ordinal)
        {
            _ = OrdinalLoss.Create(ordinal);
        }
        CheckLayers(facts, encoder);
        if (facts.LongAudio is { } longAudio)
        {
            CheckDefined(longAudio.Rule, "longAudio.rule");
            CheckDefined(longAudio.Combination, "longAudio.combination");
            Valid("longAudio", () =>
            {
                OptionModel.Of(typeof(LongAudioOptions)).Validate(longAudio, "LongAudio.");
                _ = LongAudioLimits.Of(longAudio, encoder);
            });
        }
        if (facts.SoftPrompt is { } prompt)
        {
            Valid("softPrompt", prompt.Validate);
        }
        if (facts.Head is { } head)
        {
            Valid("head", () => OptionModel.Of(typeof(HeadOptions)).Validate(head, "Head."));
            CheckHead(facts, head, weights);
        }
        if (facts.Labels is { } labels)
        {
            CheckValues(labels);
        }
        if (facts.Speaker is { } speaker)
        {
            Require(speaker is { Channels: not null, Kernels: not null, Dilations: not null }
                && speaker.Channels.Length <= Math.Max(FewLayers, weights.Count) && facts.Head is null,
                "speaker", "sizes of layers, and no head", "others");
            if (speaker.Fault() is { } fault)
            {
                throw Wrong($"speaker ({fault.Field})", fault.Expected, fault.Got, null);
            }
        }
        if (facts.HeadForm is { } form)
        {
            CheckDefined(form, "headForm");
        }
    }

    /// <summary>Refuses a model with a head.</summary>
    public static void CheckFeaturizer(ModelManifest facts) =>
        Require(facts.Head is null, "head", "none, because the transformer gives features", "one");

    /// <summary>Refuses a model that has not one output.</summary>
    /// <exception cref="FormatException">There is no head, or its outputs are none or several.</exception>
    public static void CheckScalar(ModelManifest facts)
    {
        CheckHasHead(facts);
        Require(facts.Outputs == 1, "outputs", "1", facts.Outputs);
    }

    /// <summary>Refuses a model that gives several numbers without labels.</summary>
    /// <exception cref="FormatException">There is no head, or there are fewer labels than numbers.</exception>
    public static void CheckNumbers(ModelManifest facts)
    {
        if (facts.Outputs == 1)
        {
            CheckScalar(facts);
            return;
        }
        CheckLabels(facts);
    }

    /// <summary>Refuses a model whose outputs are not named one by one.</summary>
    /// <exception cref="FormatException">There is no head, or there are not as many labels as outputs.</exception>
    public static void CheckLabels(ModelManifest facts)
    {
        CheckHasHead(facts);
        Require(facts.Labels is not null, "labels", $"those of {facts.Outputs} outputs", "none");
        int labels = facts.Labels!.Values?.Length ?? 0;
        int outputs = facts.Ordinal is { } ordinal ? OrdinalLoss.Create(ordinal).Outputs(labels) : labels;
        Require(outputs == facts.Outputs, "labels", $"as many as {facts.Outputs} outputs have", $"{labels}");
    }

    private static void CheckHasHead(ModelManifest facts) => Require(facts.Head is not null, "head", "one", "none");

    /// <summary>
    /// Builds a network of the same names and shapes that takes no memory, and has it compared with the weights.
    /// </summary>
    /// <param name="build">Builds the network.</param>
    /// <param name="check">Compares it.</param>
    /// <exception cref="FormatException">The fields describe a network that cannot be built.</exception>
    public static void Plan(Func<SpeechNetwork> build, Action<SpeechNetwork> check)
    {
        using IDisposable shapes = Weights.ShapesOnly();
        SpeechNetwork planned;
        try
        {
            planned = build();
        }
        catch (Exception error) when (
            error is ExternalException or ArgumentException or OverflowException or RegexMatchTimeoutException)
        {
            throw Wrong("head, lora, softPrompt, pooling", "a network that can be built",
                error.Message.Split('\n', 2)[0], error);
        }
        using (planned)
        {
            check(planned);
        }
    }

    private static void CheckLayers(ModelManifest facts, EncoderConfig encoder)
    {
        int built = facts.BuiltLayers;
        string range = $"numbers of hidden states from 0 to {built}, ascending";
        for (int i = 0; i < facts.Layers.Length; i++)
        {
            int number = facts.Layers[i];
            Require(number >= 0 && number <= built && (i == 0 || number > facts.Layers[i - 1]), "layers", range,
                number);
        }
        bool last = facts.Layers.Length == 0 && facts.Layer == LayerSelection.LastNumber;
        Require(facts.Layers.Length > 0 || last || (facts.Layer >= 0 && facts.Layer <= built), "layer",
            $"-1 (the last) or 0 to {built}", facts.Layer);
        Require(!last || built == encoder.LayerCount, "layer",
            $"0 to {built}, because the last hidden state needs all {encoder.LayerCount} layers", facts.Layer);
        int width = facts.LayerCombination == LayerCombination.Concatenate ? Math.Max(1, facts.Layers.Length) : 1;
        Require((long)encoder.HiddenSize * width <= int.MaxValue / MaxWidening, "layers",
            $"hidden states of together at most {int.MaxValue / MaxWidening} values", (long)encoder.HiddenSize * width);
    }

    private static void CheckHead(
        ModelManifest facts, HeadOptions head, IReadOnlyDictionary<string, TensorEntry> weights)
    {
        // Every layer has tensors, and every output a value.
        long values = Math.Max(FewOutputs, weights.Values.Sum(w => w.Length));
        Require(facts.Outputs >= 1 && facts.Outputs <= values, "outputs", $"1 to {values}, by the bytes of weights",
            facts.Outputs);
        if (facts.ExtraFeatures is { } extras)
        {
            Require(extras.Length > 0 && Array.TrueForAll(extras, e => e is { Column.Length: > 0, Size: > 0 }
                && (e.Slots is null || (e.Slots.Length == e.Size && !e.Slots.Contains(null!)))),
                "extraFeatures", "columns with their sizes, and a name for each slot or none", "others");
            Require(extras.DistinctBy(e => e.Column).Count() == extras.Length, "extraFeatures", "each column once",
                "one twice");
            Require(extras.Sum(e => (long)e.Size) <= values, "extraFeatures",
                $"at most {values} numbers, by the bytes of weights", extras.Sum(e => (long)e.Size));
        }
        if (facts.HeadInputs is { } inputs)
        {
            int[] layers = facts.Layers.Length > 0 ? facts.Layers : [facts.Layer];
            Require(inputs.Length == facts.Outputs || inputs.Length == 1, "headInputs",
                $"one, or one for each of {facts.Outputs} outputs", inputs.Length);
            Require(
                Array.TrueForAll(inputs, i => i?.Layers is { } its && (its.Length > 0 || i.Extra)
                    && !its.Except(layers).Any() && its.Distinct().Count() == its.Length
                    && (!i.Extra || facts.ExtraFeatures is not null)),
                "headInputs", "layers that are in use, each once, and extra features where there are any", "others");
            Require(facts.Layers.Length < 2 || facts.LayerCombination == LayerCombination.Concatenate,
                "layerCombination", $"{LayerCombination.Concatenate}, because of headInputs", facts.LayerCombination);
            bool deviation = facts.Pooling == SpeechPooling.MeanStd;
            Require(deviation || (facts.Pooling == SpeechPooling.Mean && !Array.Exists(inputs, i => i.Deviation)),
                "pooling", "one that gives what headInputs takes", facts.Pooling);
        }
        long stacks = head.PerTarget || facts.HeadInputs is { Length: > 1 } ? facts.Outputs : 1;
        long most = Math.Max(FewLayers, weights.Count);
        string tensors = $"at most {most}, by the tensors there are";
        Require(head.FrameLayers <= most, "head.frameLayers", tensors, head.FrameLayers);
        Require(stacks * (head.HiddenLayers + 1L) <= most, "head.hiddenLayers",
            $"layers of {stacks} stacks, {tensors}", head.HiddenLayers);
    }

    private static void CheckValues(LabelValues labels)
    {
        Require(labels.Type is not null && labels.Values is not null, "labels", "'type' and 'values'", "null");
        Require(!labels.Values!.Contains(null!), "labels.values", "texts", "null");
        Require(labels.AreReadable(), "labels", "values of the type that 'type' names", $"type '{labels.Type}'");
    }

    private static void CheckDefined<T>(T value, string field)
        where T : struct, Enum =>
        Require(Enum.IsDefined(value), field, $"one of {string.Join(", ", Enum.GetNames<T>())}", value);

    private static void Valid(string field, Action validate)
    {
        try
        {
            validate();
        }
        catch (ArgumentException error)
        {
            throw Wrong(field, "options in their ranges", error.Message, error);
        }
    }

    private static void Require(bool condition, string field, string expected, object got)
    {
        if (!condition)
        {
            throw Wrong(field, expected, FormattableString.Invariant($"{got}"), null);
        }
    }

    private static FormatException Wrong(string field, string expected, string got, Exception? cause) => new(
        $"Speech model: '{SpeechModel.FactsEntry}': {field}: expected {expected}, got " +
        $"{CheckpointException.Shorten(got).TrimEnd('.')}.", cause);
}
