using System.Text.Json;
using SpeechML.Encoders;
using SpeechML.Encoders.Checkpoints;

namespace SpeechML.Model.HuggingFace;

/// <summary>A head of the Hub, as a folder's configuration and tensors describe it.</summary>
internal sealed record HubHead
{
    private const string LayerWeights = "layer_weights";

    // Heads over the mean, by the name of their output layer.
    private static readonly (HeadForm Form, string Output)[] s_outputs =
        [(HeadForm.OutProj, "classifier.out_proj"), (HeadForm.Output, "classifier.output")];

    public required HeadForm Form { get; init; }

    /// <summary>What the outputs are for; <see langword="null"/> of an embedding.</summary>
    public SpeechTask? Task { get; init; }

    public string[] Labels { get; init; } = [];

    /// <summary>Outputs of the first layer.</summary>
    public int Width { get; init; }

    public string Pooling { get; init; } = SpeechPooling.Mean;

    /// <summary>The epsilon of the head's norm, where it has one.</summary>
    public double? NormEpsilon { get; init; }

    /// <summary>The network's name of the layer whose rows are the outputs.</summary>
    public string OutputLayer => Form == HeadForm.Tokens ? "head.stacks.0.layers.0." : "head.stacks.0.layers.1.";

    /// <summary>Whether a learned sum of all hidden states is pooled.</summary>
    public bool HasLayerWeights { get; init; }

    public XVectorShape? Speaker { get; init; }

    /// <summary>The one output that is wanted; <see langword="null"/> for all.</summary>
    public int? Target { get; init; }

    public required HeadTensors Tensors { get; init; }

    /// <summary>Names of the network's tensors beside the encoder, and what the checkpoint calls each.</summary>
    public IReadOnlyDictionary<string, string> Names { get; private init; } = new Dictionary<string, string>();

    /// <summary>Reads a head.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="json">The same.</param>
    /// <param name="family">The encoder's family.</param>
    /// <param name="encoder">The encoder.</param>
    /// <param name="pythonClass">The class of the whole model.</param>
    /// <param name="tensors">What stands beside the encoder.</param>
    /// <param name="target">The label of the one output that is wanted; empty for all.</param>
    /// <exception cref="CheckpointException">Something that we cannot do, or tensors that are not there.</exception>
    public static HubHead Read(
        JsonFieldReader config, JsonElement json, EncoderFamily family, EncoderConfig encoder, string pythonClass,
        HeadTensors tensors, string target)
    {
        if (!EncoderNames.IsClassifier(pythonClass))
        {
            throw config.Wrong("architectures",
                $"a class with a head over whole clips (…{string.Join(", …", EncoderNames.ClassifierEndings)}); of " +
                "others the encoder alone can be used, as option Encoder", $"'{pythonClass}'");
        }
        HubHead head = pythonClass.EndsWith("ForXVector", StringComparison.Ordinal)
            ? ReadSpeaker(config, encoder, tensors)
            : family.HasTokenHead ? ReadTokens(config, json, encoder, pythonClass, tensors)
            : ReadClassifier(config, json, encoder, pythonClass, tensors);
        head.Tensors.RefuseOthers(head.Names.Values, pythonClass);
        return target.Length == 0 ? head : head.Only(target, config);
    }

    private HubHead Only(string target, JsonFieldReader config)
    {
        int at = Array.IndexOf(Labels, target);
        if (Task != SpeechTask.Regression || at < 0)
        {
            throw config.Wrong(at < 0 ? "id2label" : "problem_type",
                at < 0 ? $"'{target}', which option Target names" : "'regression', because option Target is set",
                at < 0 ? $"'{string.Join("', '", Labels)}'" : $"{Task}");
        }
        return this with { Target = at, Labels = [target] };
    }

