using System.Buffers.Binary;
using SpeechML.Audio.Formats.SndFile;
using SpeechML.Audio.Formats.Wav;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests;

/// <summary>
/// WAV whose samples come in blocks, and Wave64: decoded by libsndfile, judged by what is known here of the container.
/// </summary>
[TestClass]
public sealed class BlockFormatTests
{
    private static readonly byte[] s_noise = Noise(650);
    private static readonly byte[] s_gsm = WavBytes.File(0x31, 1, 8000, 0, 65, [64, 1], s_noise);

    private static readonly byte[] s_ima = WavBytes.File(
        0x11, 2, 22050, 4, 24, [17, 0], [.. Noise(624).Select(b => (byte)(b & 0x3F))]);

    [TestMethod]
    public void Open_SmallReads_DeliverTheSameSamples()
    {
        float[] whole = Read(s_gsm).Channels[0];
        using AudioReader reader = AudioFile.Open(new MemoryStream(s_gsm), "clip", leaveOpen: false);
        var pieces = new List<float>();
        float[] piece = new float[77];
        for (int frames; (frames = reader.Read(piece)) > 0;)
        {
            pieces.AddRange(piece[..frames]);
        }
        CollectionAssert.AreEqual(whole, pieces);
        Assert.HasCount(10 * 320, whole);
    }

    /// <summary>Sizes that mean "to the end", odd chunks, RIFX and tags: what holds for PCM holds for blocks.</summary>
    [TestMethod]
    public void Read_BlocksInOtherHeaders_GiveTheSameSamples()
    {
        float[] expected = Read(s_ima).Channels[1];
        const int DataSizeAt = 12 + 8 + 18 + 2 + 4;
        byte[] pipe = [.. s_ima];
        BinaryPrimitives.WriteUInt32LittleEndian(pipe.AsSpan(4), 0xFFFFFFFF);
        BinaryPrimitives.WriteUInt32LittleEndian(pipe.AsSpan(DataSizeAt), 0x7FFFF000);
        byte[] killed = [.. s_ima];
        killed.AsSpan(4, 4).Clear();
        killed.AsSpan(DataSizeAt, 4).Clear();
        byte[] unknownFrames = [.. s_ima];
        unknownFrames.AsSpan(DataSizeAt - 6, 2).Clear(); // frames per block
        byte[] odd = [.. s_ima[..12], .. "LIST"u8, 5, 0, 0, 0, .. "INFOx"u8, .. s_ima[12..]];
        byte[] tagged = [.. "ID3"u8, 3, 0, 0, 0, 0, 0, 20, .. new byte[20], .. s_ima];
        byte[] behind = [.. s_ima, .. "LIST"u8, 4, 0, 0, 0, .. "INFO"u8];
        foreach (byte[] bytes in (byte[][])[pipe, killed, unknownFrames, odd, tagged, behind])
        {
            DecodedAudio audio = Read(bytes);
            Assert.IsFalse(audio.Truncated);
            CollectionAssert.AreEqual(expected, audio.Channels[1]);
        }
    }

    /// <summary>A block that is cut is left out: libsndfile would fill it with what was decoded before.</summary>
    [TestMethod]
    public void Read_CutBlocks_GivesWholeOnesAndSaysSo()
    {
        float[] expected = Read(s_ima).Channels[0];
        DecodedAudio audio = Read(s_ima[..^30]);
        Assert.IsTrue(audio.Truncated);
        CollectionAssert.AreEqual(expected[..(24 * 17)], audio.Channels[0]);
    }

    [TestMethod]
    [DataRow(0x11, 1, 2, 89, "'clip': expected an IMA ADPCM step index of 0 to 88, got 89.")]
    [DataRow(0x11, 2, 30, 200, "'clip': expected an IMA ADPCM step index of 0 to 88, got 200.")]
    [DataRow(2, 1, 0, 7, "'clip': expected a Microsoft ADPCM predictor of 0 to 6, got 7.")]
    [DataRow(2, 2, 25, 8, "'clip': expected a Microsoft ADPCM predictor of 0 to 6, got 8.")]
    public void Read_StateBeyondItsTable_IsCorrupt(int tag, int channels, int at, int value, string message)
    {
        byte[] blocks = new byte[72];
        blocks[at] = (byte)value;
        AudioException error = Refused(WavBytes.File(tag, channels, 16000, 4, 24, [], blocks));
        Assert.AreEqual(message, error.Message);
        Assert.AreEqual(AudioErrorKind.CorruptStream, error.Kind);
    }

