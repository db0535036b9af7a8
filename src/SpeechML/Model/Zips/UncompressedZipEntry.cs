using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.ML;
using SpeechML.Encoders.Checkpoints.Mapping;

namespace SpeechML.Model.Zips;

/// <summary>
/// Entries of a model zip that are stored as they are. ML.NET writes an entry to a temporary file and deflates it from
/// there into the zip: a Whisper base encoder's 41 MB took 0.88 s to save and became 8 % smaller;
/// stored, they take 0.05 s. Its writer has no option for that; its archive, a private field, has.
/// </summary>
internal static class UncompressedZipEntry
{
    /// <summary>An entry of zeros before the weights, so that these begin where they can be mapped from.</summary>
    public const string Padding = "padding";

    private const int LocalHeader = 30; // bytes, and then the name

    /// <summary>
    /// Writes an entry in the context's folder without compression, aligned in the zip; by ML.NET's own way where its
    /// writer is another than the one known here.
    /// </summary>
    public static void Write(ModelSaveContext ctx, string name, Action<Stream> write)
    {
        if (Archive(ctx.Repository) is not { } archive)
        {
            ctx.SaveBinaryStream(name, writer => write(writer.BaseStream));
            return;
        }
        string path = PathOf(ctx, name);
        Pad(archive, PathOf(ctx, Padding), LocalHeader + Encoding.UTF8.GetByteCount(path));
        using Stream stream = archive.CreateEntry(path, CompressionLevel.NoCompression).Open();
        write(stream);
    }

    /// <summary>With separators as those of ML.NET's own entries are.</summary>
    private static string PathOf(ModelSaveContext ctx, string name) =>
        Path.Combine(ctx.Directory ?? "", name).Replace('/', Path.DirectorySeparatorChar);

    /// <summary>Writes so many zeros that what follows, behind its header, begins at a multiple.</summary>
    private static void Pad(ZipArchive archive, string path, int header)
    {
        if (StoredWeights.StreamOf(archive) is not { CanSeek: true } zip)
        {
            return;
        }
        long before = zip.Position + LocalHeader + Encoding.UTF8.GetByteCount(path) + header;
        byte[] zeros = new byte[(MappedTensors.Alignment - (before % MappedTensors.Alignment))
            % MappedTensors.Alignment];
        using Stream stream = archive.CreateEntry(path, CompressionLevel.NoCompression).Open();
        stream.Write(zeros);
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
