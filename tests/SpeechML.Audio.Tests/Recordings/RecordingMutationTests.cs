using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using SpeechML.Audio.Formats.Flac;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests.Recordings;

/// <summary>
/// Damaged recordings are decoded or refused by <see cref="AudioException"/>: no other exception, no second of work, no
/// allocation beyond four times their bytes and 64 MiB.
/// </summary>
[TestClass]
public sealed class RecordingMutationTests
{
    private const int Few = 300;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    private static readonly string[] s_wavs =
        ["unfinalised_0_tail.wav", "plus44.wav", "oddlist_nopad.wav", "ffpipe.wav", "float_int16range.wav",
            "antiphase_near.wav"];

    private static readonly string[] s_mp3s =
        ["joined.mp3", "id3_padded.mp3", "vbr_xing_loudfirst.mp3", "vbr16k_en04-02.mp3",
            "cbr/junktail_16000_1_32k.mp3"];

    private static readonly string[] s_oggs =
        ["chained.ogg", "chained.opus", "chained.oga", "a.ogg", "a.opus", "a.oga", "mp.ogg", "id3_picture_before.opus"];

    private static readonly Dictionary<string, Func<byte[][]>> s_originals = new()
    {
        ["WAV"] = () => [.. s_wavs.Select(RecordingFiles.Bytes),
            WavBytes.File(
                0x55, 1, 16000, 0, 1, new byte[12], RecordingFiles.Bytes("cbr/noid3_16000_1_32k.mp3")[..3000])],
        ["FLAC"] = () => [RecordingFiles.Bytes("f.flac"), RecordingFiles.Bytes("flac_pipe.flac")],
        ["MP3"] = () => [.. s_mp3s.Select(RecordingFiles.Bytes)],
        ["Ogg"] = () => [.. s_oggs.Select(RecordingFiles.Bytes)],
        ["AIFF"] = () => [RecordingFiles.Bytes("plain.aiff")[..4000], RecordingFiles.Bytes("plain.aiff")],
    };

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("WAV", 17001)]
    [DataRow("FLAC", 17002)]
    [DataRow("MP3", 17003)]
    [DataRow("Ogg", 17004)]
    [DataRow("AIFF", 17005)]
    public void Read_FewMutations_DecodesOrThrowsAudioException(string format, int seed) => Survive(format, seed, Few);

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("WAV", 1, 100_000)]
    [DataRow("FLAC", 2, 100_000)]
    [DataRow("MP3", 3, 20_000)]
    [DataRow("Ogg", 4, 20_000)]
    [DataRow("AIFF", 5, 20_000)]
    public void Read_ManyMutations_DecodesOrThrowsAudioException(string format, int seed, int count) =>
        Survive(format, seed, count);

    private void Survive(string format, int seed, int count)
    {
        byte[][] originals = s_originals[format]();
        var random = new Random(seed);
        var watch = Stopwatch.StartNew();
        int decoded = 0;
        long most = 0;
        TimeSpan longest = TimeSpan.Zero;
        for (int k = 0; k < count; k++)
        {
            byte[] bytes = Mutate(random, originals[k % originals.Length]);
            if (format == "Ogg")
            {
                RepairChecksums(bytes);
            }
            string name = $"{format} mutation {k} of seed {seed}";
            (bool isDecoded, TimeSpan took, long allocated) = Read(bytes, name);
            if (took >= s_longest)
            {
                // The machine may have given the time to others: what takes long by itself takes long again.
                took = TimeSpan.FromTicks(Math.Min(Read(bytes, name).Took.Ticks, Read(bytes, name).Took.Ticks));
            }
            Assert.IsLessThan(s_longest, took, name);
            Assert.IsLessThan((4L * bytes.Length) + (64 << 20), allocated, name);
            decoded += isDecoded ? 1 : 0;
            most = Math.Max(most, allocated);
            longest = took > longest ? took : longest;
        }
        TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{format}: {count} mutations of {originals.Length} files in {watch.Elapsed.TotalSeconds:F1} s: " +
            $"{decoded} decoded, the others refused; longest {longest.TotalMilliseconds:F0} ms, most allocated " +
            $"{most / 1024.0 / 1024:F1} MiB"));
        Assert.IsLessThan(count, decoded);
    }

    private static (bool Decoded, TimeSpan Took, long Allocated) Read(byte[] bytes, string name)
    {
        using var stream = new MemoryStream(bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        bool decoded = false;
        try
        {
            DecodedAudio audio = AudioFile.Read(stream, name);
            decoded = audio.Frames > 0;
        }
        catch (AudioException e)
        {
            StringAssert.StartsWith(e.Message, $"'{name}': ");
        }
        return (decoded, watch.Elapsed, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>One to four changes, half of them in the header: bits, bytes, sizes, cuts, insertions, deletions,
    /// repetitions.</summary>
    private static byte[] Mutate(Random random, byte[] original)
    {
        var bytes = new List<byte>(original);
        for (int n = random.Next(1, 5); n > 0 && bytes.Count > 8; n--)
        {
            int at = random.Next(random.Next(2) == 0 ? Math.Min(160, bytes.Count) : bytes.Count);
            int length = Math.Min(random.Next(1, 600), bytes.Count - at);
            switch (random.Next(9))
            {
                case 0:
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 3:
                    uint[] sizes = [0, 1, 36, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, (uint)bytes.Count];
                    byte[] size = BitConverter.GetBytes(sizes[random.Next(sizes.Length)]);
                    for (int k = 0; k < 4 && at + k < bytes.Count; k++)
                    {
                        bytes[at + k] = size[k];
                    }
                    break;
                case 4 when random.Next(3) == 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 5:
                    bytes.InsertRange(at, new byte[length]);
                    break;
                case 6:
                    bytes.RemoveRange(at, length);
                    break;
                case 7:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                default:
                    bytes[at] = 0xFF;
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>Makes the checksum of every page right that is still one, so that damage comes behind it.</summary>
    private static void RepairChecksums(byte[] bytes)
    {
        const int HeaderSize = 27, ChecksumAt = 22;
        for (int at = 0; at + HeaderSize <= bytes.Length; at++)
        {
            if (!bytes.AsSpan(at).StartsWith("OggS"u8) || at + HeaderSize + bytes[at + 26] > bytes.Length)
            {
                continue;
            }
            int size = HeaderSize + bytes[at + 26];
            size += bytes.Skip(at + HeaderSize).Take(bytes[at + 26]).Sum(b => b);
            if (at + size <= bytes.Length)
            {
                Span<byte> page = bytes.AsSpan(at, size);
                page.Slice(ChecksumAt, 4).Clear();
                BinaryPrimitives.WriteUInt32LittleEndian(page[ChecksumAt..], FlacChecksums.Crc32(page));
            }
        }
    }
}
