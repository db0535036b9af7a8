using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Data.Recordings;
using SpeechML.Encoders;
using SpeechML.Tasks;
using static TorchSharp.torch;

namespace SpeechML.Model.HuggingFace;

/// <summary>A model as the classification class of transformers that computes the same, where there is one.</summary>
internal static class ClassifierWriter
{
    // Beside such a weight, exp of every other is 0 in float32.
    private const float Away = -1e4f;

    private const string HeadPrefix = "head.stacks.";

    private static readonly (string Name, string Own)[] s_tokens =
        [("classifier.layernorm", "0.norms.0"), ("classifier.dense", "0.layers.0")];

    private static readonly Dictionary<SpeechTask, string> s_problems = new()
    {
        [SpeechTask.Multiclass] = "single_label_classification",
        [SpeechTask.Ordinal] = "single_label_classification",
        [SpeechTask.MultiLabel] = "multi_label_classification",
        [SpeechTask.Binary] = "multi_label_classification", // the sigmoid of one output
        [SpeechTask.Regression] = "regression",
    };

    /// <summary>
    /// The head of the class; tensors that had to be made are of the current dispose scope.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <returns>The head, or <see langword="null"/> and why there is none.</returns>
    public static (PythonHead? Head, string Why) Of(SpeechModel model)
    {
        using IDisposable still = no_grad();
        ModelManifest facts = model.Facts;
        if (facts.Speaker is not null || facts.HeadForm is HeadForm.OutProj or HeadForm.Output or HeadForm.Tokens)
        {
            return (AsItCame(model), "the model has it from the Hub");
        }
        if (WhyNot(model) is { Length: > 0 } why)
        {
            return (null, why);
        }
        EncoderFamily family = EncoderFamily.Of(model.Network.Encoder);
        Dictionary<string, Tensor> state = model.Network.state_dict();
        bool tokens = facts.PoolsTokens == true;
        List<(string Name, Tensor Tensor)> tensors = tokens ? [.. TokenLayers(state)]
            : [.. Layers(facts, state, model.Network.Encoder.Config.HiddenSize)];
        Tensor? sum = tokens ? null : LayerWeights(model, state);
        if (sum is not null)
        {
            tensors.Add(("layer_weights", sum));
        }
        string[] labels = facts.Labels!.Values;
        JsonNode? said = JsonSerializer.SerializeToNode(facts.EncoderConfig);
        string problem = s_problems[TaskDescription.Saved(facts.Task)!.Task];
        var fields = new JsonObject
        {
            ["architectures"] = new JsonArray(family.ClassifierClass),
            ["id2label"] = new JsonObject(labels.Select((l, i) =>
                KeyValuePair.Create(FormattableString.Invariant($"{i}"), (JsonNode?)l))),
            ["label2id"] = new JsonObject(labels.Select((l, i) => KeyValuePair.Create(l, (JsonNode?)i))),
        };
        if (!tokens)
        {
            fields["classifier_proj_size"] = tensors[0].Tensor.shape[0];
            fields["use_weighted_layer_sum"] = sum is not null;
        }
        // A model of the Hub that said nothing has its loss by the labels.
        if (facts.HeadForm is null || said?["problem_type"] is not null)
        {
            fields["problem_type"] = problem;
        }
        if (said?["num_labels"] is not null)
        {
            fields["num_labels"] = labels.Length;
        }
        return (new PythonHead(family.ClassifierClass, fields, tensors), "");
    }

    /// <summary>Why no class computes what the model does; empty where one does.</summary>
    private static string WhyNot(SpeechModel model)
    {
        ModelManifest facts = model.Facts;
        HeadOptions? head = facts.Head;
        EncoderFamily family = EncoderFamily.Of(model.Network.Encoder);
        bool hasForm = model.Ordinal is null || model.Ordinal.Form == OutputForm.Softmax;
        return head is null ? "the model has no head"
            : family.WhyNoClassifier.Length > 0 && facts.PoolsTokens != true ? family.WhyNoClassifier
            : TaskDescription.Saved(facts.Task) is null || facts.Labels is null
                || (hasForm && facts.Labels.Values.Length != facts.Outputs)
                ? "the model does not say what its outputs are for"
            : facts.Labels!.Values.Distinct().Count() < facts.Labels.Values.Length ? "two labels have one name"
            : !hasForm ? $"no problem_type stands for outputs of the ordinal loss {facts.Ordinal}"
            : facts.Pooling != SpeechPooling.Mean ? $"the pooling is {facts.Pooling}"
            : family.PoolsSilence && facts.PoolsSilence != true
                ? $"{family.ClassifierClass} also pools the silence behind a clip (option HuggingFaceHead trains so)"
            : family.PoolsSilence && facts.WhisperContext != WhisperContext.Exact30Seconds
                ? $"the context is {facts.WhisperContext}"
            : facts.Layers.Length > 1 && facts.LayerCombination == LayerCombination.Concatenate
                ? "layers are concatenated"
            : facts.SoftPrompt is not null ? "there is a soft prompt"
            : facts.ExtraFeatures is not null ? "the head is also given other columns (ExtraFeatures)"
            : head.FrameLayers > 0 ? "the head has layers over frames"
            : head.LayerNorm && facts.PoolsTokens != true ? "the head has a layer norm"
            : facts.HeadInputs is not null ? "each output has layers of its own"
            : head.HiddenLayers > 1 || (head.HiddenLayers == 1 && head.PerTarget)
                ? $"the head has {head.HiddenLayers} hidden layers{(head.PerTarget ? " for each output" : "")}"
            : head.HiddenLayers == 1 && head.Activation != HeadActivation.Identity
                ? $"the head has the activation {head.Activation}"
            : "";
    }

