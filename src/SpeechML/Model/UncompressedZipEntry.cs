using System.IO.Compression;
using System.Runtime.CompilerServices;
using Microsoft.ML;

namespace SpeechML.Model;

/// <summary>
/// Entries of a model zip that are stored as they are. ML.NET writes an entry to a temporary file and deflates it from
/// there into the zip: a Whisper base encoder's 41 MB took 0.88 s to save and became 8 % smaller;
/// stored, they take 0.05 s. Its writer has no option for that; its archive, a private field, has.
/// </summary>
internal static class UncompressedZipEntry
{
    /// <summary>
    /// Writes an entry in the context's folder without compression; by ML.NET's own way where its writer is another
    /// than the one known here.
    /// </summary>
    public static void Write(ModelSaveContext ctx, string name, Action<Stream> write)
    {
        if (Archive(ctx.Repository) is not { } archive)
        {
            ctx.SaveBinaryStream(name, writer => write(writer.BaseStream));
            return;
        }
        // As the separators of ML.NET's own entries are.
        string path = Path.Combine(ctx.Directory ?? "", name).Replace('/', Path.DirectorySeparatorChar);
        using Stream stream = archive.CreateEntry(path, CompressionLevel.NoCompression).Open();
        write(stream);
    }

    /// <summary>
    /// The archive, with all entries written that were waiting for it; <see langword="null"/> where the writer has no
    /// such members.
    /// </summary>
    private static ZipArchive? Archive(RepositoryWriter writer)
    {
        try
        {
            Flush(writer);
            return ArchiveOf(writer);
        }
        catch (Exception e) when (e is MissingMethodException or MissingFieldException)
        {
            return null;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "Flush")]
    private static extern void Flush(RepositoryWriter writer);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_archive")]
    private static extern ref ZipArchive ArchiveOf(RepositoryWriter writer);
}
