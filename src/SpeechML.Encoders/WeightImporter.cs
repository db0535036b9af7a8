using SpeechML.Encoders.Checkpoints.Mapping;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders;

/// <summary>
/// Copies the weights of a checkpoint into an encoder. Heads, decoders and quantizers beside the encoder are ignored;
/// within the encoder every
/// tensor must be known and every parameter found, in the exact shape, so that weights of another family are never half
/// loaded.
/// </summary>
internal static class WeightImporter
{
    private const string MaskedEmbedding = "masked_spec_embed";

    // Names of torch.nn.utils.weight_norm, and of its successor in torch.nn.utils.parametrizations.
    private static readonly (string Old, string New)[] s_weightNorm =
    [
        (".weight_g", ".parametrizations.weight.original0"),
        (".weight_v", ".parametrizations.weight.original1"),
    ];

    /// <summary>The types that weights may have; all become float32.</summary>
    public static readonly HashSet<string> Floating = ["F16", "BF16", "F32", "F64"];

    /// <summary>
    /// Compares names, shapes and types, and gives the tensor of the checkpoint for each of the encoder's; one that it
    /// may lack is left out.
    /// </summary>
    /// <param name="encoder">The encoder, whose tensors need no memory (<see cref="Weights.ShapesOnly"/>).</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="prefixes">What may stand before the encoder's names, most specific first.</param>
    /// <exception cref="CheckpointException">The weights are not those of this encoder.</exception>
    public static Dictionary<string, string> Match(
        SpeechEncoder encoder, CheckpointFolder checkpoint, IReadOnlyList<string> prefixes)
    {
        Dictionary<string, Tensor> targets = encoder.state_dict();
        string prefix = Prefix(encoder, checkpoint, prefixes);
        Dictionary<string, string> sources = Sources(encoder, checkpoint, prefix, targets);
        foreach ((string name, Tensor target) in targets)
        {
            if (sources.TryGetValue(name, out string? source))
            {
                Check(checkpoint, source, target);
            }
            // Some published checkpoints leave it out; nothing reads it in evaluation.
            else if (name != MaskedEmbedding)
            {
                throw new CheckpointException(
                    checkpoint.WeightsPath, prefix + name,
                    $"shape {Shape(target.shape)}, as encoder '{encoder.Config.ModelType}' of config.json has it",
                    "no such tensor");
            }
            // It is as wide as a frame, which other tensors hold to the weights.
        }
        return sources;
    }

