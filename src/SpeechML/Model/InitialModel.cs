using SpeechML.Audio.Options;
using SpeechML.Data.DataViews;
using SpeechML.Data.Extras;
using SpeechML.Encoders;
using SpeechML.Encoders.Adapters.Lora;
using SpeechML.Encoders.Adapters.Peft;
using SpeechML.Encoders.Kernels;
using SpeechML.Tasks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Model;

/// <summary>
/// The fine-tuned model that a run begins with (<see cref="InitialModelOptions.Path"/>): checked against the
/// options, then copied from.
/// </summary>
internal sealed class InitialModel : IDisposable
{
    private const string PromptPrefix = "prompt.";
    private const int MaxNamed = 4;

    // What was learned together with the head.
    private static readonly string[] s_headPrefixes = ["mix.", "frame_head.", "pooling.", "extra.", "head."];

    private readonly string _path;
    private readonly InitialParts _parts;

    /// <summary>None for a PEFT folder.</summary>
    private readonly SpeechModel? _model;

    /// <summary>The output that is taken, where the model gives several numbers and one is learned.</summary>
    private int? _output;

    private InitialModel(string path, InitialParts parts, SpeechModel? model)
    {
        _path = path;
        _parts = parts;
        _model = model;
    }

    /// <summary>What the model says of itself.</summary>
    public ModelManifest Facts => _model!.Facts;

    /// <summary>The model's context, where its encoder was trained with one; of an adapter's folder none.</summary>
    public WhisperContext? Context => _parts == InitialParts.Head ? null : _model?.Facts.WhisperContext;

    /// <summary>The encoder.</summary>
    public EncoderConfig EncoderConfig => _model!.Network.Encoder.Config;

    /// <summary>Layers of the whole pretrained model.</summary>
    public int EncoderLayers => _model!.Network.Encoder.Config.LayerCount;

    /// <summary>
    /// Whether the model is a PEFT adapter that is put on the encoder which the options name; without one it is the
    /// classifier that the adapter makes of its own base model.
    /// </summary>
    public static bool IsAdapterAlone(SpeechTrainingOptions options) =>
        options.InitialModel.Path.Length > 0 && !string.IsNullOrWhiteSpace(options.Encoder)
        && options.InitialModel.Parts != InitialParts.Head
        && PeftFolder.IsOne(SavedModels.FolderOrPath(options.InitialModel.Path));

    /// <summary>Reads the model that the options name; <see langword="null"/> where they name none.</summary>
    /// <param name="options">Validated options.</param>
    /// <param name="labels">The labels of the training data.</param>
    /// <param name="labelColumn">Their column, for messages.</param>
    /// <param name="extras">The extra features of the training data.</param>
    /// <exception cref="ArgumentException">The path is no model, or an option is not as the model has it.</exception>
    /// <exception cref="InvalidOperationException">The model has other labels.</exception>
    public static InitialModel? Open(
        SpeechTrainingOptions options, LabelValues labels, string labelColumn, ExtraFeature[] extras)
    {
        if (options.InitialModel.Path.Length == 0)
        {
            return null;
        }
        if (IsAdapterAlone(options))
        {
            InitialModelOptions.CheckAdapter(options);
            return new InitialModel(SavedModels.FolderOrPath(options.InitialModel.Path),
                options.InitialModel.Parts, null);
        }
        var initial = new InitialModel(
            options.InitialModel.Path, options.InitialModel.Parts, SavedModels.Read(options.InitialModel.Path));
        try
        {
            initial.CheckOptions(options);
            initial.CheckLabels(labels, labelColumn);
            initial.CheckExtras(options, extras);
            return initial;
        }
        catch
        {
            initial.Dispose();
            throw;
        }
    }

