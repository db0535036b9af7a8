using SpeechML.Encoders;
using SpeechML.Encoders.Adapters.Peft;
using SpeechML.Encoders.Checkpoints;
using static TorchSharp.torch;

namespace SpeechML.Model.HuggingFace;

/// <summary>
/// The tensors that stand beside an encoder: of a checkpoint, and those of an adapter in their place.
/// </summary>
internal sealed class HeadTensors
{
    private readonly Dictionary<string, (TensorEntry Entry, string File, Func<Tensor> Read)> _tensors =
        new(StringComparer.Ordinal);

    private HeadTensors(string file)
    {
        File = file;
    }

    /// <summary>The file, or the index of its shards, for messages.</summary>
    public string File { get; }

    /// <summary>Shapes and types by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Entries =>
        _tensors.ToDictionary(t => t.Key, t => t.Value.Entry, StringComparer.Ordinal);

    /// <summary>What stands beside the encoder of a checkpoint.</summary>
    public static HeadTensors Of(CheckpointFolder checkpoint, EncoderFamily family, EncoderConfig config)
    {
        var tensors = new HeadTensors(checkpoint.WeightsPath);
        foreach (string name in WeightImporter.Beside(config, [.. checkpoint.Tensors.Keys], family.Prefixes))
        {
            tensors._tensors.Add(
                name, (checkpoint.Tensors[name], checkpoint.FileOf(name), () => checkpoint.Read(name)));
        }
        return tensors;
    }

    /// <summary>Puts the modules that an adapter holds as a whole in the place of the checkpoint's.</summary>
    /// <param name="file">The adapter's weights.</param>
    /// <param name="family">The encoder's family.</param>
    /// <param name="config">The encoder.</param>
    /// <param name="modules">What <c>modules_to_save</c> names.</param>
    /// <exception cref="CheckpointException">A module is missing, or the adapter changes the head by LoRA.</exception>
    public void Replace(
        IWeightsFile file, EncoderFamily family, EncoderConfig config, IReadOnlyCollection<string> modules)
    {
        List<(string Name, TensorEntry Entry)> beside = [.. PeftFolder.Beside(file, config, family.Prefixes)];
        foreach ((string name, TensorEntry entry) in beside.OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            if (!modules.Any(m => IsOf(name, m)))
            {
                throw new CheckpointException(file.Path, entry.Name,
                    $"LoRA of the encoder, and whole modules of 'modules_to_save' ({string.Join(", ", modules)})",
                    "a change of another part, which can be used once PEFT's merge_and_unload folded it into the " +
                    "base model");
            }
            _tensors[name] = (entry, file.Path, () => file.Read(entry.Name));
        }
        foreach (string module in modules.Where(m => !beside.Exists(t => IsOf(t.Name, m))))
        {
            throw new CheckpointException(file.Path, module,
                $"its tensors, because '{PeftConfig.FileName}' has it in 'modules_to_save'", "none");
        }
    }

    /// <summary>A tensor's facts.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">The shape that it must have; -1 for any size.</param>
    /// <param name="why">What asks for it.</param>
    /// <exception cref="CheckpointException">It is missing, or has another shape or type.</exception>
    public TensorEntry Require(string name, IReadOnlyList<long> shape, string why)
    {
        string wanted = $"shape [{string.Join(", ", shape.Select(s => s < 0 ? "any" : $"{s}"))}], {why}";
        if (!_tensors.TryGetValue(name, out (TensorEntry Entry, string File, Func<Tensor> Read) tensor))
        {
            throw new CheckpointException(File, name, wanted, "no such tensor: a head is never filled at random");
        }
        long[] there = tensor.Entry.Shape;
        if (there.Length != shape.Count || there.Where((size, i) => shape[i] >= 0 && size != shape[i]).Any())
        {
            throw new CheckpointException(tensor.File, name, wanted, WeightImporter.Shape(there));
        }
        return WeightImporter.Floating.Contains(tensor.Entry.DType) ? tensor.Entry
            : throw new CheckpointException(tensor.File, name, "a floating-point type", tensor.Entry.DType);
    }

    /// <summary>Refuses tensors that no part of the head is made of.</summary>
    /// <param name="known">The names that the head has.</param>
    /// <param name="pythonClass">The class, for the message.</param>
    public void RefuseOthers(IEnumerable<string> known, string pythonClass)
    {
        if (_tensors.Keys.Except(known).Order(StringComparer.Ordinal).FirstOrDefault() is { } odd)
        {
            throw new CheckpointException(_tensors[odd].File, odd,
                $"only what the encoder and the head of '{pythonClass}' have", "another tensor");
        }
    }

    /// <summary>Copies a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="target">Where to; the shapes agree.</param>
    /// <param name="row">The one row that is meant; <see langword="null"/> for all.</param>
    /// <exception cref="CheckpointException">A value is not a finite number.</exception>
    public void CopyTo(string name, Tensor target, int? row = null)
    {
        (_, string file, Func<Tensor> read) = _tensors[name];
        using Tensor value = read();
        _ = target.copy_(row is { } one ? value.narrow(0, one, 1) : value);
        WeightImporter.CheckFinite(file, name, target);
    }

    private static bool IsOf(string name, string module) =>
        name.StartsWith(module, StringComparison.Ordinal)
        && (name.Length == module.Length || name[module.Length] == '.');
}
