using SpeechML.Encoders;
using SpeechML.Encoders.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Model;

/// <summary>A network's parameters and buffers as safetensors.</summary>
internal static class ModelWeights
{
    private const long Sample = 4096; // values

    /// <summary>
    /// Writes all of them once. A tensor whose values are all exact in half precision (a checkpoint published in fp16,
    /// unchanged) is written so: half the size, no loss.
    /// </summary>
    /// <param name="stream">Where to.</param>
    /// <param name="weights">The weights by name.</param>
    public static void Write(Stream stream, Dictionary<string, Tensor> weights)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        SafetensorsFile.WriteAligned(stream, weights.Select(t => (t.Key, Smallest(t.Value))));
    }

    /// <summary>Compares names and shapes: every tensor must be there with its shape, and nothing else.</summary>
    /// <param name="file">The weights.</param>
    /// <param name="network">The network, whose tensors need no memory.</param>
    /// <exception cref="CheckpointException">Names the tensor that does not fit.</exception>
    public static void Check(SafetensorsFile file, SpeechNetwork network)
    {
        Dictionary<string, Tensor> wanted = network.state_dict();
        if (wanted.Keys.Except(file.Entries.Keys).Concat(file.Entries.Keys.Except(wanted.Keys)).FirstOrDefault()
            is { } odd)
        {
            throw new CheckpointException(
                SpeechModel.WeightsEntry, odd, wanted.ContainsKey(odd) ? "this tensor" : "no such tensor",
                wanted.ContainsKey(odd) ? "none" : "one");
        }
        foreach ((string name, Tensor target) in wanted)
        {
            TensorEntry entry = file.Entries[name];
            if (!entry.Shape.AsSpan().SequenceEqual(target.shape))
            {
                throw new CheckpointException(
                    SpeechModel.WeightsEntry, name, $"shape ({string.Join(", ", target.shape)})",
                    $"({string.Join(", ", entry.Shape)})");
            }
            if (target.is_floating_point() && !WeightImporter.Floating.Contains(entry.DType))
            {
                throw new CheckpointException(SpeechModel.WeightsEntry, name, "a floating-point type", entry.DType);
            }
        }
    }

    /// <summary>
    /// Fills a network that <see cref="Check"/> accepts; what lies in the file as the network takes it stays there.
    /// </summary>
    /// <exception cref="CheckpointException">A value is not a finite number.</exception>
    public static void Read(SafetensorsFile file, SpeechNetwork network)
    {
        using IDisposable noGrad = no_grad();
        Dictionary<IntPtr, PackedWeight> lendable = WeightImporter.Lendable(network);
        foreach ((string name, Tensor target) in network.state_dict())
        {
            _ = lendable.TryGetValue(target.Handle, out PackedWeight? weight);
            using Tensor? mapped = file.Entries[name].DType == "F32" && target.dtype == ScalarType.Float32
                ? file.TryMap(name) : null;
            if (mapped is not null)
            {
                if (weight is null)
                {
                    _ = target.set_(mapped);
                }
                else
                {
                    weight.Lend(mapped);
                }
            }
            else
            {
                file.CopyTo(name, target);
            }
            WeightImporter.CheckFinite(SpeechModel.WeightsEntry, name, target);
            weight?.LetPagesGo();
        }
    }

    private static Tensor Smallest(Tensor value)
    {
        if (value.dtype != ScalarType.Float32)
        {
            return value;
        }
        // Most weights that are not exact show it at once.
        Tensor flat = value.reshape(-1);
        if (!IsExact(flat.narrow(0, 0, Math.Min(flat.numel(), Sample)), out _))
        {
            return value;
        }
        return IsExact(value, out Tensor half) ? half : value;
    }

    private static bool IsExact(Tensor value, out Tensor half)
    {
        half = value.to(ScalarType.Float16);
        return half.to(ScalarType.Float32).eq(value).all().item<bool>();
    }
}