    /// <summary>Copies the parts into a network that was built as the options say.</summary>
    /// <exception cref="ArgumentException">Both have adapters, and they differ.</exception>
    /// <exception cref="InvalidOperationException">Tensors do not fit; the message names them.</exception>
    public void CopyTo(SpeechNetwork network)
    {
        using DisposeScope scope = NewDisposeScope();
        using WeightAccess access = WeightAccess.Begin();
        using IDisposable still = no_grad();
        List<LoraSite> adapters = LoraSite.Attached(network.Encoder);
        if (_model is null)
        {
            CopyAdapter(network.Encoder, adapters);
            return;
        }
        List<LoraSite> theirs = LoraSite.Attached(_model.Network.Encoder);
        bool takesEncoder = _parts != InitialParts.Head;
        if (takesEncoder && adapters.Count > 0 && theirs.Count > 0)
        {
            CheckAdapters(adapters, theirs);
        }
        // What the run does not adapt goes on as whole weights.
        bool merge = takesEncoder && adapters.Count == 0 && theirs.Count > 0;
        Dictionary<string, Tensor> source = merge ? MergedWeights.Of(_model.Network) : _model.Network.state_dict();
        Copy(OfOutput(source), network, newAdapter: theirs.Count == 0);
        if (takesEncoder && theirs.Count == 0)
        {
            adapters.ForEach(site => site.Adapter.Rebase(site.Projection.Weight));
        }
    }

    public void Dispose() => _model?.Dispose();

    private void Copy(Dictionary<string, Tensor> source, SpeechNetwork network, bool newAdapter)
    {
        Dictionary<string, Tensor> target = network.state_dict();
        var misfits = new List<string>();
        bool newPrompt = _model!.Network.Prompt is null;
        foreach ((string name, Tensor tensor) in target.Where(t => IsTaken(t.Key)
            && !(newAdapter && LoraAdapter.IsAdapterParameter(t.Key))
            && !(newPrompt && t.Key.StartsWith(PromptPrefix, StringComparison.Ordinal))))
        {
            if (!source.TryGetValue(name, out Tensor? value) || !value.shape.AsSpan().SequenceEqual(tensor.shape))
            {
                misfits.Add(
                    $"tensor '{name}': expected shape {WeightImporter.Shape(tensor.shape)}, got " +
                    $"{(value is null ? "no such tensor" : WeightImporter.Shape(value.shape))}");
            }
        }
        misfits.AddRange(source.Where(s => IsTaken(s.Key) && !target.ContainsKey(s.Key)
            && !IsLeftOut(s.Key, network.Encoder))
            .Select(s =>
                $"tensor '{s.Key}': expected no such tensor, got one of shape {WeightImporter.Shape(s.Value.shape)}"));
        if (misfits.Count > 0)
        {
            string more = misfits.Count > MaxNamed ? $"; and {misfits.Count - MaxNamed} more" : "";
            throw new InvalidOperationException(
                $"InitialModel '{_path}' does not fit (InitialModel.Parts {_parts}): " +
                $"{string.Join("; ", misfits.Take(MaxNamed))}{more}.");
        }
        foreach ((string name, Tensor tensor) in target.Where(t => IsTaken(t.Key) && source.ContainsKey(t.Key)))
        {
            _ = tensor.copy_(source[name]);
        }
    }

    /// <summary>The tensors with the rows of one output in the place of the last layer's.</summary>
    private Dictionary<string, Tensor> OfOutput(Dictionary<string, Tensor> source)
    {
        string last = FormattableString.Invariant($"head.stacks.0.layers.{Facts.Head?.HiddenLayers}.");
        return _output is not { } row ? source : source.ToDictionary(
            t => t.Key, t => t.Key.StartsWith(last, StringComparison.Ordinal) ? t.Value.narrow(0, row, 1) : t.Value,
            StringComparer.Ordinal);
    }

    private bool IsTaken(string name)
    {
        bool head = Array.Exists(s_headPrefixes, p => name.StartsWith(p, StringComparison.Ordinal));
        return _parts == InitialParts.All || head == (_parts == InitialParts.Head);
    }

