using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using SpeechML.Encoders.Kernels;
using TorchSharp;

namespace SpeechML.Encoders.Native;

/// <summary>SHA-256 over clips as they pass, so that they are read once.</summary>
internal sealed class Fingerprint : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The same clips, added to the hash one by one.</summary>
    public IEnumerable<(float[] Samples, float[] Targets)> Of(IEnumerable<(float[] Samples, float[] Targets)> clips)
    {
        foreach ((float[] samples, float[] targets) in clips)
        {
            // Lengths too: samples that move from one clip to the next are another data set.
            _hash.AppendData(BitConverter.GetBytes(samples.Length));
            _hash.AppendData(MemoryMarshal.AsBytes(samples.AsSpan()));
            _hash.AppendData(MemoryMarshal.AsBytes(targets.AsSpan()));
            yield return (samples, targets);
        }
    }

    /// <summary>Adds numbers that belong to the clips that have passed.</summary>
    public void Add(IEnumerable<float[]> numbers)
    {
        foreach (float[] row in numbers)
        {
            _hash.AppendData(MemoryMarshal.AsBytes(row.AsSpan()));
        }
    }

    /// <summary>The hash of what has passed, in hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>The hash of all weights and buffers of a network.</summary>
    public static string OfWeights(torch.nn.Module network)
    {
        using WeightAccess access = WeightAccess.Begin();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, torch.Tensor tensor) in network.state_dict().OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            Append(hash, name, tensor);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Adds the name and values of a tensor to a hash.</summary>
    public static void Append(IncrementalHash hash, string name, torch.Tensor tensor)
    {
        const long Piece = 1 << 26; // elements: a span ends at 2 GB
        using DisposeScope scope = torch.NewDisposeScope();
        hash.AppendData(Encoding.UTF8.GetBytes(name));
        torch.Tensor flat = tensor.detach().cpu().contiguous().view(-1);
        for (long done = 0; done < flat.numel(); done += Piece)
        {
            hash.AppendData(flat.narrow(0, done, Math.Min(Piece, flat.numel() - done)).bytes);
        }
    }

    public void Dispose() => _hash.Dispose();
}
