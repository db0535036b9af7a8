namespace SpeechML.Encoders.Checkpoints.Pickle;

/// <summary>Where a storage's bytes lie.</summary>
/// <param name="Offset">First byte in the file.</param>
/// <param name="Length">Bytes of the storage.</param>
/// <param name="DeflatedLength">Bytes in the file where they are compressed, else −1.</param>
internal readonly record struct StoragePlace(long Offset, long Length, long DeflatedLength = -1);

/// <summary>A file of <c>torch.save</c>: the pickled object and the storages it refers to.</summary>
/// <param name="root">The pickled object.</param>
internal abstract class TorchArchive(object? root)
{
    public object? Root { get; } = root;

    /// <summary>The format, told by its first bytes.</summary>
    /// <exception cref="CheckpointException">Neither format, or a broken file.</exception>
    public static TorchArchive Open(ByteSource source)
    {
        const string Expected = "a file of torch.save (a zip, or a pickle before torch 1.6)";
        NotWeights.ThrowIfNotWeights(source, Expected);
        Span<byte> head = stackalloc byte[(int)Math.Min(4, source.Length)];
        source.Read(0, head);
        if (head.StartsWith("PK\x03\x04"u8))
        {
            return TorchZipArchive.Read(source);
        }
        if (head.Length > 1)
        {
            return TorchLegacyArchive.Read(source);
        }
        throw new CheckpointException(source.Name, null, Expected, $"{source.Length} byte");
    }

    /// <exception cref="CheckpointException">The storage is not in the file, or has another length than the pickle
    /// says.</exception>
    public abstract StoragePlace Find(StorageReference storage, string tensor);
}
