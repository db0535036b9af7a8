using System.IO.Compression;
using System.Text;
using Microsoft.ML;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Transforms;

/// <summary>
/// Model zips with single fields changed load or are refused: no other exception, no hang, no more memory than their
/// bytes justify. The zips are those that earlier versions wrote, one of each kind; the cases follow from the seed.
/// </summary>
[TestClass]
public sealed class ModelZipFuzzTests
{
    private const int Seed = 20261130;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Load_MutatedFields_LoadsOrIsRefused() => Run(200);

    [TestMethod]
    [TestCategory("Slow")]
    public void Load_ManyMutatedFields_LoadsOrIsRefused() => Run(20_000);

    private void Run(int count)
    {
        var bounded = new BoundedLoad(
            typeof(FormatException), typeof(CheckpointException), typeof(InvalidDataException),
            typeof(EndOfStreamException));
        (string Name, byte[] Bytes)[] zips =
            [.. Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Fixtures, "old-zips"), "*.zip")
                .Order(StringComparer.Ordinal).Select(p => (Path.GetFileName(p), File.ReadAllBytes(p)))];
        for (int i = 0; i < count; i++)
        {
            var random = new Random(Seed + i);
            (string name, byte[] zip) = zips[random.Next(zips.Length)];
            (byte[] changed, string what) = Change(zip, new FieldMutator(random), random);
            var context = new MLContext(seed: 1);
            bounded.Run(changed.Length, $"case {i}, {name}, {what}", () =>
            {
                using var stream = new MemoryStream(changed);
                ITransformer model = Load(context, stream, out DataViewSchema schema);
                try
                {
                    _ = schema is null ? null : model.GetOutputSchema(schema);
                }
                // A transformer that now names a column which no other one makes; ML.NET has two ways to say so.
                catch (Exception e) when (
                    e is ArgumentException or InvalidOperationException { Source: "Microsoft.ML.Data" })
                {
                }
                finally
                {
                    (model as IDisposable)?.Dispose();
                }
            });
        }
        TestContext.WriteLine($"{count} zips: {bounded.Summary}");
        bounded.AssertNoFaults();
        Assert.IsGreaterThan(count / 50, bounded.Loaded);
    }

    // A pooling or ordinal loss that nobody registered is refused by its name, with what to call.
    private static ITransformer Load(MLContext context, Stream stream, out DataViewSchema schema)
    {
        try
        {
            return context.Model.Load(stream, out schema);
        }
        catch (Exception e) when (e.GetBaseException() is InvalidOperationException unknown
            && unknown.Message.Contains("a name that is not registered", StringComparison.Ordinal))
        {
            throw new FormatException(unknown.Message, e);
        }
    }

    private static (byte[] Zip, string What) Change(byte[] zip, FieldMutator mutator, Random random)
    {
        if (random.Next(10) == 0)
        {
            return (mutator.ZipDirectory(zip), "directory");
        }
        using var changed = new MemoryStream();
        using (var source = new ZipArchive(new MemoryStream(zip)))
        using (var target = new ZipArchive(changed, ZipArchiveMode.Create, leaveOpen: true))
        {
            ZipArchiveEntry[] entries = [.. source.Entries.Where(IsOurs)];
            ZipArchiveEntry chosen = entries[random.Next(entries.Length)];
            string text = "";
            foreach (ZipArchiveEntry entry in source.Entries)
            {
                byte[] bytes = Read(entry);
                if (entry == chosen)
                {
                    bytes = entry.Name switch
                    {
                        _ when entry.FullName.EndsWith("model.json", StringComparison.Ordinal) =>
                            Encoding.UTF8.GetBytes(text = mutator.Json(Encoding.UTF8.GetString(bytes))),
                        _ when entry.FullName.EndsWith(".safetensors", StringComparison.Ordinal) =>
                            mutator.Safetensors(bytes),
                        _ => mutator.ModelEntry(bytes),
                    };
                }
                using Stream stream = target.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                stream.Write(bytes);
            }
            return Finish(chosen.FullName + ": " + (text.Length > 4000 ? text[..4000] : text));

            (byte[], string) Finish(string what)
            {
                target.Dispose();
                return (changed.ToArray(), what);
            }
        }
    }

    /// <summary>Entries that this library reads; those of ML.NET itself (chain, schema, keys) are left alone.</summary>
    private static bool IsOurs(ZipArchiveEntry entry) =>
        entry.FullName.EndsWith("model.json", StringComparison.Ordinal)
        || entry.FullName.EndsWith(".safetensors", StringComparison.Ordinal)
        || (entry.FullName.EndsWith("Model.key", StringComparison.Ordinal)
            && Encoding.ASCII.GetString(Read(entry)).Contains("SPCH", StringComparison.Ordinal));

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using var bytes = new MemoryStream();
        using Stream stream = entry.Open();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