    /// <summary><c>classifier.layernorm</c> and <c>classifier.dense</c>, of a head over tokens.</summary>
    private static IEnumerable<(string Name, Tensor Tensor)> TokenLayers(Dictionary<string, Tensor> state) =>
        s_tokens.SelectMany(t => new[] { "weight", "bias" }.Select(part =>
            ($"{t.Name}.{part}", state[$"{HeadPrefix}{t.Own}.{part}"])));

    /// <summary><c>projector</c>, which changes nothing where we have one layer, and <c>classifier</c>.</summary>
    private static IEnumerable<(string Name, Tensor Tensor)> Layers(
        ModelManifest facts, Dictionary<string, Tensor> state, long hidden)
    {
        bool two = facts.Head!.HiddenLayers == 1;
        Tensor Part(int layer, string part)
        {
            Tensor[] stacks = [.. Enumerable.Range(0, state.Count)
                .Select(k => state.GetValueOrDefault($"{HeadPrefix}{k}.layers.{layer}.{part}")).OfType<Tensor>()];
            return stacks.Length == 1 ? stacks[0] : cat(stacks, 0);
        }
        yield return ("projector.weight", two ? Part(0, "weight") : eye(hidden));
        yield return ("projector.bias", two ? Part(0, "bias") : zeros(hidden));
        yield return ("classifier.weight", Part(two ? 1 : 0, "weight"));
        yield return ("classifier.bias", Part(two ? 1 : 0, "bias"));
    }

    /// <summary>
    /// The weights whose softmax are the shares of the hidden states that the class sums; <see langword="null"/> where
    /// the last one is used.
    /// </summary>
    private static Tensor? LayerWeights(SpeechModel model, Dictionary<string, Tensor> state)
    {
        ModelManifest facts = model.Facts;
        if (facts.Layers.Length == 0 && facts.Layer == LayerSelection.LastNumber)
        {
            return null;
        }
        int[] used = facts.Layers.Length > 0 ? facts.Layers : [facts.Layer];
        float[] own = state.TryGetValue("mix.weights", out Tensor? weights)
            ? weights.cpu().data<float>().ToArray() : new float[used.Length];
        float[] all = new float[EncoderFolder.WrittenLayers(model.Network.Encoder) + 1];
        Array.Fill(all, own.Min() + Away);
        for (int i = 0; i < used.Length; i++)
        {
            all[used[i]] = own[i];
        }
        return tensor(all);
    }

    /// <summary>The head of a class that only models of the Hub have, under the names that it had there.</summary>
    private static PythonHead AsItCame(SpeechModel model)
    {
        Dictionary<string, Tensor> state = model.Network.state_dict();
        string output = model.Facts.HeadForm == HeadForm.Output ? "output" : "out_proj";
        string Named(string name) => model.Facts.Speaker is not null ? name["pooling.".Length..]
            : name.Replace("head.stacks.0.norms.0.", "classifier.layernorm.", StringComparison.Ordinal)
                .Replace("head.stacks.0.layers.0.", "classifier.dense.", StringComparison.Ordinal)
                .Replace("head.stacks.0.layers.1.", $"classifier.{output}.", StringComparison.Ordinal);
        return new PythonHead(
            EncoderNames.PythonModule(model.Network.Encoder).Class, [],
            [.. state.Where(t => !t.Key.StartsWith(SpeechNetwork.EncoderPrefix, StringComparison.Ordinal))
                .Select(t => (t.Key == "mix.weights" ? "layer_weights" : Named(t.Key), t.Value))]);
    }
}