    /// <summary>
    /// Whether the encoder was built without a tensor because it is above the layers in use, or because nothing uses
    /// it.
    /// </summary>
    private static bool IsLeftOut(string name, SpeechEncoder encoder)
    {
        if (!name.StartsWith(SpeechNetwork.EncoderPrefix, StringComparison.Ordinal))
        {
            return false;
        }
        string own = name[SpeechNetwork.EncoderPrefix.Length..];
        EncoderParameterGroups groups = encoder.Config.Groups;
        int layer = groups.LayerOf(own);
        return layer >= 0
            ? layer >= encoder.BuiltLayers && layer < encoder.Config.LayerCount
            : encoder.BuiltLayers < encoder.Config.LayerCount
                && (EncoderParameterGroups.Contains(groups.FinalNorm, own)
                || EncoderParameterGroups.Contains(groups.Optional, own));
    }

    private void CopyAdapter(SpeechEncoder encoder, List<LoraSite> adapters)
    {
        (_, List<LoraSite> theirs) = PeftFolder.Read(_path, encoder, PeftConfig.Read(_path).Rules);
        CheckAdapters(adapters, theirs);
        foreach ((LoraSite mine, LoraSite their) in adapters.Zip(theirs))
        {
            foreach (((_, Parameter to), (_, Parameter from)) in mine.Adapter.Parts.Zip(their.Adapter.Parts))
            {
                _ = to.copy_(from);
            }
            their.Adapter.Dispose();
        }
    }

    /// <summary>Compares what adapters compute, however their options say it.</summary>
    private void CheckAdapters(List<LoraSite> mine, List<LoraSite> theirs)
    {
        Dictionary<string, string> got = mine.ToDictionary(s => s.Name, s => s.Adapter.Shape, StringComparer.Ordinal);
        Dictionary<string, string> expected =
            theirs.ToDictionary(s => s.Name, s => s.Adapter.Shape, StringComparer.Ordinal);
        const string None = "no adapter";
        foreach (string map in got.Keys.Union(expected.Keys).Order(StringComparer.Ordinal))
        {
            string want = expected.GetValueOrDefault(map, None);
            string have = got.GetValueOrDefault(map, None);
            OptionChecks.Check(want == have, nameof(SpeechTrainingOptions.Lora),
                $"{want} on '{map}', as in InitialModel '{_path}'", have);
        }
    }

    private void CheckOptions(SpeechTrainingOptions options)
    {
        int built = Facts.BuiltLayers;
        if (_parts != InitialParts.Head)
        {
            int tokens = Facts.SoftPrompt?.Tokens ?? 0;
            // A model without a prompt may get a new one.
            Agree(tokens == 0 || options.SoftPrompt.Tokens == tokens, "SoftPrompt.Tokens", tokens,
                options.SoftPrompt.Tokens);
        }
        LayerSelection layers = LayerSelection.Parse(options.Layers);
        if (_parts != InitialParts.Head && (layers.Needed ?? EncoderLayers) > built)
        {
            throw new ArgumentException(
                $"Option {nameof(options.Layers)}: expected hidden states from 0 to {built}, because InitialModel " +
                $"'{_path}' " +
                $"holds no layers above, got '{options.Layers}'.");
        }
        if (_parts == InitialParts.Encoder)
        {
            return;
        }
        Agree(Facts.Head is not null, "InitialModel.Parts",
            $"{InitialParts.Encoder}, because InitialModel '{_path}' has no head", _parts);
        string? task = TaskDescription.Of(options)?.SavedName;
        Agree(
            Facts.Task is null || Facts.Task == task,
            "InitialModel.Parts",
            $"{InitialParts.Encoder}, because InitialModel '{_path}' was trained by {Facts.Task} and this is {task}",
            _parts);
        string theirs = Facts.Layers.Length > 0 ? string.Join(',', Facts.Layers)
            : Facts.Layer == LayerSelection.LastNumber ? SpeechML.EncoderLayers.Last
            : FormattableString.Invariant($"{Facts.Layer}");
        string mine = layers.All ? string.Join(',', Enumerable.Range(0, EncoderLayers + 1)) : layers.Last
            ? SpeechML.EncoderLayers.Last
            : string.Join(',', layers.Numbers);
        Agree(mine == theirs, nameof(options.Layers), theirs, options.Layers);
        if (Facts.Layers.Length > 0)
        {
            Agree(options.LayerCombination == Facts.LayerCombination, nameof(options.LayerCombination),
                Facts.LayerCombination, options.LayerCombination);
        }
        Agree(options.Pooling == Facts.Pooling, nameof(options.Pooling), Facts.Pooling, options.Pooling);
        if (_parts == InitialParts.All && _model!.Network.Encoder.Config.MaxSamples is not null)
        {
            Agree(options.WhisperContext == WhisperContext.Auto || options.WhisperContext == Facts.WhisperContext,
                nameof(options.WhisperContext), Facts.WhisperContext, options.WhisperContext);
        }
        bool asPython = Facts.PoolsSilence == true || Facts.PoolsTokens == true;
        Agree(!EncoderFamily.PoolsMoreThanFrames(Facts.EncoderConfig) || options.HuggingFaceHead == asPython,
            nameof(options.HuggingFaceHead), asPython, options.HuggingFaceHead);
        HeadOptions head = Facts.Head!;
        foreach (OptionPath option in OptionModel.Of(typeof(HeadOptions)).Paths.Where(o => ShapesHead(o, head)))
        {
            Agree(Equals(option.Get(options.Head), option.Get(head)), $"Head.{option.Name}", option.Get(head)!,
                option.Get(options.Head)!);
        }
    }