    /// <summary>libsndfile decodes with the standard coefficients whatever the file lists.</summary>
    [TestMethod]
    public void Read_MicrosoftAdpcmWithOtherCoefficients_IsRefused()
    {
        short[] pairs = [256, 0, 512, -256, 0, 0, 192, 64, 240, 0, 460, -208, 392, -232];
        byte[] extra = [32, 0, 7, 0, .. pairs.SelectMany(BitConverter.GetBytes)];
        Assert.AreEqual(3 * 36, Read(WavBytes.File(2, 1, 16000, 4, 24, extra, new byte[72])).Frames);
        extra[9]++;
        AudioException error = Refused(WavBytes.File(2, 1, 16000, 4, 24, extra, new byte[72]));
        Assert.AreEqual(AudioErrorKind.UnsupportedFormat, error.Kind);
        Assert.AreEqual(
            "'clip': expected the 7 standard coefficient pairs of Microsoft ADPCM, got others from pair 1 on, which " +
            "are not decoded here. Convert it with a program that reads them: sox in.wav -b 16 -e signed out.wav.",
            error.Message);
    }

    [TestMethod]
    [DataRow(0x11, 3, 4, 24, AudioErrorKind.BadChannels)]
    [DataRow(2, 3, 4, 24, AudioErrorKind.BadChannels)]
    [DataRow(0x31, 2, 0, 65, AudioErrorKind.BadChannels)]
    [DataRow(0x11, 1, 3, 24, AudioErrorKind.BadBits)]
    [DataRow(2, 1, 8, 24, AudioErrorKind.BadBits)]
    [DataRow(0x11, 1, 4, 6, AudioErrorKind.BadBlockAlign)]
    [DataRow(2, 1, 4, 6, AudioErrorKind.BadBlockAlign)]
    [DataRow(0x31, 1, 0, 64, AudioErrorKind.BadBlockAlign)]
    [DataRow(0x11, 1, 4, 1024, AudioErrorKind.EmptyAudio)]
    public void Read_FormatThatCannotBe_SaysWhy(int tag, int channels, int bits, int align, AudioErrorKind kind) =>
        Assert.AreEqual(kind, Refused(WavBytes.File(tag, channels, 8000, bits, align, [], new byte[650])).Kind);

    [TestMethod]
    [DataRow(0x11, "WAV of IMA ADPCM")]
    [DataRow(2, "WAV of Microsoft ADPCM")]
    [DataRow(0x31, "WAV of GSM 6.10")]
    public void Open_LibraryAbsent_SaysHowToInstallIt(int tag, string format)
    {
        var absent = SndFileLibrary.Load(["no-such-libsndfile.so.1"]);
        byte[] bytes = WavBytes.File(tag, 1, 8000, tag == 0x31 ? 0 : 4, tag == 0x31 ? 65 : 24, [], new byte[650]);
        using var stream = new MemoryStream(bytes);
        WavLayout layout = RiffContainer.Read(stream, "clip");
        var blocks = BlockFormat.Of(WavFormat.Parse(layout.Format, false, "clip"), "clip");
        AudioException error = Assert.ThrowsExactly<AudioException>(() =>
            BlockReader.Open(absent, layout, blocks!, stream, "clip", leaveOpen: true));
        Assert.AreEqual(AudioErrorKind.DecoderMissing, error.Kind);
        StringAssert.StartsWith(error.Message,
            $"'clip': expected libsndfile to decode {format}, got none of 'no-such-libsndfile.so.1'. Install it: ");
    }

    [TestMethod]
    public void Open_Wave64WithoutTheLibrary_SaysHowToInstallIt()
    {
        var absent = SndFileLibrary.Load(["no-such-libsndfile.so.1"]);
        using var stream = new MemoryStream(Wave64(24 + 2000, []));
        AudioException error = Assert.ThrowsExactly<AudioException>(() =>
            SndFileReader.Open(absent, AudioContainer.Wave64, stream, "clip.w64", leaveOpen: true));
        StringAssert.StartsWith(error.Message, "'clip.w64': expected libsndfile to decode Wave64, got none of ");
    }

