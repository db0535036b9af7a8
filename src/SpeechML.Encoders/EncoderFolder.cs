using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Audio.Common;
using SpeechML.Encoders;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML;

/// <summary>Writes encoders as Hugging Face folders, with the names that the Python model's weights have.</summary>
public static class EncoderFolder
{
    /// <summary>
    /// In a written <c>config.json</c> of an encoder without its upper layers: how many the pretrained model had.
    /// </summary>
    public const string SourceLayersField = "speechml_source_layers";

    private static readonly string[] s_labelFields = ["id2label", "label2id", "num_labels", "problem_type"];

    private static readonly JsonSerializerOptions s_written =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes <c>config.json</c>, <c>model.safetensors</c> and <c>preprocessor_config.json</c>, for
    /// <see cref="EncoderLoader.Load"/> and for Hugging Face transformers. The
    /// configuration is the text that the encoder was built from. Heads and decoders of the source are not written.
    /// </summary>
    /// <remarks>
    /// Where upper layers were cut off, the configuration's layer count is that of the layers written, and
    /// <see cref="SourceLayersField"/> says how many there were.
    /// The norm after the last layer, which went with them, is written as one that scales by 1 and shifts by 0: hidden
    /// states are those of the cut encoder, the
    /// last hidden state is a normalised one. Whisper's last hidden state is only to be had normalised, so a layer that
    /// passes its input on (zero weights) comes
    /// after the others, and the highest hidden state of the cut encoder is the last but one. Hugging Face has no
    /// encoder without layers: where none is left, such a layer is written too, and
    /// hidden state 0 is that of the cut encoder.
    /// </remarks>
    /// <param name="encoder">The encoder; it is not changed.</param>
    /// <param name="folder">A new or empty folder.</param>
    /// <param name="mergeAdapter">Write the weights with an attached adapter folded in; otherwise the pretrained
    /// model's own.</param>
    /// <param name="overwrite">Replace files in a folder that is not empty.</param>
    /// <exception cref="CheckpointException">The folder is not empty and <paramref name="overwrite"/> is not
    /// set.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public static void Save(SpeechEncoder encoder, string folder, bool mergeAdapter = true, bool overwrite = false)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        using ModuleLifetime.Use use = encoder.BeginUse();
        using WeightAccess access = WeightAccess.Begin();
        using DisposeScope scope = NewDisposeScope();
        FolderWriter.Write(folder, overwrite, Files(encoder, mergeAdapter));
    }

    /// <summary>
    /// The files of the folder and what writes each, <c>config.json</c> last. Tensors that had to be made are of the
    /// current dispose scope.
    /// </summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="mergeAdapter">Fold an adapter into the weights.</param>
    /// <param name="head">The head of a Python class; <see langword="null"/> for the encoder alone.</param>
    internal static (string Name, Action<string> Write)[] Files(
        SpeechEncoder encoder, bool mergeAdapter, PythonHead? head = null)
    {
        using IDisposable still = no_grad();
        string config = Config(encoder, head);
        List<(string Name, Tensor Tensor)> tensors = Tensors(encoder, config, mergeAdapter);
        tensors.AddRange(head?.Tensors ?? []);
        return
        [
            ("model.safetensors", path => SafetensorsFile.Write(path, tensors, FolderWriter.TorchMetadata)),
            (CheckpointFolder.PreprocessorFile,
            path => FolderWriter.WriteText(path, EncoderFamily.Preprocessor(encoder).ToJsonString(s_written))),
            (CheckpointFolder.ConfigFile, path => FolderWriter.WriteText(path, config)),
        ];
    }

    /// <summary>
    /// Layers in the written configuration: those that were built, and one that passes its input on where a norm would
    /// change the highest state or nothing is left.
    /// </summary>
    internal static int WrittenLayers(SpeechEncoder encoder) =>
        encoder.BuiltLayers == encoder.Config.LayerCount ? encoder.BuiltLayers
            : Math.Max(1, encoder.BuiltLayers + (NormsLastState(encoder) ? 1 : 0));

    /// <summary>The encoder's own text, where it still says what is written.</summary>
    private static string Config(SpeechEncoder encoder, PythonHead? head)
    {
        JsonObject json = JsonNode.Parse(encoder.ConfigJson)!.AsObject();
        bool changed = false;
        // Of a classifier that is not written: by them Python's pipelines would take the encoder for one, and fill its
        // head at random.
        if (head is null)
        {
            foreach (string field in s_labelFields)
            {
                changed |= json.Remove(field);
            }
            if (EncoderNames.IsClassifier(EncoderNames.PythonModule(encoder).Class))
            {
                json["architectures"] = new JsonArray(EncoderFamily.Of(encoder).PythonClass);
                changed = true;
            }
        }
        foreach ((string name, JsonNode? value) in head?.Fields ?? [])
        {
            if (!JsonNode.DeepEquals(json[name], value))
            {
                json[name] = value?.DeepClone();
                changed = true;
            }
        }
        if (encoder.BuiltLayers < encoder.Config.LayerCount)
        {
            json[SourceLayersField] = encoder.Config.LayerCount;
            string[] counts = ["encoder_layers", "num_hidden_layers"];
            foreach (string count in counts.Where(json.ContainsKey))
            {
                json[count] = WrittenLayers(encoder);
            }
            changed = true;
        }
        string[] types = ["dtype", "torch_dtype"];
        foreach (string type in types.Where(json.ContainsKey))
        {
            // Weights are written as they are computed with; transformers 5 would round them to what stands here.
            if (json[type]?.ToString() is { } said && said != "float32")
            {
                json[type] = "float32";
                changed = true;
            }
        }
        return changed ? json.ToJsonString(s_written) : encoder.ConfigJson;
    }

    /// <summary>Whether the family's last hidden state is to be had only after its final norm.</summary>
    private static bool NormsLastState(SpeechEncoder encoder) => encoder.Config.Groups.FinalNorm.Count > 0;

    private static List<(string Name, Tensor Tensor)> Tensors(SpeechEncoder encoder, string config, bool mergeAdapter)
    {
        using JsonDocument json = JsonDocument.Parse(config);
        // Its names and shapes are those that the configuration promises, which a cut encoder does not have all.
        using SpeechEncoder whole = EncoderLoader.Create(json.RootElement, null, encoder.Context, encoder.Features);
        string prefix = EncoderNames.Prefix(encoder,
            EncoderNames.ClassOf(json.RootElement) ?? EncoderFamily.Of(encoder).PythonClass);
        Dictionary<string, Tensor> own = mergeAdapter ? MergedWeights.Of(encoder) : encoder.state_dict();
        Dictionary<string, Tensor> wanted = whole.state_dict();
        string? odd = own.Keys.FirstOrDefault(name =>
                !wanted.ContainsKey(name) && !LoraAdapter.IsAdapterParameter(name))
            ?? wanted.Keys.FirstOrDefault(name => !own.ContainsKey(name) && !IsCutOff(encoder, name));
        return odd is null
            ? [.. wanted.Select(t =>
                (prefix + t.Key, own.TryGetValue(t.Key, out Tensor? value) ? value : Neutral(encoder, t.Key, t.Value)))]
            : throw new InvalidOperationException(
                $"Encoder '{encoder.Config.ModelType}' to write: expected the tensors that its configuration " +
                $"promises, got {(own.ContainsKey(odd) ? "another one" : "none")} of the name '{odd}'. Nothing was " +
                "written.");
    }

    /// <summary>
    /// Whether a tensor is of a layer above those that were built, or of the norm that comes after the last layer.
    /// </summary>
    private static bool IsCutOff(SpeechEncoder encoder, string name)
    {
        EncoderParameterGroups groups = encoder.Config.Groups;
        int layer = groups.LayerOf(name);
        return encoder.BuiltLayers < encoder.Config.LayerCount
            && (layer >= 0 ? layer >= encoder.BuiltLayers
                : EncoderParameterGroups.Contains(groups.AboveLayers, name));
    }

    /// <summary>
    /// Norms that neither scale nor shift, and maps to zero, beside which a residual layer passes its input on; a map
    /// above the layers repeats its input.
    /// </summary>
    private static Tensor Neutral(SpeechEncoder encoder, string name, Tensor like) =>
        name.EndsWith("norm.weight", StringComparison.Ordinal) ? ones_like(like)
            : like.dim() == 2 && EncoderParameterGroups.Contains(encoder.Config.Groups.AboveLayers, name)
                ? eye(like.shape[1]).repeat(like.shape[0] / like.shape[1], 1) : zeros_like(like);
}
