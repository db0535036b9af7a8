using System.Buffers.Binary;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests.Recordings;

/// <summary>Sizes that mean "to the end", were never written, or count the header too; second recordings.</summary>
[TestClass]
public sealed class ContainerSizeTests
{
    private const int HeaderSize = 46; // of WavBytes

    private static readonly short[] s_samples =
        [.. Enumerable.Range(0, 1000).Select(i => (short)((i * 37 % 2000) - 1000))];

    private static readonly byte[] s_wav = WavBytes.Pcm16(s_samples, 1, 8000);

    [TestMethod]
    [DataRow(0u, 0u)] // killed before any size was written
    [DataRow(8u, 0u)]
    [DataRow(36u, 0u)] // the sizes of a header without samples
    [DataRow(4088u, 0u)]
    [DataRow(0xFFFFFFFF, 0u)]
    [DataRow(0x7FFFF024u, 0x7FFFF000u)] // SoX
    [DataRow(0xFFFFFFFFu, 0x7FFFFFFFu)] // LAME
    [DataRow(0x7FFFFFFFu, 0x7FFFFFDBu)]
    [DataRow(0x80000024u, 0x80000000u)] // arecord
    [DataRow(0xFFFFFFFFu, 0xFFFFFFFFu)] // ffmpeg
    [DataRow(0xFFFFFFFFu, 0xFFFFFFDBu)]
    [DataRow(2038u, 2046u)] // the size of the file, in both
    [DataRow(2038u, 2038u)]
    public void Read_SizeThatMeansToTheEnd_GivesEverySample(uint riff, uint data)
    {
        DecodedAudio audio = AudioFile.Read(new MemoryStream(WithSizes(riff, data)), "clip");
        Assert.AreEqual((1000, false), (audio.Frames, audio.Truncated));
    }

    [TestMethod]
    [DataRow(3000u)]
    [DataRow(0x10000000u)]
    [DataRow(0xFFFF0000u)]
    public void Read_SizeOfACutFile_SaysSo(uint data)
    {
        DecodedAudio audio = AudioFile.Read(new MemoryStream(WithSizes(data + 36, data)), "clip");
        Assert.AreEqual((1000, true), (audio.Frames, audio.Truncated));
    }