    /// <summary>libsndfile reads a chunk behind the samples as samples.</summary>
    [TestMethod]
    public void Read_Wave64WithAChunkBehindTheSamples_LeavesItOut()
    {
        DecodedAudio audio = Read(Wave64(24 + 2000, [.. "levl"u8, .. new byte[12], .. BitConverter.GetBytes(64L),
            .. Noise(40)]));
        Assert.AreEqual((1000, false), (audio.Frames, audio.Truncated));
    }

    [TestMethod]
    [DataRow(24L + 3000)]
    [DataRow(1L << 40)]
    public void Read_CutWave64_SaysSo(long size)
    {
        DecodedAudio audio = Read(Wave64(size, []));
        Assert.AreEqual((1000, true), (audio.Frames, audio.Truncated));
    }

    /// <summary>A header of many channels takes no memory before a sample was read.</summary>
    [TestMethod]
    public void Read_ManyChannelsInASmallFile_AllocatesLittle()
    {
        byte[] bytes = Wave64(24 + 2000, [], channels: 1000);
        _ = Read(bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.HasCount(1000, Read(bytes).Channels);
        Assert.IsLessThan(2 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>A table of NAudio's against the formulas of ITU-T G.711, each of the 256 codes.</summary>
    [TestMethod]
    public void Read_G711_IsTheStandardsFormula()
    {
        byte[] codes = [.. Enumerable.Range(0, 256).Select(c => (byte)c)];
        float[] aLaw = AudioFile.Read(
            new MemoryStream(WavBytes.File(6, 1, 8000, 8, 1, [], codes)), "clip").Channels[0];
        float[] muLaw = AudioFile.Read(
            new MemoryStream(WavBytes.File(7, 1, 8000, 8, 1, [], codes)), "clip").Channels[0];
        for (int code = 0; code < 256; code++)
        {
            int a = code ^ 0x55, segment = (a >> 4) & 7, step = ((a & 15) << 4) + 8;
            int magnitude = segment == 0 ? step : (step + 0x100) << (segment - 1);
            Assert.AreEqual(((a & 0x80) != 0 ? magnitude : -magnitude) / 32768f, aLaw[code], $"A-law {code}");
            int mu = ~code & 0xFF;
            magnitude = ((((mu & 15) << 3) + 0x84) << ((mu >> 4) & 7)) - 0x84;
            Assert.AreEqual(((mu & 0x80) != 0 ? -magnitude : magnitude) / 32768f, muLaw[code], $"mu-law {code}");
        }
    }

    private static byte[] Noise(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 37))];

    /// <summary>1,000 frames of 16 bits (fewer with more channels), in a data chunk that says a size.</summary>
    private static byte[] Wave64(long size, byte[] behind, int channels = 1)
    {
        byte[] tail = [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A];
        return
        [
            .. Wave64Chunks.RiffGuid, .. BitConverter.GetBytes(-1L),
            .. "wave"u8, .. tail, .. "fmt "u8, .. tail, .. BitConverter.GetBytes(40L),
            1, 0, (byte)channels, (byte)(channels >> 8), 0x40, 0x1F, 0, 0, .. BitConverter.GetBytes(16000 * channels),
            .. BitConverter.GetBytes((short)(2 * channels)), 16, 0,
            .. "data"u8, .. tail, .. BitConverter.GetBytes(size), .. Noise(2000), .. behind,
        ];
    }

    private static DecodedAudio Read(byte[] bytes)
    {
        try
        {
            return AudioFile.Read(new MemoryStream(bytes), "clip");
        }
        catch (AudioException e) when (e.Kind == AudioErrorKind.DecoderMissing)
        {
            throw new AssertInconclusiveException(e.Message, e);
        }
    }

    private static AudioException Refused(byte[] bytes)
    {
        AudioException error = Assert.ThrowsExactly<AudioException>(() => _ = Read(bytes));
        return error;
    }
}
