using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using SpeechML.TestSupport;
using TorchSharp;
using static SpeechML.TestSupport.PickleBytes;

namespace SpeechML.Encoders.Tests.Checkpoints;

/// <summary>
/// Mutated files load or are refused: no other exception, no hang, no more memory than the file justifies. The counts
/// are raised by the environment
/// variables <c>SPEECHML_FUZZ_SAFETENSORS</c> and <c>SPEECHML_FUZZ_PICKLES</c>; the cases follow from the seed.
/// </summary>
[TestClass]
public sealed class CheckpointFuzzTests
{
    private const int Seed = 20261124;

    // Beside the file's own bytes: an exception with its message, the window a pickle is read through, the allowance
    // for the values of a small pickle.
    private const long Allowance = 256 << 10;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    private static readonly string[] s_words =
    [
        "\"F32\"", "\"BF16\"", "\"I64\"", "\"shape\"", "\"dtype\"", "\"data_offsets\"", "\"__metadata__\"", "[]", "{}",
        "[0,0]", "[1,", "null", "true", "-1", "0", "1e9", "4.0",
        "9223372036854775807", "18446744073709551616", "\\u0000", "\\ud800", "\"", "{", "}", "[", "]", ",", ":", " ",
    ];

    private static readonly byte[][] s_pickles =
    [
        Text("w"), Text("_metadata"), Number(0), Number(-1), Number(1L << 40), Long1(1), OrderedDict(),
        Global("torch", "FloatStorage"), Global("torch._utils", "_rebuild_tensor_v2"),
        Global("os", "system"), PickleBytes.Storage(4), Tensor(PickleBytes.Storage(4), [2, 2], [2, 1]), Dict(), Tuple(),
        "("u8.ToArray(), "t"u8.ToArray(), "R"u8.ToArray(), "Q"u8.ToArray(),
        "b"u8.ToArray(), "u"u8.ToArray(), "e"u8.ToArray(), "a"u8.ToArray(), "s"u8.ToArray(), "]"u8.ToArray(),
        ")"u8.ToArray(), "."u8.ToArray(), [(byte)'q', 0], [(byte)'h', 0], [0x93],
    ];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Open_MutatedSafetensors_LoadsOrIsRefused()
    {
        byte[][] good = [WrittenSafetensors(), .. Files("*.safetensors", 1 << 14, bad: false)];
        byte[][] bad = [.. Files("*.safetensors", 1 << 14, bad: true)];
        var random = new Random(Seed);
        Run("SPEECHML_FUZZ_SAFETENSORS", 4000, () => MutateSafetensors(Pick(good, bad, random), random), bytes =>
        {
            SafetensorsFile file = SafetensorsFile.Open(new MemoryStream(bytes), "fuzz");
            return (file, file.Entries, file.Read);
        });
    }

    [TestMethod]
    public void Open_MutatedPickles_LoadsOrIsRefused()
    {
        byte[] pickle = Program(
            Dict(("a.weight", Tensor(PickleBytes.Storage(4), [2, 2], [1, 2])),
            ("a.bias", Tensor(PickleBytes.Storage(4, "0"), [2], [1], first: 1))));
        byte[][] good =
        [
            Zip(pickle, ("archive/data/0", Floats(1, 2, 3, 4)), ("archive/byteorder", "little"u8.ToArray())),
            Legacy(pickle, ("0", 4, Floats(1, 2, 3, 4))),
            .. Files("*.bin", 1 << 19, bad: false),
        ];
        byte[][] bad = [.. Files("*.bin", 1 << 19, bad: true)];
        var random = new Random(Seed);
        Run("SPEECHML_FUZZ_PICKLES", 3000, () => MutatePickle(Pick(good, bad, random), random), bytes =>
        {
            TorchPickleFile file = TorchPickleFile.Open(new MemoryStream(bytes), "fuzz");
            return (file, file.Entries, file.Read);
        });
    }