    private static HubHead ReadClassifier(
        JsonFieldReader config, JsonElement json, EncoderConfig encoder, string pythonClass, HeadTensors tensors)
    {
        bool dense = tensors.Entries.ContainsKey("classifier.dense.weight");
        (HeadForm form, string output) = dense
            ? s_outputs.FirstOrDefault(o => tensors.Entries.ContainsKey($"{o.Output}.weight"), s_outputs[0])
            : (HeadForm.Projector, "classifier");
        string first = dense ? "classifier.dense" : "projector";
        string why = $"as '{pythonClass}' and its configuration have it";
        int width = dense ? encoder.HiddenSize : config.PositiveInt("classifier_proj_size", 256);
        _ = tensors.Require($"{first}.weight", [width, encoder.HiddenSize], why);
        _ = tensors.Require($"{first}.bias", [width], why);
        long outputs = tensors.Require($"{output}.weight", [-1, width], why).Shape[0];
        _ = tensors.Require($"{output}.bias", [outputs], why);
        var names = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["head.stacks.0.layers.0.weight"] = $"{first}.weight",
            ["head.stacks.0.layers.0.bias"] = $"{first}.bias",
            ["head.stacks.0.layers.1.weight"] = $"{output}.weight",
            ["head.stacks.0.layers.1.bias"] = $"{output}.bias",
        };
        string[] labels = LabelsOf(config, json, outputs);
        return new HubHead
        {
            Form = form,
            Task = TaskOf(config, labels.Length),
            Labels = labels,
            Width = width,
            Pooling = PoolingOf(config),
            HasLayerWeights = Weighs(config, encoder, tensors, names, allowed: !dense),
            Tensors = tensors,
            Names = names,
        };
    }

    private static HubHead ReadTokens(
        JsonFieldReader config, JsonElement json, EncoderConfig encoder, string pythonClass, HeadTensors tensors)
    {
        const string Norm = "classifier.layernorm", Output = "classifier.dense";
        string why = $"as '{pythonClass}' and its configuration have it";
        _ = tensors.Require($"{Norm}.weight", [encoder.HiddenSize], why);
        _ = tensors.Require($"{Norm}.bias", [encoder.HiddenSize], why);
        long outputs = tensors.Require($"{Output}.weight", [-1, encoder.HiddenSize], why).Shape[0];
        _ = tensors.Require($"{Output}.bias", [outputs], why);
        string[] labels = LabelsOf(config, json, outputs);
        return new HubHead
        {
            Form = HeadForm.Tokens,
            Task = TaskOf(config, labels.Length),
            Labels = labels,
            NormEpsilon = config.Number("layer_norm_eps", 1e-12, 0, 1),
            Tensors = tensors,
            Names = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["head.stacks.0.norms.0.weight"] = $"{Norm}.weight",
                ["head.stacks.0.norms.0.bias"] = $"{Norm}.bias",
                ["head.stacks.0.layers.0.weight"] = $"{Output}.weight",
                ["head.stacks.0.layers.0.bias"] = $"{Output}.bias",
            },
        };
    }

    private static HubHead ReadSpeaker(JsonFieldReader config, EncoderConfig encoder, HeadTensors tensors)
    {
        const string Objective = "objective.weight";
        XVectorShape shape = XVectorShape.Parse(config, 0);
        string why = "by 'config.json'";
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        void Layer(string name, long inputs, long outputs)
        {
            _ = tensors.Require($"{name}.weight", [outputs, inputs], why);
            _ = tensors.Require($"{name}.bias", [outputs], why);
            names[$"pooling.{name}.weight"] = $"{name}.weight";
            names[$"pooling.{name}.bias"] = $"{name}.bias";
        }
        Layer("projector", encoder.HiddenSize, shape.Channels[0]);
        for (int k = 0; k < shape.Channels.Length; k++)
        {
            Layer($"tdnn.{k}.kernel", (long)shape.InputsOf(k) * shape.Kernels[k], shape.Channels[k]);
        }
        Layer("feature_extractor", 2L * shape.Channels[^1], shape.Size);
        Layer("classifier", shape.Size, shape.Size);
        if (tensors.Entries.ContainsKey(Objective)) // of training only
        {
            long speakers = tensors.Require(Objective, [shape.Size, -1], why).Shape[1];
            shape = shape with { Speakers = (int)Math.Min(speakers, int.MaxValue) };
            names[$"pooling.{Objective}"] = Objective;
        }
        return new HubHead
        {
            Form = HeadForm.XVector,
            HasLayerWeights = Weighs(config, encoder, tensors, names, allowed: true),
            Speaker = shape,
            Tensors = tensors,
            Names = names,
        };
    }

    private static bool Weighs(
        JsonFieldReader config, EncoderConfig encoder, HeadTensors tensors, Dictionary<string, string> names,
        bool allowed)
    {
        const string Field = "use_weighted_layer_sum";
        if (!config.Flag(Field, false))
        {
            return false;
        }
        if (!allowed)
        {
            throw config.Wrong(Field, "false, because the head is 'classifier.dense'", "true");
        }
        _ = tensors.Require(LayerWeights, [encoder.LayerCount + 1L], $"one for each hidden state, by '{Field}'");
        names["mix.weights"] = LayerWeights;
        return true;
    }

    private static string PoolingOf(JsonFieldReader config) => config.Has("pooling_mode")
        ? config.Text("pooling_mode") switch
        {
            "mean" => SpeechPooling.Mean,
            "max" => SpeechPooling.Max,
            string other => throw config.Wrong("pooling_mode", "'mean' or 'max'", $"'{other}'"),
        }
        : SpeechPooling.Mean;

    private static SpeechTask TaskOf(JsonFieldReader config, int labels)
    {
        const string Field = "problem_type", Single = "single_label_classification";
        // What transformers takes where it says nothing.
        string type = config.Has(Field) ? config.Text(Field) : labels == 1 ? "regression" : Single;
        return type switch
        {
            "regression" => SpeechTask.Regression,
            "multi_label_classification" => SpeechTask.MultiLabel,
            Single when labels > 1 => SpeechTask.Multiclass,
            Single => throw config.Wrong(Field, "two labels or more for one class out of several", "one label"),
            _ => throw config.Wrong(Field,
                $"'{Single}', 'multi_label_classification' or 'regression'", $"'{type}'"),
        };
    }

    /// <summary>The labels by number.</summary>
    private static string[] LabelsOf(JsonFieldReader config, JsonElement json, long outputs)
    {
        const string Field = "id2label";
        string expected = $"a text for each of {outputs} outputs, '0' to '{outputs - 1}', each once";
        if (!config.Has(Field))
        {
            const int Absent = 2; // transformers' number of labels where nothing is said
            int count = config.PositiveInt("num_labels", Absent);
            return count == outputs && outputs < int.MaxValue
                ? [.. Enumerable.Range(0, count).Select(i => FormattableString.Invariant($"LABEL_{i}"))]
                : throw config.Wrong(Field, expected, $"none, and {count} labels");
        }
        JsonElement map = json.GetProperty(Field);
        if (map.ValueKind != JsonValueKind.Object || map.EnumerateObject().Count() != outputs)
        {
            throw config.Wrong(Field, expected, map.ValueKind == JsonValueKind.Object
                ? $"{map.EnumerateObject().Count()} labels" : map.GetRawText());
        }
        string?[] labels = new string?[outputs];
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, System.Globalization.NumberStyles.None,
                    System.Globalization.CultureInfo.InvariantCulture, out int id) || id >= outputs
                || entry.Value.ValueKind != JsonValueKind.String || labels[id] is not null
                || labels.Contains(entry.Value.GetString()))
            {
                throw config.Wrong(Field, expected, $"'{entry.Name}': {entry.Value.GetRawText()}");
            }
            labels[id] = entry.Value.GetString();
        }
        return [.. labels.Select(l => l!)];
    }
}
