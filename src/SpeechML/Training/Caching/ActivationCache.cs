using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using SpeechML.Encoders;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using TorchSharp;

namespace SpeechML.Training.Caching;

/// <summary>
/// What frozen encoders make of clips, for runs that share it: computed once for all trials that differ above the
/// frozen boundary only. Kept by batch, because the last bits
/// of a clip's values depend on the clips beside it: a run gets what it would have computed. In memory up to a limit,
/// beyond it in a temporary file; in files that outlive the run where a folder is named.
/// </summary>
/// <param name="memoryLimit">Bytes in memory; <see langword="null"/> where a single run uses it, which keeps what it
/// got itself.</param>
/// <param name="files">The files; <see langword="null"/> for none.</param>
internal sealed class ActivationCache(long? memoryLimit, ActivationCacheFolder? files = null) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ArrayStore _store = new(memoryLimit ?? 0);
    private readonly Dictionary<string, (int Index, long Length, torch.ScalarType? Rounding)[]> _batches =
        new(StringComparer.Ordinal);

    /// <summary>The builds of what computes: this library, that of the encoders, and TorchSharp.</summary>
    internal static string Builds { get; } = string.Join(' ', new[]
    {
        typeof(ActivationCache), typeof(SpeechEncoder), typeof(torch),
    }.Select(t => t.Module.ModuleVersionId));

    /// <summary>Batches that were there already.</summary>
    public long Hits { get; private set; }

    /// <summary>Batches that were computed.</summary>
    public long Misses { get; private set; }

    /// <summary>The part that runs with the same frozen weights, boundary and options share.</summary>
    /// <param name="network">The network.</param>
    /// <param name="boundary">How deep its results are kept; <see cref="CacheStage.Pooled"/> of one without a head is
    /// what a featurizer gives.</param>
    /// <param name="options">What comes between the encoder and the boundary.</param>
    public SharedActivationCache Of(SpeechNetwork network, CachePoint boundary, SpeechEncodingOptions options)
    {
        bool pooled = !boundary.IsBeforeLayers;
        // How one layer is combined says nothing, and trainers and featurizers have other defaults for it.
        string combination = network.Layers.Count > 1 ? $"{options.LayerCombination} {options.LayerWeights}" : "";
        string facts = string.Join(
            '|',
            network.Encoder.ConfigJson,
            boundary,
            network.Encoder.Features,
            network.Encoder.BuiltLayers,
            network.Encoder.Context,
            EncoderPrecision.Describe(network.Encoder),
            pooled ? $"{options.Layers} {combination} {options.Pooling} {options.Output}" : "",
            // A user's pooling may change while its name does not.
            pooled ? network.Pooling.GetType().Module.ModuleVersionId : default,
            // Sums in another order have other last bits.
            torch.get_num_threads(),
            FastPaths.Names,
            network.LongAudio,
            // A featurizer keeps one vector of a long clip where a trainer keeps those of its windows.
            network.LongAudio.PoolsTogether || network.Head is not null,
            files?.Precision,
            Builds,
            network.Device);
        var front = boundary.Stage == CacheStage.FrontEnd ? (IConvolutionalEncoder)network.Encoder : null;
        return new SharedActivationCache(this, HashFrozen(network, facts, pooled, front));
    }

    /// <summary>The kept values of a batch, or those computed now.</summary>
    public Activation[] GetOrCompute(string key, Func<Activation[]> compute)
    {
        lock (_gate)
        {
            if (_batches.TryGetValue(key, out (int Index, long Length, torch.ScalarType? Rounding)[]? kept))
            {
                Hits++;
                return [.. kept.Select(k => new Activation(_store.Get(k.Index), k.Length) { Rounding = k.Rounding })];
            }
        }
        // Outside the lock: where two trials want the same at once, both compute it, and the first is kept.
        Activation[]? filed = files?.Read(key);
        Activation[] computed = filed ?? compute();
        if (filed is null && files is not null)
        {
            computed = [.. computed.Select(files.Round)];
            files.Write(key, computed);
        }
        lock (_gate)
        {
            if (filed is null)
            {
                Misses++;
            }
            else
            {
                Hits++;
            }
            if (memoryLimit is not null && !_batches.ContainsKey(key))
            {
                _batches[key] = [.. computed.Select(c => (_store.Add(c), c.Length, c.Rounding))];
            }
        }
        return computed;
    }

    public void Dispose() => _store.Dispose();

    /// <param name="network">The network.</param>
    /// <param name="facts">What else the results depend on.</param>
    /// <param name="whole">Whether nothing of the encoder trains, also where its parameters are not marked so.</param>
    /// <param name="front">The encoder, where the results depend on its convolutions alone.</param>
    private static string HashFrozen(
        SpeechNetwork network, string facts, bool whole, IConvolutionalEncoder? front)
    {
        using WeightAccess access = WeightAccess.Begin();
        (string Name, torch.Tensor Tensor)[] frozen =
        [
            .. network.Encoder.named_parameters().Where(p => whole || !p.parameter.requires_grad)
            .Select(p => (p.name, (torch.Tensor)p.parameter))
                .Concat(network.Encoder.named_buffers().Select(b => (b.name, (torch.Tensor)b.buffer)))
                .Where(t => front?.IsOfFrontEnd(t.name) != false)
                .OrderBy(t => t.name, StringComparer.Ordinal),
        ];
        // Each tensor by itself, on all cores: it is done in every trial.
        byte[][] hashes = new byte[frozen.Length][];
        _ = Parallel.For(0, frozen.Length, i =>
        {
            using var one = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Fingerprint.Append(one, frozen[i].Name, frozen[i].Tensor);
            hashes[i] = one.GetHashAndReset();
        });
        return Convert.ToHexStringLower(
            SHA256.HashData([.. Encoding.UTF8.GetBytes(facts), .. hashes.SelectMany(h => h)]));
    }
}

/// <summary>The frozen work of one network.</summary>
/// <param name="work">All of it.</param>
/// <param name="network">What the network is known by.</param>
internal sealed class SharedActivationCache(ActivationCache work, string network)
{
    /// <summary>The kept values of a batch of clips, or those computed now.</summary>
    public Activation[] GetOrCompute(float[][] clips, Func<Activation[]> compute)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(network));
        foreach (float[] clip in clips)
        {
            hash.AppendData(BitConverter.GetBytes(clip.Length));
            hash.AppendData(MemoryMarshal.AsBytes(clip.AsSpan()));
        }
        return work.GetOrCompute(Convert.ToHexStringLower(hash.GetHashAndReset()), compute);
    }
}