    private void Run(
        string variable, int count, Func<byte[]> next, Func<byte[],
        (IDisposable File, IReadOnlyDictionary<string, TensorEntry> Entries, Func<string, torch.Tensor> Read)> open)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } raised)
        {
            count = int.Parse(raised, CultureInfo.InvariantCulture);
        }
        int loaded = 0;
        double longest = 0;
        double most = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = next();
            var watch = Stopwatch.StartNew();
            long opened = 0;
            try
            {
                if (Load(bytes, open, i, out opened))
                {
                    loaded++;
                }
            }
            catch (Exception error) when (error is not UnitTestAssertException)
            {
                Assert.Fail($"Case {i} of seed {Seed}: {error}");
            }
            // The first cases also compile the code.
            if (i < 50)
            {
                continue;
            }
            longest = Math.Max(longest, watch.Elapsed.TotalSeconds);
            most = Math.Max(most, opened - (4.0 * bytes.Length));
            Assert.IsTrue(watch.Elapsed < s_longest,
                $"Case {i} of seed {Seed}: {watch.Elapsed} for {bytes.Length} bytes.");
            Assert.IsTrue(opened <= (4L * bytes.Length) + Allowance,
                $"Case {i} of seed {Seed}: {opened} bytes allocated to open {bytes.Length}.");
        }
        // Some load, or the mutations are too coarse to reach beyond the first check.
        Assert.IsTrue(loaded > 0, $"None of {count} loads.");
        Assert.IsTrue(loaded < count, "None is refused.");
        TestContext.WriteLine(
            $"{count} cases, {loaded} load, longest {longest * 1000:0} ms, most allocated {most / 1024:0} KB beyond " +
            $"4 times the file");
    }

    private static bool Load(
        byte[] bytes,
        Func<byte[], (IDisposable File, IReadOnlyDictionary<string, TensorEntry> Entries,
        Func<string, torch.Tensor> Read)> open,
        int number,
        out long opened)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            (IDisposable file, IReadOnlyDictionary<string, TensorEntry> entries, Func<string, torch.Tensor> read) =
                open(bytes);
            opened = GC.GetAllocatedBytesForCurrentThread() - before;
            using (file)
            {
                Assert.IsTrue(entries.Values.Sum(e => e.Length) <= 4L * bytes.Length,
                    $"Case {number}: tensors of more than 4 times the file.");
                foreach (string name in entries.Keys.Take(8))
                {
                    ReadOne(entries[name], read);
                }
            }
            return true;
        }
        catch (CheckpointException)
        {
            opened = GC.GetAllocatedBytesForCurrentThread() - before;
            return false;
        }
    }

    private static void ReadOne(TensorEntry entry, Func<string, torch.Tensor> read)
    {
        try
        {
            using torch.Tensor tensor = read(entry.Name);
            Assert.AreEqual(entry.Length, tensor.numel() * tensor.ElementSize);
        }
        catch (CheckpointException)
        {
            // An element type that torch lacks, a deflated storage that is damaged.
        }
    }

    /// <summary>Mutates the header's text, and keeps or spoils its length.</summary>
    private static byte[] MutateSafetensors(byte[] seed, Random random)
    {
        const int Prefix = 8;
        if (seed.Length < Prefix || random.Next(50) == 0)
        {
            return Mutate(seed, random, 0, seed.Length, s_words.Select(w => Encoding.UTF8.GetBytes(w)).ToArray());
        }
        long claimed = BinaryPrimitives.ReadInt64LittleEndian(seed);
        int length = (int)Math.Clamp(claimed, 0, seed.Length - Prefix);
        byte[] header = Mutate(seed.AsSpan(Prefix, length).ToArray(), random, 0, length,
            s_words.Select(w => Encoding.UTF8.GetBytes(w)).ToArray());
        byte[] prefix = new byte[Prefix];
        BinaryPrimitives.WriteInt64LittleEndian(prefix,
            random.Next(20) == 0 ? random.NextInt64() >> random.Next(64) : header.Length);
        return [.. prefix, .. header, .. seed.AsSpan(Prefix + length)];
    }

    /// <summary>
    /// Mutates the pickles, at the start of both formats; at times the rest, where a zip has its directory.
    /// </summary>
    private static byte[] MutatePickle(byte[] seed, Random random)
    {
        const int PickleBytes = 1 << 13;
        return random.Next(4) switch
        {
            0 => Mutate(seed, random, 0, seed.Length, s_pickles),
            1 => Mutate(seed, random, Math.Max(0, seed.Length - 2000), seed.Length, s_pickles),
            _ => Mutate(seed, random, 0, Math.Min(seed.Length, PickleBytes), s_pickles),
        };
    }

    private static byte[] Mutate(byte[] seed, Random random, int from, int to, byte[][] words)
    {
        if (to <= from)
        {
            return seed;
        }
        List<byte> bytes = [.. seed];
        for (int edits = 1 + random.Next(3); edits > 0; edits--)
        {
            int at = Math.Min(from + random.Next(to - from), bytes.Count);
            int length = Math.Min(1 + random.Next(8), bytes.Count - at);
            switch (random.Next(at == bytes.Count ? 2 : 8))
            {
                case 0:
                    bytes.InsertRange(at, words[random.Next(words.Length)]);
                    break;
                case 1:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 4:
                    byte[] word = words[random.Next(words.Length)];
                    bytes.RemoveRange(at, Math.Min(word.Length, bytes.Count - at));
                    bytes.InsertRange(at, word);
                    break;
                case 5:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 6:
                    bytes[at] = new byte[] { 0, 1, 0x7F, 0x80, 0xFF }[random.Next(5)];
                    break;
                default:
                    // A digit or a bit: the file stays close to a good one.
                    bytes[at] = char.IsAsciiDigit((char)bytes[at]) ? (byte)('0' + random.Next(10))
                        : (byte)(bytes[at] ^ (1 << random.Next(8)));
                    break;
            }
        }
        return [.. bytes];
    }

    private static byte[] WrittenSafetensors()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var stream = new MemoryStream();
        SafetensorsFile.Write(
            stream,
            [("encoder.weight", torch.ones(3, 2)), ("encoder.bias", torch.ones(3).to(torch.ScalarType.Float16)),
            ("count", torch.tensor(5L)), ("none", torch.zeros(0, 2))],
            new Dictionary<string, string> { ["format"] = "pt" });
        return stream.ToArray();
    }

    /// <summary>Mostly sound files, which a mutation takes beyond the first check.</summary>
    private static byte[] Pick(byte[][] good, byte[][] bad, Random random) =>
        bad.Length > 0 && random.Next(4) == 0 ? bad[random.Next(bad.Length)] : good[random.Next(good.Length)];

    private static IEnumerable<byte[]> Files(string pattern, int longest, bool bad) =>
        Directory.Exists(Golden.At("checkpoints"))
        ? Directory.EnumerateFiles(Golden.At("checkpoints"), pattern, SearchOption.AllDirectories)
            .Where(p => new FileInfo(p).Length <= longest
                && p.StartsWith(Golden.At("checkpoints", "bad"), StringComparison.Ordinal) == bad)
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes)
        : [];
}
