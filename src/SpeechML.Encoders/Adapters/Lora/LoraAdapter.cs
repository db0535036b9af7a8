using System.Text.Json.Nodes;
using SpeechML.Audio.Common;
using SpeechML.Encoders;
using SpeechML.Encoders.Adapters.Lora;
using SpeechML.Encoders.Adapters.Peft;
using SpeechML.Encoders.Checkpoints;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML;

/// <summary>
/// LoRA or DoRA on an encoder: new or from a folder of the PEFT library (<see cref="Load"/>). Its parameters are part
/// of the encoder's
/// <c>state_dict</c>, below the maps that they change: <c>encoder.layers.0.attention.q_proj.lora.A</c> (rank, inputs),
/// <c>….lora.B</c> (outputs, rank), with DoRA
/// <c>….lora.magnitude</c> (outputs). Attaching freezes all of the encoder's own parameters; the adapter's train.
/// </summary>
public sealed class LoraAdapter
{
    private readonly SpeechEncoder _encoder;
    private readonly JsonObject? _source;
    private readonly List<LoraSite> _sites;

    private LoraAdapter(SpeechEncoder encoder, LoraRules rules, string prefix, List<LoraSite> sites, JsonObject? source)
    {
        _encoder = encoder;
        _source = source;
        _sites = sites;
        Rules = rules;
        Prefix = prefix;
    }

    /// <summary>Names of the maps that have an adapter, in the encoder.</summary>
    public IReadOnlyList<string> Modules => [.. _sites.Select(site => site.Name)];

    /// <summary>The adapter's parameters by their names in the encoder's <c>state_dict</c>.</summary>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters
    {
        get
        {
            _encoder.ThrowIfDisposed();
            return [.. _sites.SelectMany(site => site.Adapter.named_parameters()
                .Select(p => ($"{site.Name}.{LowRankAdapter.ModuleName}.{p.name}", p.parameter)))];
        }
    }

    internal SpeechEncoder Encoder => _encoder;

    internal LoraRules Rules { get; }

    /// <summary>What the Python model has before the encoder's names.</summary>
    internal string Prefix { get; }

    internal IReadOnlyList<LoraSite> Sites => _sites;

    /// <summary>Whether a parameter of an encoder belongs to an adapter rather than to the pretrained model.</summary>
    /// <param name="name">The parameter's name.</param>
    public static bool IsAdapterParameter(string name) =>
        name.Contains($".{LowRankAdapter.ModuleName}.", StringComparison.Ordinal);

    /// <summary>
    /// Gives an encoder a new adapter that changes nothing yet: A is uniform in ±1/√inputs, B zero, a DoRA magnitude
    /// the norm of its row.
    /// </summary>
    /// <param name="encoder">The encoder; its own parameters are frozen.</param>
    /// <param name="rules">What to adapt, and how; the maps exist.</param>
    /// <param name="seed">Seed of A; no other random stream is touched.</param>
    /// <exception cref="InvalidOperationException">The encoder has an adapter.</exception>
    internal static LoraAdapter Attach(SpeechEncoder encoder, LoraRules rules, int seed)
    {
        RefuseSecond(encoder);
        using WeightAccess access = WeightAccess.Begin();
        string prefix = EncoderNames.Prefix(encoder);
        List<LoraSite> sites = LoraSite.Plan(encoder, rules, prefix);
        using var generator = new Generator((ulong)seed);
        foreach (LoraSite site in Weights.AreShapesOnly ? [] : sites)
        {
            site.Adapter.Initialize(site.Projection.Weight, generator);
        }
        Put(sites, encoder);
        return new LoraAdapter(encoder, rules, prefix, sites, null);
    }

    /// <summary>The adapter that an encoder has.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="rules">What it was attached with.</param>
    /// <param name="source">The <c>adapter_config.json</c> that it was read from; <see langword="null"/> for
    /// none.</param>
    internal static LoraAdapter On(SpeechEncoder encoder, LoraRules rules, JsonObject? source = null) =>
        new(encoder, rules, EncoderNames.Prefix(encoder), LoraSite.Attached(encoder), source);

    /// <summary>The <c>adapter_config.json</c> that it was read from; <see langword="null"/> of a new one.</summary>
    internal JsonObject? Source => _source;

