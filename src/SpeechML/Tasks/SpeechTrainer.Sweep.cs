using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;

namespace SpeechML;

/// <content>What a sweep asks of the trainers that it is given.</content>
public abstract partial class SpeechTrainer<TTransformer>
{
    /// <summary>SHA-256 over the labels of all rows that have one.</summary>
    internal string HashTargets(IDataView data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (float[] targets in ReadLabels(data).Rated)
        {
            hash.AppendData(MemoryMarshal.AsBytes(targets.AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
