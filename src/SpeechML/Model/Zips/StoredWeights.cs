using System.IO.Compression;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using SpeechML.Encoders.Checkpoints;

namespace SpeechML.Model.Zips;

/// <summary>
/// Weights that lie uncompressed in a model zip, read from the zip's own file. ML.NET copies an entry to a temporary
/// file before it is read, and does not say where it lies.
/// </summary>
internal static class StoredWeights
{
    /// <summary>
    /// Opens an entry in the context's folder; <see langword="null"/> where it is compressed, the zip is no file, or
    /// there is anything unusual about it: then ML.NET's way reads or refuses it.
    /// </summary>
    /// <exception cref="CheckpointException">The entry is not a whole and consistent safetensors file.</exception>
    public static SafetensorsFile? Open(ModelLoadContext ctx, string name)
    {
        string path = Path.Combine(ctx.Directory ?? "", name).Replace('\\', '/');
        return ctx.Repository is { } reader && Source(reader) is FileStream file ? Open(file, path, name) : null;
    }

    /// <summary>Opens an entry of a zip.</summary>
    /// <param name="file">The zip.</param>
    /// <param name="path">The entry's path in it.</param>
    /// <param name="name">What messages call it.</param>
    /// <inheritdoc cref="Open(ModelLoadContext, string)" path="/summary|/exception"/>
    public static SafetensorsFile? Open(FileStream file, string path, string name)
    {
        ZipEntry? entry;
        try
        {
            using ByteSource zip = ByteSource.OfPart(file.SafeFileHandle, 0, file.Length, name);
            entry = ZipDirectory.Read(zip).GetValueOrDefault(path);
        }
        catch (CheckpointException)
        {
            return null;
        }
        return entry is null or { IsDeflated: true } ? null
            : SafetensorsFile.OpenPart(file.SafeFileHandle, entry.DataOffset, entry.StoredLength, name);
    }

    /// <summary>What a zip is read from or written to; <see langword="null"/> where this .NET keeps it elsewhere.
    /// </summary>
    public static Stream? StreamOf(ZipArchive archive)
    {
        try
        {
            return ArchiveStream(archive);
        }
        catch (MissingFieldException)
        {
            return null;
        }
    }

    private static Stream? Source(RepositoryReader reader)
    {
        try
        {
            return StreamOf(ArchiveOf(reader));
        }
        catch (Exception e) when (e is MissingFieldException or MissingMethodException)
        {
            return null; // another ML.NET than the one known here
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_archive")]
    private static extern ref ZipArchive ArchiveOf(RepositoryReader reader);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_archiveStream")]
    private static extern ref Stream ArchiveStream(ZipArchive archive);
}
