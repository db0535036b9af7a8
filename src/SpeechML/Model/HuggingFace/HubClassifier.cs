using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Data.DataViews;
using SpeechML.Encoders;
using SpeechML.Encoders.Adapters.Peft;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Recordings;
using SpeechML.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Model.HuggingFace;

/// <summary>
/// A folder of the Hub with a head over whole clips, or a PEFT folder and its base: opened to be read as a speech
/// model.
/// </summary>
internal sealed class HubClassifier : IDisposable
{
    private readonly EncoderLocation? _location;
    private readonly CheckpointFolder _checkpoint;
    private readonly IWeightsFile? _adapterFile;
    private readonly string? _adapter;

    private HubClassifier(
        string folder, string? adapter, EncoderLocation? location, HuggingFaceModelOptions options)
    {
        _location = location;
        _adapter = adapter;
        _checkpoint = CheckpointFolder.Open(folder);
        try
        {
            (EncoderFamily family, EncoderConfig encoder, FeatureExtractorSettings features) =
                EncoderLoader.ReadFacts(_checkpoint);
            HeadTensors tensors = HeadTensors.Of(_checkpoint, family, encoder);
            string? pythonClass = EncoderNames.ClassOf(_checkpoint.Config);
            if (adapter is not null)
            {
                JsonObject peft = PeftConfig.Read(adapter).Json;
                _adapterFile = PeftFolder.Open(adapter);
                tensors.Replace(_adapterFile, family, encoder, SavedModules(peft));
                pythonClass = pythonClass is not null && EncoderNames.IsClassifier(pythonClass) ? pythonClass
                    : (peft["auto_mapping"] as JsonObject)?["base_model_class"]?.ToString() ?? pythonClass;
            }
            var config = new JsonFieldReader(
                _checkpoint.Config, Path.Combine(folder, CheckpointFolder.ConfigFile));
            if (family.WhyNoClassifier.Length > 0 && !family.HasTokenHead)
            {
                throw config.Wrong("architectures", "a class whose head is given frames",
                    $"'{pythonClass}': {family.WhyNoClassifier}");
            }
            Head = HubHead.Read(
                config, _checkpoint.Config, family, encoder, pythonClass ?? family.ClassifierClass, tensors,
                options.Target);
            Facts = Describe(Head, family, encoder, features, _checkpoint.Config) with
            {
                LongAudio = Head.Form == HeadForm.Tokens ? options.LongAudio.OfTokens() : options.LongAudio with { },
            };
            _ = LongAudioLimits.Of(Facts.LongAudio, encoder);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The head.</summary>
    public HubHead Head { get; }

    /// <summary>What a saved model would say of itself, but for an adapter.</summary>
    public ModelManifest Facts { get; }

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">A folder with <c>config.json</c>, or of a PEFT adapter.</param>
    /// <param name="options">The adapter's base, and which output.</param>
    /// <exception cref="CheckpointException">A file is missing or broken, or says what we cannot do.</exception>
    public static HubClassifier Open(string folder, HuggingFaceModelOptions options)
    {
        if (!PeftFolder.IsOne(folder))
        {
            return new HubClassifier(folder, null, null, options);
        }
        EncoderLocation location = BaseOf(folder, options);
        try
        {
            return new HubClassifier(location.Folder, folder, location, options);
        }
        catch
        {
            location.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether a folder's configuration names a class with a head over whole clips, or it is an adapter's.
    /// </summary>
    public static bool IsOne(string folder)
    {
        string config = Path.Combine(folder, CheckpointFolder.ConfigFile);
        return PeftFolder.IsOne(folder) || (File.Exists(config)
            && EncoderNames.ClassOf(CheckpointJson.ReadObject(config)) is { } name && EncoderNames.IsClassifier(name));
    }

    /// <summary>Reads the model, on the CPU.</summary>
    /// <exception cref="CheckpointException">Weights are not those that the configuration describes.</exception>
    public SpeechModel Read()
    {
        if (Facts.BuiltLayers > _checkpoint.Tensors.Count)
        {
            throw new CheckpointException(_checkpoint.WeightsPath, null, $"tensors of {Facts.BuiltLayers} layers",
                $"{_checkpoint.Tensors.Count} tensors");
        }
        Dictionary<string, string> sources = [];
        SpeechModel model = SpeechModel.Restore(
            Facts, network => sources = EncoderLoader.Match(network.Encoder, _checkpoint), network =>
            {
                WeightImporter.Fill(network.Encoder, _checkpoint, sources);
                FillHead(network);
            });
        try
        {
            return _adapter is null ? model : Adapt(model, _adapter);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _adapterFile?.Dispose();
        _checkpoint.Dispose();
        _location?.Dispose();
    }

    private void FillHead(SpeechNetwork network)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        foreach ((string name, Tensor target) in network.state_dict()
            .Where(t => !t.Key.StartsWith(SpeechNetwork.EncoderPrefix, StringComparison.Ordinal)))
        {
            // The last layer's rows are the outputs.
            bool output = name.StartsWith(Head.OutputLayer, StringComparison.Ordinal);
            Head.Tensors.CopyTo(Head.Names[name], target, output ? Head.Target : null);
        }
    }

    private static SpeechModel Adapt(SpeechModel model, string folder)
    {
        LoraAdapter adapter = LoraAdapter.Load(model.Network.Encoder, folder);
        return model.WithFacts(model.Facts with
        {
            Lora = adapter.Options,
            AdapterConfig = JsonSerializer.SerializeToElement(adapter.Source),
        });
    }

    private static ModelManifest Describe(
        HubHead head, EncoderFamily family, EncoderConfig encoder, FeatureExtractorSettings features,
        JsonElement config) => new()
        {
            EncoderConfig = config,
            Features = features,
            BuiltLayers = encoder.LayerCount,
            WhisperContext = WhisperContext.Exact30Seconds,
            Layer = LayerSelection.LastNumber,
            Layers = head.HasLayerWeights ? [.. Enumerable.Range(0, encoder.LayerCount + 1)] : [],
            LayerCombination = LayerCombination.WeightedSum,
            Pooling = head.Pooling,
            PoolsSilence = family.PoolsSilence ? true : null,
            PoolsTokens = head.Form == HeadForm.Tokens ? true : null,
            NormEpsilon = head.NormEpsilon,
            Head = head.Form switch
            {
                HeadForm.XVector => null,
                HeadForm.Tokens => new HeadOptions { LayerNorm = true },
                _ => new HeadOptions
                {
                    HiddenLayers = 1,
                    BottleneckSize = head.Width,
                    Activation = head.Form == HeadForm.Projector ? HeadActivation.Identity : HeadActivation.Tanh,
                },
            },
            HeadForm = head.Target is null ? head.Form : null,
            Speaker = head.Speaker,
            Outputs = head.Labels.Length,
            Labels = head.Task is null ? null : new LabelValues("Text", head.Labels),
            Task = head.Task is { } task ? TaskDescription.Of(task).SavedName : null,
        };

    private static string[] SavedModules(JsonObject peft) => peft["modules_to_save"] is JsonArray names
        ? [.. names.Select(n => n?.ToString() ?? "").Where(n => n.Length > 0)] : [];

    /// <summary>
    /// The adapter's base: what the option says, else what the adapter says, by its own folder, the working folder or
    /// the Hub, else the folder around it, as this library writes it.
    /// </summary>
    private static EncoderLocation BaseOf(string folder, HuggingFaceModelOptions options)
    {
        var hub = new HubOptions { KeepDownload = options.KeepDownload };
        if (options.BaseModel.Length > 0)
        {
            return EncoderLocation.Find(options.BaseModel, hub);
        }
        JsonObject json = PeftConfig.Read(folder).Json;
        string said = json["base_model_name_or_path"]?.ToString() ?? "";
        string around = Path.GetFullPath(Path.Combine(folder, ".."));
        string? there = (said.Length == 0 ? [] : new[] { Path.Combine(folder, said), said }).Append(around)
            .FirstOrDefault(f => File.Exists(Path.Combine(f, CheckpointFolder.ConfigFile)));
        // PEFT's revision is the base model's.
        string revision = json["revision"]?.ToString() is { Length: > 0 } name && said.Length > 0 ? $"@{name}" : "";
        const string Remedy = $"Give option {nameof(HuggingFaceModelOptions.BaseModel)}, or put the base model's " +
            "files into the folder around the adapter's.";
        try
        {
            return EncoderLocation.Find(there ?? (said.Length > 0 ? said + revision : folder), hub);
        }
        catch (ArgumentException error)
        {
            throw new CheckpointException(
                $"Adapter '{folder}': expected its base model in 'base_model_name_or_path', got " +
                $"'{CheckpointException.Shorten(said)}', which is neither a folder nor a Hub id. {Remedy}", error);
        }
        catch (HubException error)
        {
            throw new HubException($"Adapter '{folder}', its base model: {error.Message} {Remedy}", error.StatusCode,
                error);
        }
    }
}