    /// <summary>Fills the encoder; values of other floating-point types become float32.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="sources">What <see cref="Match"/> gave for an encoder that is built alike.</param>
    /// <exception cref="CheckpointException">A value is not a finite number.</exception>
    public static void Fill(
        SpeechEncoder encoder, CheckpointFolder checkpoint, IReadOnlyDictionary<string, string> sources)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        Dictionary<IntPtr, PackedWeight> lendable = Lendable(encoder);
        foreach ((string name, Tensor target) in encoder.state_dict())
        {
            if (!sources.TryGetValue(name, out string? source))
            {
                _ = target.fill_(Scalars.Of(0));
                continue;
            }
            if (!lendable.TryGetValue(target.Handle, out PackedWeight? lends)
                || checkpoint.Tensors[source].DType != "F32"
                || !TryLend(lends, target, alignment => checkpoint.TryMap(source, alignment)))
            {
                checkpoint.CopyTo(source, target);
            }
            CheckFinite(checkpoint.FileOf(source), source, target);
            lends?.LetPagesGo();
        }
    }

    /// <summary>The weights of a module that may lie in their file, by the parameter's handle.</summary>
    public static Dictionary<IntPtr, PackedWeight> Lendable(nn.Module module) =>
        module.modules().OfType<ProductModule>().Where(m => m.Packed is not null)
            .ToDictionary(m => m.WeightForm.Handle, m => m.Packed!);

    /// <summary>Leaves a weight where it lies in its file.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="target">Its parameter.</param>
    /// <param name="map">Maps the float32 tensor at an address of an alignment; <see langword="null"/> where that is
    /// not to be had.</param>
    /// <returns>Whether that was to be had.</returns>
    public static bool TryLend(PackedWeight weight, Tensor target, Func<int, Tensor?> map)
    {
        if (!TensorMemory.IsFloat32OnCpu(target))
        {
            return false;
        }
        // What will be packed is not multiplied as it lies.
        using Tensor? mapped = map(weight.CanRun ? sizeof(float) : MappedTensors.Alignment);
        if (mapped is not null)
        {
            weight.Lend(mapped);
        }
        return mapped is not null;
    }

    /// <summary>A shape as messages write it.</summary>
    public static string Shape(long[] shape) => "[" + string.Join(", ", shape) + "]";

    /// <summary>Refuses weights that are NaN or infinite: every score would be.</summary>
    /// <exception cref="CheckpointException">A value is not a finite number.</exception>
    public static void CheckFinite(string file, string name, Tensor values)
    {
        if (!Weights.AreFinite(values))
        {
            throw new CheckpointException(
                file, name, "finite numbers",
                "NaN or infinity: the weights are of a run that diverged, or are damaged");
        }
    }

    private static void Check(CheckpointFolder checkpoint, string source, Tensor target)
    {
        TensorEntry entry = checkpoint.Tensors[source];
        if (!entry.Shape.AsSpan().SequenceEqual(target.shape))
        {
            throw new CheckpointException(checkpoint.FileOf(source), source, $"shape {Shape(target.shape)}",
                Shape(entry.Shape));
        }
        if (target.is_floating_point() && !Floating.Contains(entry.DType))
        {
            throw new CheckpointException(checkpoint.FileOf(source), source, "a floating-point type", entry.DType);
        }
    }

    private static string Prefix(SpeechEncoder encoder, CheckpointFolder checkpoint, IReadOnlyList<string> prefixes)
    {
        HashSet<string> roots = Roots(encoder);
        return prefixes.FirstOrDefault(prefix => checkpoint.Tensors.Keys.Any(name => IsInside(name, prefix, roots)))
            ?? throw new CheckpointException(
                checkpoint.WeightsPath,
                prefixes[0] + encoder.state_dict().Keys.First(),
                $"this and others of encoder '{encoder.Config.ModelType}', with or without '{prefixes[0]}'",
                "none of them; the first tensor there is '" + CheckpointException.Shorten(
                    checkpoint.Tensors.Keys.Order(StringComparer.Ordinal).FirstOrDefault() ?? "") + "'");
    }

    /// <summary>From the encoder's name of a tensor to the checkpoint's.</summary>
    private static Dictionary<string, string> Sources(
        SpeechEncoder encoder, CheckpointFolder checkpoint, string prefix, Dictionary<string, Tensor> targets)
    {
        HashSet<string> roots = Roots(encoder);
        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string source in checkpoint.Tensors.Keys.Where(name => IsInside(name, prefix, roots)))
        {
            string name = Renamed(source[prefix.Length..]);
            if (!targets.ContainsKey(name))
            {
                if (IsLeftOut(encoder, name, targets))
                {
                    continue;
                }
                throw new CheckpointException(
                    checkpoint.FileOf(source),
                    source,
                    $"only what encoder '{encoder.Config.ModelType}' of {encoder.Config.LayerCount} layers has",
                    "a tensor that it has not: these may be weights of another model than config.json describes");
            }
            if (!sources.TryAdd(name, source))
            {
                throw new CheckpointException(checkpoint.FileOf(source), name, "it once",
                    $"both '{sources[name]}' and '{source}'");
            }
        }
        return sources;
    }

    /// <summary>
    /// Without a prefix, heads stand beside the encoder; with one, all that bears it is the encoder's.
    /// </summary>
    public static bool IsInside(string name, string prefix, HashSet<string> roots) =>
        prefix.Length > 0 ? name.StartsWith(prefix, StringComparison.Ordinal) : roots.Contains(First(name));

    /// <summary>The first parts of the names of all that belongs to the encoder, built or not.</summary>
    public static HashSet<string> Roots(SpeechEncoder encoder) => Roots(encoder.Config.Groups);

    /// <summary>Those of a checkpoint's tensors that stand beside the encoder: of heads and decoders.</summary>
    /// <param name="config">The encoder.</param>
    /// <param name="names">Names of all tensors.</param>
    /// <param name="prefixes">What may stand before the encoder's names, most specific first.</param>
    public static IEnumerable<string> Beside(
        EncoderConfig config, IReadOnlyCollection<string> names, IReadOnlyList<string> prefixes)
    {
        HashSet<string> roots = Roots(config.Groups);
        string? used = prefixes.FirstOrDefault(prefix => names.Any(name => IsInside(name, prefix, roots)));
        return used is null ? names : names.Where(name => !IsInside(name, used, roots));
    }

    private static HashSet<string> Roots(EncoderParameterGroups groups) =>
        [.. groups.FrontEnd.Concat(groups.Projection).Concat(groups.Optional).Concat(groups.Layers)
            .Concat(groups.FinalNorm).Select(First)];

    private static string First(string name) => name.Split('.', 2)[0];

    private static string Renamed(string name)
    {
        foreach ((string old, string renamed) in s_weightNorm)
        {
            if (name.EndsWith(old, StringComparison.Ordinal))
            {
                return name[..^old.Length] + renamed;
            }
        }
        return name;
    }

    /// <summary>
    /// Whether a tensor is the whole model's but not built: an upper layer, the norm after it, an unused mask
    /// embedding.
    /// </summary>
    private static bool IsLeftOut(SpeechEncoder encoder, string name, Dictionary<string, Tensor> targets)
    {
        if (name == MaskedEmbedding && encoder.Config.Groups.FrontEnd.Contains(MaskedEmbedding))
        {
            return true;
        }
        if (encoder.BuiltLayers == encoder.Config.LayerCount)
        {
            return false;
        }
        EncoderParameterGroups groups = encoder.Config.Groups;
        int layer = groups.LayerOf(name);
        if (layer < 0)
        {
            return EncoderParameterGroups.Contains(groups.FinalNorm, name)
                || EncoderParameterGroups.Contains(groups.Optional, name);
        }
        // Layers are alike: what the first one has, an upper one may have.
        return layer >= encoder.BuiltLayers
            && (encoder.BuiltLayers == 0
                || targets.ContainsKey(groups.Layers[0] + name[groups.Layers[layer].Length..]));
    }
}