    /// <summary>An empty recording followed by a chunk is empty: its sizes are right.</summary>
    [TestMethod]
    public void Read_EmptyDataBeforeAChunk_IsEmpty()
    {
        byte[] bytes = [.. WavBytes.File(1, 1, 8000, 16, 2, [], []), .. "LIST"u8, 4, 0, 0, 0, .. "INFO"u8];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - 8);
        Assert.AreEqual(AudioErrorKind.EmptyAudio, Refused(bytes).Kind);
    }

    /// <summary>Chunks behind samples without a size are no samples.</summary>
    [TestMethod]
    public void Read_UnknownSizeBeforeChunks_LeavesThemOut()
    {
        byte[] bytes = [.. WithSizes(0xFFFFFFFF, 0xFFFFFFFF), .. "LIST"u8, 5, 0, 0, 0, .. "INFOa"u8, 0,
            .. "id3 "u8, 2, 0, 0, 0, 1, 2];
        Assert.AreEqual(1000, AudioFile.Read(new MemoryStream(bytes), "clip").Frames);
    }

    /// <summary>Odd chunks with and without the byte that belongs behind them.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Read_OddChunks_FindsTheSamples(bool padded)
    {
        byte[] pad = padded ? [0] : [];
        byte[] bytes = [.. s_wav[..12], .. "LIST"u8, 5, 0, 0, 0, .. "INFOx"u8, .. pad, .. s_wav[12..38],
            .. "bext"u8, 3, 0, 0, 0, 65, 66, 67, .. pad, .. s_wav[38..]];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length - 8);
        DecodedAudio audio = AudioFile.Read(new MemoryStream(bytes), "clip");
        Assert.AreEqual(1000, audio.Frames);
        Assert.AreEqual(s_samples[1] / 32768f, audio.Channels[0][1]);
    }

    [TestMethod]
    public void Read_TwoWavFilesInOne_SaysWhereTheSecondBegins()
    {
        Assert.AreEqual(
            $"'clip': expected one recording, got a second WAV file from byte {s_wav.Length} on. Divide the file.",
            Refused([.. s_wav, .. s_wav]).Message);
    }

    [TestMethod]
    public void Read_TwoFlacStreamsInOne_SaysSo()
    {
        byte[] flac = RecordingFiles.Bytes("f.flac");
        Assert.AreEqual(
            "'clip': expected one recording, got a second FLAC stream behind its 8000 frames. Divide the file.",
            Refused([.. flac, .. flac]).Message);
    }

    /// <summary>A header that counts fewer samples than there are.</summary>
    [TestMethod]
    public void Read_FlacWithFewerSamplesInItsHeader_SaysSo()
    {
        byte[] flac = RecordingFiles.Bytes("f.flac");
        BinaryPrimitives.WriteInt32BigEndian(flac.AsSpan(22), 4096); // the low 32 bits of the total
        Assert.AreEqual(
            "'clip': expected 4096 frames, as the header says, got more behind them. Write the file anew: flac -d, " +
            "then flac.", Refused(flac).Message);
    }

    /// <summary>ffmpeg writes a size that no file has to a pipe; a killed writer none.</summary>
    [TestMethod]
    [DataRow(0x7FFFFFFFFFFFFFFFL)]
    [DataRow(-1L)]
    [DataRow(0L)]
    [DataRow(24L)]
    public void Read_Wave64OfAPipe_GivesEverySample(long size)
    {
        byte[] tail = [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A];
        byte[] bytes =
        [
            .. "riff"u8, 0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0, 0,
            .. BitConverter.GetBytes(-1L),
            .. "wave"u8, .. tail, .. "fmt "u8, .. tail, .. BitConverter.GetBytes(40L), .. s_wav[20..36],
            .. "data"u8, .. tail, .. BitConverter.GetBytes(size), .. s_wav[HeaderSize..],
        ];
        DecodedAudio audio = AudioFile.Read(new MemoryStream(bytes), "clip");
        Assert.AreEqual((1000, false), (audio.Frames, audio.Truncated));
    }

    /// <summary>AIFF as SoX (0x7F000000 and more) and ffmpeg (0) write it to a pipe.</summary>
    [TestMethod]
    [DataRow(0x7F000050u, 0x7F000008u)]
    [DataRow(0u, 0u)]
    public void Read_AiffOfAPipe_GivesEverySample(uint form, uint samples)
    {
        byte[] bytes = RecordingFiles.Bytes("plain.aiff");
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), form);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(bytes.AsSpan().IndexOf("SSND"u8) + 4), samples);
        DecodedAudio audio = ReadWithLibrary(bytes);
        Assert.AreEqual((8000, false), (audio.Frames, audio.Truncated));
    }

    [TestMethod]
    public void Read_AuWithoutSize_SaysWhatIsThere()
    {
        byte[] bytes =
            [.. ".snd"u8, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0x1F, 0x40, 0, 0, 0, 1, .. new byte[500]];
        Assert.AreEqual(
            "'clip': expected samples, got a header that says 0 bytes of them, and 500 bytes behind it: the recorder " +
            "was stopped before it wrote their number. Write FFFFFFFF (not known) into bytes 8 to 11 of a copy.",
            Refused(bytes).Message);
    }

    [TestMethod]
    public void Read_Mp3InWav_DecodesTheFrames()
    {
        byte[] frames = RecordingFiles.Bytes("cbr/noid3_16000_1_32k.mp3");
        byte[] bytes = WavBytes.File(0x55, 1, 16000, 0, 1, new byte[12], frames);
        Assert.AreEqual(65664, ReadWithLibrary(bytes).Frames);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), bytes.Length + 5000);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(bytes.Length - frames.Length - 4), frames.Length + 5000);
        Assert.IsTrue(ReadWithLibrary(bytes).Truncated);
    }

    /// <summary>Joined MP3s of different rates, other bytes between frames, and frames that do not say their length.
    /// </summary>
    [TestMethod]
    public void Read_MpegThatCannotBeCounted_SaysWhy()
    {
        byte[] slow = RecordingFiles.Bytes("vbr_noxing_loudfirst.mp3");
        byte[] fast = RecordingFiles.Bytes("vbr16k_en04-02.mp3");
        Assert.AreEqual(
            "'clip': expected one recording, got Layer III, 8000 Hz, 1 channel and, from byte 8784 on, Layer III, " +
            "16000 Hz, 1 channel. Divide the file, or convert it to WAV or FLAC.", Refused([.. slow, .. fast]).Message);
        byte[] junk = [.. Enumerable.Repeat((byte)0x41, 50)];
        Assert.AreEqual(
            "'clip': expected MPEG frames one after the other, got 50 other bytes at byte 6264, after 43 frames.",
            Refused([.. fast, .. junk, .. fast]).Message);
        byte[] free = [.. Enumerable.Repeat<byte[]>([0xFF, 0xFB, 0x00, 0x40, .. new byte[300]], 4).SelectMany(b => b)];
        StringAssert.Contains(Refused(free).Message, "got MPEG audio of a free bit rate, which is not decoded here.");
    }

    /// <summary>A tag before any container: the content behind it is checked as without it.</summary>
    [TestMethod]
    public void Read_TagsBeforeCutFiles_SaySo()
    {
        byte[] ape = [.. "APETAGEX"u8, 0xD0, 7, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xA0, .. new byte[8 + 10]];
        byte[][] tags = [RecordingFiles.Tag(300), ape, [.. RecordingFiles.Tag(20), .. RecordingFiles.Tag(70)]];
        foreach (byte[] tag in tags)
        {
            Assert.IsFalse(AudioFile.Read(new MemoryStream([.. tag, .. s_wav]), "clip").Truncated);
            DecodedAudio cut = AudioFile.Read(new MemoryStream([.. tag, .. s_wav[..^500]]), "clip");
            Assert.AreEqual((750, true), (cut.Frames, cut.Truncated));
            Assert.AreEqual(750 * 2, AudioFile.Read(
                new MemoryStream([.. tag, .. WavBytes.Pcm16(new short[3000], 2, 8000)]), "clip").Frames);
        }
        Assert.AreEqual(AudioErrorKind.TruncatedHeader, Refused(RecordingFiles.Tag(300)[..200]).Kind);
    }

    /// <summary>A page that is damaged or missing takes samples away that nobody would miss.</summary>
    [TestMethod]
    [DataRow("long.ogg")]
    [DataRow("long.opus")]
    [DataRow("a.oga")]
    public void Read_OggWithADamagedOrMissingPage_IsRefused(string file)
    {
        byte[] bytes = RecordingFiles.Bytes(file);
        int[] pages = [.. Enumerable.Range(0, bytes.Length - 4).Where(i => bytes.AsSpan(i).StartsWith("OggS"u8))];
        int last = pages.Length - 2;
        byte[] damaged = [.. bytes];
        damaged[pages[last] + 60] ^= 1;
        StringAssert.Contains(Refused(damaged).Message, "expected an Ogg page with checksum ");
        if (last > 3)
        {
            byte[] missing = [.. bytes[..pages[last]], .. bytes[pages[last + 1]..]];
            StringAssert.Contains(Refused(missing).Message, $"expected page {last} of stream ");
        }
    }

    private static byte[] WithSizes(uint riff, uint data)
    {
        byte[] bytes = [.. s_wav];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), riff);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(HeaderSize - 4), data);
        return bytes;
    }

    private static AudioException Refused(byte[] bytes)
    {
        AudioException error = Assert.ThrowsExactly<AudioException>(() =>
            AudioFile.Read(new MemoryStream(bytes), "clip"));
        return error.Kind == AudioErrorKind.DecoderMissing
            ? throw new AssertInconclusiveException(error.Message) : error;
    }

    private static DecodedAudio ReadWithLibrary(byte[] bytes)
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
}
