using System.Diagnostics;
using SpeechML.Audio.Common;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Tables;

/// <summary>
/// Damaged tables are read or refused by the exceptions that are documented, quickly and with little memory.
/// </summary>
[TestClass]
public sealed class TableMutationTests
{
    private const long MemoryFloor = 64L << 20;
    private static readonly SpeechMetadataColumns s_columns =
        new() { AudioKey = "file", Subject = "speaker", Features = ["hoarse"] };
    private static readonly byte[][] s_pieces =
    [
        .. new[] { ",", ";", "\t", "\"", "\"\"", "\n", "\r", "\r\n", "{", "}", "[", "]", ":", "\\u0000", "\\ud800",
            "1e999", "-1", "NaN", "null", "\u00A0", "e\u0301", "\uFFFD", "\uFEFF", "\0", "sep=;\n", "file",
            "speaker", "hoarse" }
            .Select(System.Text.Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0xFF, 0xFE], [0xED, 0xA0, 0x80],
    ];

    [TestMethod]
    [DataRow("*.csv")]
    [DataRow("*.json*")]
    public void Load_MutatedTables_AreReadOrRefused(string kind) => Mutate(kind, 300);

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("*.csv")]
    [DataRow("*.json*")]
    public void Load_ManyMutatedTables_AreReadOrRefused(string kind) => Mutate(kind, 20_000);

    private static void Mutate(string kind, int count)
    {
        byte[][] originals = [.. Directory.GetFiles(Path.Combine(RepositoryFiles.Fixtures, "tables"), kind)
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        string extension = kind == "*.csv" ? ".csv" : ".json";
        using var folder = new Scratch();
        var random = new SeededRandom(1);
        (int read, double slowest, double most) = (0, 0, 0);
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = Mutated(originals[i % originals.Length], random);
            string path = folder.At("m" + extension);
            File.WriteAllBytes(path, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            try
            {
                SpeechMetadata metadata = SpeechMetadata.Load(path, s_columns);
                read++;
                Assert.IsFalse(metadata.Rows.Any(r => r.Subject.Contains('\uFFFD', StringComparison.Ordinal)));
            }
            catch (InvalidDataException e)
            {
                StringAssert.StartsWith(e.Message, $"'{path}'");
            }
            catch (Exception e)
            {
                Assert.Fail($"Mutation {i}, {Convert.ToBase64String(bytes)}: {e}");
            }
            slowest = Math.Max(slowest, Stopwatch.GetElapsedTime(start).TotalSeconds);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            most = Math.Max(most, allocated);
            Assert.IsLessThanOrEqualTo((4L * bytes.Length) + MemoryFloor, allocated, Convert.ToBase64String(bytes));
        }
        Assert.IsLessThan(1, slowest);
        Assert.IsGreaterThan(0, read);
        Console.WriteLine(FormattableString.Invariant(
            $"{count} of {kind}: {read} read, slowest {1000 * slowest:F1} ms, at most {most / 1024:F0} KiB"));
    }

    private static byte[] Mutated(byte[] original, SeededRandom random)
    {
        List<byte> bytes = [.. original];
        for (int n = 1 + random.Next(4); n > 0; n--)
        {
            int at = random.Next(bytes.Count + 1);
            int length = Math.Min(bytes.Count - at, 1 + random.Next(8));
            switch (random.Next(6))
            {
                case 0 when length > 0:
                    bytes[at] = Any(random);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, s_pieces[random.Next(s_pieces.Length)]);
                    break;
                case 3:
                    bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                    break;
                case 4 when random.Next(20) == 0:
                    byte[] piece = s_pieces[random.Next(s_pieces.Length)];
                    bytes.InsertRange(at, Enumerable.Repeat(piece, 20_000).SelectMany(p => p));
                    break;
                case 5 when random.Next(4) == 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes.InsertRange(at, [Any(random), Any(random)]);
                    break;
            }
        }
        return [.. bytes];
    }

    // Mostly ASCII, so that most texts get as far as their fields.
    private static byte Any(SeededRandom random) => (byte)random.Next(random.Next(10) == 0 ? 256 : 128);
}
