using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests;

/// <summary>
/// Damaged files are decoded or refused by <see cref="AudioException"/>; nothing else is thrown, hangs, or takes
/// memory.
/// </summary>
[TestClass]
public sealed class AudioFuzzTests
{
    /// <summary>From the rule in the golden folder: "within 1 s and 64 MB".</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    private const long MaxBytes = 64 << 20;

    /// <summary>
    /// Mutations of each kind of file where <c>SPEECHML_FUZZ</c> gives no number: enough for every build, in a few
    /// seconds.
    /// </summary>
    private const int FewMutations = 2000;

    private static readonly int s_mutations =
        int.TryParse(Environment.GetEnvironmentVariable("SPEECHML_FUZZ"), out int wanted) ? wanted : FewMutations;

    private static readonly Lazy<Dictionary<string, JsonElement>> s_rows = new(() =>
        Golden.Json("audio", "fuzz.json").GetProperty("cases").EnumerateArray()
            .ToDictionary(c => c.GetProperty("file").GetString()!));

    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object?[]> Cases() =>
        File.Exists(Golden.At("audio", "fuzz.json")) ? s_rows.Value.Keys.Select(k => new object?[] { k }) : [[null]];

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Cases))]
    public void Read_GoldenMutation_DecodesOrThrowsAudioException(string? file)
    {
        if (file is null)
        {
            Assert.Inconclusive("The golden folder has no part 'audio/fuzz.json'.");
        }
        JsonElement row = s_rows.Value[file];
        using ZipArchive zip = ZipFile.OpenRead(Golden.At("audio", "fuzz.zip"));
        using Stream stream = zip.GetEntry(file)!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        DecodedAudio? decoded = Read(bytes, file, MaxBytes);
        if (row.TryGetProperty("must_agree", out JsonElement agree) && agree.GetBoolean())
        {
            Assert.IsNotNull(decoded);
            Assert.AreEqual(row.GetProperty("sample_rate").GetInt32(), decoded.SampleRate);
            Assert.HasCount(row.GetProperty("channels").GetInt32(), decoded.Channels);
            Assert.AreEqual(row.GetProperty("frames").GetInt32(), decoded.Frames);
            double expected = row.GetProperty("sum_abs").GetDouble();
            Assert.AreEqual(expected, decoded.Channels.Sum(c => c.Sum(v => (double)Math.Abs(v))), 1e-6 * expected);
        }
    }

    [TestMethod]
    public void Read_SeededMutations_DecodesOrThrowsAudioException()
    {
        // A sample takes at least 1.6 bits (GSM) and becomes 32; readers have buffers of 64 KiB samples.
        int decoded = Survive(Originals(), 20261124, bytes => (40L * bytes.Length) + (1 << 20));
        Assert.IsGreaterThan(s_mutations / 10, decoded);
        Assert.IsLessThan(s_mutations, decoded);
    }

    /// <summary>
    /// FLAC files of the golden folder, if there are any: the managed decoder must survive every damage.
    /// </summary>
    [TestMethod]
    [TestCategory("Golden")]
    public void Read_MutatedFlac_DecodesOrThrowsAudioException()
    {
        string folder = Golden.At("audio", "files");
        byte[][] originals = Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)
                .Where(b => AudioSignature.Detect(b) is AudioContainer.Flac or AudioContainer.OggFlac)]
            : [];
        if (originals.Length == 0)
        {
            Assert.Inconclusive("The golden folder has no FLAC files.");
        }
        Assert.IsLessThan(s_mutations, Survive(originals, 9639, _ => MaxBytes));
    }

    /// <summary>A mutation of a file that was never right would prove nothing.</summary>
    [TestMethod]
    public void Read_Originals_DecodesEach()
    {
        foreach (byte[] original in Originals())
        {
            Assert.IsGreaterThan(0, AudioFile.Read(new MemoryStream(original), "original").Frames);
        }
    }

    /// <summary>Reads as many mutations as are wanted, of the originals in turn.</summary>
    /// <returns>How many could be decoded.</returns>
    private int Survive(byte[][] originals, int seed, Func<byte[], long> mostBytes)
    {
        var random = new Random(seed);
        var watch = Stopwatch.StartNew();
        int decoded = 0;
        for (int k = 0; k < s_mutations; k++)
        {
            byte[] bytes = Mutate(random, originals[k % originals.Length]);
            using var stream = new MemoryStream(bytes);
            decoded += Read(stream, $"mutation {k}", mostBytes(bytes)) is null ? 0 : 1;
        }
        using var process = Process.GetCurrentProcess();
        TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{s_mutations} mutations of {originals.Length} files in {watch.Elapsed.TotalSeconds:F1} s: {decoded} " +
            $"decoded, the others refused; the process had at most {process.PeakWorkingSet64 / (1 << 20)} MiB"));
        return decoded;
    }

    private static DecodedAudio? Read(MemoryStream bytes, string name, long mostBytes, int attempt = 1)
    {
        const int Attempts = 3;
        long before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        DecodedAudio? decoded = null;
        try
        {
            decoded = AudioFile.Read(bytes, name);
            Assert.IsTrue(decoded.Channels.All(c => c.Length > 0 && c.All(float.IsFinite)), name);
        }
        catch (AudioException e)
        {
            StringAssert.StartsWith(e.Message, $"'{name}': ");
        }
        if (watch.Elapsed >= s_longest && attempt < Attempts)
        {
            // The machine may have given the time to others: what takes long by itself takes long again.
            bytes.Position = 0;
            return Read(bytes, name, mostBytes, attempt + 1);
        }
        Assert.IsLessThan(s_longest, watch.Elapsed, name);
        Assert.IsLessThan(mostBytes, GC.GetAllocatedBytesForCurrentThread() - before, name);
        return decoded;
    }

    private static byte[][] Originals()
    {
        var random = new Random(7);
        byte[] noise = new byte[1560]; // whole blocks of every format below
        random.NextBytes(noise);
        byte[] quiet = [.. noise.Select(b => (byte)(b & 0x3F))]; // valid ADPCM states and floats
        byte[] guid = [22, 0, 16, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 16, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];
        byte[] w64 = [.. Wave64(noise)];
        return
        [
            WavBytes.File(1, 1, 16000, 8, 1, [], noise),
            WavBytes.File(1, 2, 44100, 16, 4, [], noise),
            WavBytes.File(1, 2, 8000, 24, 6, [], noise),
            WavBytes.File(1, 1, 96000, 32, 4, [], noise),
            WavBytes.File(3, 1, 16000, 32, 4, [], quiet),
            WavBytes.File(3, 1, 16000, 64, 8, [], quiet),
            WavBytes.File(6, 1, 8000, 8, 1, [], noise),
            WavBytes.File(7, 2, 8000, 8, 2, [], noise),
            WavBytes.File(0x11, 2, 22050, 4, 24, [17, 0], quiet),
            WavBytes.File(2, 1, 22050, 4, 39, [66, 0], [.. quiet.Select(b => (byte)(b % 7))]),
            WavBytes.File(0x31, 1, 8000, 0, 65, [64, 1], noise),
            WavBytes.File(0xFFFE, 2, 16000, 16, 4, guid[2..], noise),
            w64,
        ];
    }

    private static IEnumerable<byte> Wave64(byte[] data)
    {
        byte[] tail = [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A];
        byte[] format = [1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0];
        return
        [
            .. "riff"u8, 0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0, 0,
            .. BitConverter.GetBytes(40L + 40 + 24 + data.Length),
            .. "wave"u8, .. tail,
            .. "fmt "u8, .. tail, .. BitConverter.GetBytes(24L + format.Length), .. format,
            .. "data"u8, .. tail, .. BitConverter.GetBytes(24L + data.Length), .. data,
        ];
    }

    /// <summary>
    /// One to four changes, half of them in the header: bits, bytes, sizes, cuts, insertions, deletions.
    /// </summary>
    private static byte[] Mutate(Random random, byte[] original)
    {
        var bytes = new List<byte>(original);
        for (int n = random.Next(1, 5); n > 0 && bytes.Count > 8; n--)
        {
            int at = random.Next(random.Next(2) == 0 ? Math.Min(120, bytes.Count) : bytes.Count);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    uint[] sizes = [0, 1, 7, 8, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, (uint)bytes.Count];
                    byte[] size = BitConverter.GetBytes(sizes[random.Next(sizes.Length)]);
                    at = Math.Min(at & ~1, bytes.Count - 4);
                    for (int k = 0; k < 4; k++)
                    {
                        bytes[at + k] = size[k];
                    }
                    break;
                case 3 when random.Next(4) == 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    bytes.InsertRange(at, Enumerable.Range(0, random.Next(1, 40)).Select(_ => (byte)random.Next(256)));
                    break;
                case 5:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                default:
                    bytes[at] = 0xFF;
                    break;
            }
        }
        return [.. bytes];
    }
}