    /// <summary>
    /// Gives an encoder the adapter of a PEFT folder (<c>adapter_config.json</c>, <c>adapter_model.safetensors</c> or
    /// <c>.bin</c>). What it holds for decoders, heads and layers that were not built is ignored.
    /// </summary>
    /// <param name="encoder">The encoder; its own parameters are frozen.</param>
    /// <param name="folder">The folder.</param>
    /// <exception cref="CheckpointException">A file is missing or broken, or the adapter was made for another encoder:
    /// the message names the tensor.</exception>
    /// <exception cref="InvalidDataException">The configuration is not of LoRA, or asks for what is not
    /// supported.</exception>
    /// <exception cref="InvalidOperationException">The encoder has an adapter.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public static LoraAdapter Load(SpeechEncoder encoder, string folder)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        RefuseSecond(encoder);
        PeftConfig config = PeftConfig.Read(folder);
        (string prefix, List<LoraSite> sites) = PeftFolder.Read(folder, encoder, config.Rules);
        Put(sites, encoder);
        return new LoraAdapter(encoder, config.Rules, prefix, sites, config.Json);
    }

    /// <summary>Writes a folder as the PEFT library does; every file whole or not at all.</summary>
    /// <param name="folder">A new or empty folder.</param>
    /// <param name="baseModel">The pretrained model's folder or Hub id, for <c>base_model_name_or_path</c>;
    /// <see langword="null"/> to keep what a loaded adapter said.</param>
    /// <param name="overwrite">Replace files in a folder that is not empty.</param>
    /// <exception cref="CheckpointException">The folder is not empty and <paramref name="overwrite"/> is not
    /// set.</exception>
    /// <exception cref="InvalidOperationException">The adapter was merged or taken away.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public void Save(string folder, string? baseModel = null, bool overwrite = false)
    {
        using ModuleLifetime.Use use = _encoder.BeginUse();
        FolderWriter.Write(folder, overwrite, Files(baseModel));
    }

    /// <summary>The files of such a folder, and what writes each.</summary>
    /// <param name="baseModel">As for <see cref="Save"/>.</param>
    /// <param name="head">The head of the base model, which the folder holds too; <see langword="null"/> for
    /// none.</param>
    internal (string Name, Action<string> Write)[] Files(string? baseModel = null, PythonHead? head = null)
    {
        RequireAttached();
        (string Class, string Module) python = head is null ? EncoderNames.PythonModule(_encoder)
            : (head.Class, EncoderNames.Module(_encoder));
        string config = PeftConfig.Write(Rules, python, baseModel, _source, head?.SavedModules);
        string prefix = head is null ? Prefix : EncoderNames.Prefix(_encoder, head.Class);
        return PeftFolder.Files(this, config, prefix, head?.Saved ?? []);
    }

    /// <summary>
    /// Folds the adapter into the encoder's weights for good: the encoder then gives the same without it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The adapter was merged or taken away.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public void Merge()
    {
        using ModuleLifetime.Use use = _encoder.BeginUse();
        RequireAttached();
        using (DisposeScope scope = NewDisposeScope())
        using (WeightAccess.Begin())
        using (no_grad())
        {
            foreach (LoraSite site in _sites)
            {
                _ = site.Projection.Weight.copy_(site.Adapter.Merge(site.Projection.Weight));
            }
        }
        Detach();
    }

    /// <summary>Takes the adapter away: the encoder is as before it was attached, but frozen.</summary>
    /// <exception cref="InvalidOperationException">The adapter was merged or taken away.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public void Detach()
    {
        _encoder.ThrowIfDisposed();
        RequireAttached();
        foreach (LoraSite site in _sites)
        {
            site.Projection.Detach();
        }
        _sites.Clear();
    }

    private static void Put(List<LoraSite> sites, SpeechEncoder encoder)
    {
        using WeightAccess access = WeightAccess.Begin();
        foreach (Parameter parameter in encoder.parameters())
        {
            parameter.requires_grad = false;
        }
        foreach (LoraSite site in sites)
        {
            Tensor weight = site.Projection.WeightForm;
            site.Adapter.to(weight.device, weight.dtype);
            site.Adapter.train(site.Projection.training);
            site.Projection.Attach(site.Adapter);
        }
    }

    internal static void RefuseSecond(SpeechEncoder encoder)
    {
        encoder.ThrowIfDisposed();
        string? adapted = LoraSite.Maps(encoder).FirstOrDefault(map => map.Value.Adapter is not null).Key;
        if (adapted is not null)
        {
            throw new InvalidOperationException(
                $"LoRA adapter: expected encoder '{encoder.Config.ModelType}' without an adapter, got one on " +
                $"'{adapted}'; merge or detach it before.");
        }
    }

    private void RequireAttached()
    {
        if (_sites.Count == 0)
        {
            throw new InvalidOperationException(
                "LoRA adapter: expected one that is attached to its encoder, got one that was merged or detached.");
        }
    }
}