    /// <summary>Whether tensors or what they compute depend on an option of the head, as the model has it.</summary>
    private bool ShapesHead(OptionPath option, HeadOptions head) => option.Name switch
    {
        // A head over tokens always has one.
        nameof(HeadOptions.LayerNorm) => Facts.PoolsTokens != true,
        // Dropout is of the training, not of the model.
        nameof(HeadOptions.Dropout) => false,
        nameof(HeadOptions.FrameAttentionHeads) => head.FrameLayers > 0,
        nameof(HeadOptions.Activation) => head.HiddenLayers > 0,
        _ => true,
    };

    private void Agree(bool same, string option, object expected, object got) =>
        OptionChecks.Check(same, option,
            expected is string text && text.Contains("because", StringComparison.Ordinal) ? text
            : $"{expected}, as in InitialModel '{_path}'", got);

    private void CheckExtras(SpeechTrainingOptions options, ExtraFeature[] extras)
    {
        if (_parts == InitialParts.Encoder)
        {
            return;
        }
        string theirs = Text(Facts.ExtraFeatures ?? []);
        Agree(theirs == Text(extras), nameof(options.ExtraFeatures),
            theirs.Length > 0 ? theirs : "none", Text(extras) is { Length: > 0 } mine ? mine : "none");

        static string Text(ExtraFeature[] features) => string.Join(", ", features.Select(
            f => f.Size == 1 ? f.Column : FormattableString.Invariant($"{f.Column} ({f.Size} numbers)")));
    }

    private void CheckLabels(LabelValues labels, string column)
    {
        if (_parts != InitialParts.Encoder && Facts is { Outputs: > 1, Labels.Values: { } numbers }
            && TaskDescription.Saved(Facts.Task)?.Task == SpeechTask.Regression && labels.Values is [var wanted])
        {
            _output = Array.IndexOf(numbers, wanted);
            if (_output < 0)
            {
                throw new InvalidOperationException(
                    $"Label column '{column}': expected the name of the number that InitialModel '{_path}' is to go " +
                    $"on with, one of '{string.Join("', '", numbers)}', got another. Name the column so " +
                    $"(CopyColumns), or take InitialModel.Parts {InitialParts.Encoder}.");
            }
            return;
        }
        // The one output of a number or a yes-or-no is called as its column was.
        bool named = Facts.Outputs > 1 || labels.Values.Length > 1;
        if (_parts != InitialParts.Encoder && named && Facts.Labels is { } theirs
            && !theirs.Values.SequenceEqual(labels.Values))
        {
            throw new InvalidOperationException(
                $"Label column '{column}': expected the labels of InitialModel '{_path}' in their order, " +
                $"'{string.Join("', '", theirs.Values)}', got '{string.Join("', '", labels.Values)}'. Make keys by " +
                $"the MapValueToKey of the model's own chain, or take InitialModel.Parts {InitialParts.Encoder}.");
        }
    }
}
