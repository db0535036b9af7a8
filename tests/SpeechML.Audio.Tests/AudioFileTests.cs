using System.Buffers.Binary;
using SpeechML.Audio.Formats.SndFile;
using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests;

[TestClass]
public sealed class AudioFileTests
{
    private static readonly byte[] s_stereo = WavBytes.Pcm16([16384, -16384, 8192, 0, -32768, 32767], 2, 16000);

    [TestMethod]
    public void Read_StreamThatCannotSeek_DecodesIt()
    {
        using var stream = new System.IO.Compression.BrotliStream(Compressed(s_stereo),
            System.IO.Compression.CompressionMode.Decompress);
        DecodedAudio audio = AudioFile.Read(stream, "clip");
        CollectionAssert.AreEqual(new float[] { 0.5f, 0.25f, -1 }, audio.Channels[0]);
        CollectionAssert.AreEqual(new float[] { -0.5f, 0, 32767f / 32768 }, audio.Channels[1]);
    }

    [TestMethod]
    public void Read_Stream_LeavesItOpen()
    {
        using var stream = new MemoryStream(s_stereo);
        AudioFile.Read(stream, "clip");
        Assert.AreEqual(3, AudioFile.Read(stream, "clip").Frames);
    }

    [TestMethod]
    public void Read_MissingFile_NamesIt()
    {
        string path = Path.Combine(Path.GetTempPath(), "no such clip.wav");
        AudioException error = Assert.ThrowsExactly<AudioException>(() => AudioFile.Read(path));
        Assert.AreEqual($"'{path}': expected an audio file, got no file of that name.", error.Message);
        Assert.AreEqual(AudioErrorKind.NotFound, error.Kind);
    }

    [TestMethod]
    public void Read_Folder_NamesIt()
    {
        AudioException error = Assert.ThrowsExactly<AudioException>(() => AudioFile.Read(Path.GetTempPath()));
        Assert.AreEqual($"'{Path.GetTempPath()}': expected an audio file, got a folder.", error.Message);
    }

    [TestMethod]
    public void Read_Text_ShowsItsFirstBytes()
    {
        AssertRefused("name,label\nx,1\n"u8.ToArray(), AudioErrorKind.NotAudio,
            "'clip': expected the signature of WAV, W64, FLAC, Ogg, MP3, AIFF, AU or CAF, got a file that starts " +
            "with 6E616D652C6C6162.");
    }

    [TestMethod]
    public void Read_NaN_NamesFrameAndChannel()
    {
        byte[] data = new byte[4 * 2 * 50];
        BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(4 * ((2 * 37) + 1)), float.NaN);
        AssertRefused(WavBytes.File(3, 2, 16000, 32, 8, [], data), AudioErrorKind.NonFiniteSample,
            "'clip': frame 37, channel 1: expected a finite sample, got NaN.");
    }

    [TestMethod]
    public void Read_NaNBehindTheFirstBlock_CountsFramesFromTheStart()
    {
        byte[] data = new byte[4 * 200_000];
        BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(4 * 190_001), float.PositiveInfinity);
        AssertRefused(WavBytes.File(3, 1, 16000, 32, 4, [], data), AudioErrorKind.NonFiniteSample,
            "'clip': frame 190001, channel 0: expected a finite sample, got Infinity.");
    }

    [TestMethod]
    public void Read_UnknownTag_NamesIt()
    {
        AssertRefused(WavBytes.File(0x1234, 1, 16000, 16, 2, [], new byte[8]), AudioErrorKind.UnknownFormat,
            "'clip': expected WAV format PCM (0x0001), Microsoft ADPCM (0x0002), float (0x0003), A-law (0x0006), " +
            "mu-law (0x0007), IMA ADPCM (0x0011), GSM 6.10 (0x0031) or MP3 (0x0055), got 0x1234. Convert it to PCM: " +
            "ffmpeg -i \"clip\" \"clip.flac\". Or have it decoded: install ffmpeg, reference the package " +
            "SpeechML.FFmpeg and call SpeechFFmpeg.Register() once.");
    }

    [TestMethod]
    public void Read_BlockAlign_SaysWhatIsExpected()
    {
        AssertRefused(WavBytes.File(1, 2, 16000, 24, 4, [], new byte[24]), AudioErrorKind.BadBlockAlign,
            "'clip': expected a block align of 6 (2 channels of 24 bits), got 4.");
    }

    [TestMethod]
    public void Read_EmptyData_SaysHowMuchIsThere()
    {
        AssertRefused(WavBytes.File(1, 2, 16000, 16, 4, [], [1, 2, 3]), AudioErrorKind.EmptyAudio,
            "'clip': expected at least one block of 4 bytes of samples, got 3 bytes.");
    }

    [TestMethod]
    public void Read_DataClaimsGigabytes_AllocatesWhatTheFileHolds()
    {
        byte[] bytes = (byte[])s_stereo.Clone();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 12 - 4), 0xFFFF0000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        DecodedAudio audio = AudioFile.Read(new MemoryStream(bytes), "clip");
        Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.AreEqual(3, audio.Frames);
        Assert.IsTrue(audio.Truncated);
    }

    [TestMethod]
    public void Open_LibraryAbsent_SaysHowToInstallIt()
    {
        var absent = SndFileLibrary.Load(["no-such-libsndfile.so.1", "nor-this-one"]);
        Assert.IsFalse(absent.IsAvailable);
        using var stream = new MemoryStream();
        AudioException error = Assert.ThrowsExactly<AudioException>(() =>
            SndFileReader.Open(absent, AudioContainer.Ogg, stream, "clip.ogg", leaveOpen: true));
        Assert.AreEqual(AudioErrorKind.DecoderMissing, error.Kind);
        Assert.AreEqual(
            "'clip.ogg': expected libsndfile to decode Ogg, got none of 'no-such-libsndfile.so.1', 'nor-this-one'. " +
            "Install it: 'apt-get install libsndfile1' (Debian, Ubuntu), "
            + "'dnf install libsndfile' (Fedora, RHEL), 'brew install libsndfile' (macOS), 'vcpkg install " +
                "libsndfile' (Windows); or name the file in the environment variable SPEECHML_LIBSNDFILE. "
            + "WAV (PCM, float, A-law, mu-law) and FLAC need no library.", error.Message);
    }

    private static void AssertRefused(byte[] bytes, AudioErrorKind kind, string message)
    {
        AudioException error = Assert.ThrowsExactly<AudioException>(() =>
            AudioFile.Read(new MemoryStream(bytes), "clip"));
        if (error.Kind == AudioErrorKind.DecoderMissing)
        {
            Assert.Inconclusive(error.Message);
        }
        Assert.AreEqual(message, error.Message);
        Assert.AreEqual(kind, error.Kind);
    }

    private static MemoryStream Compressed(byte[] bytes)
    {
        var stream = new MemoryStream();
        using (var writer = new System.IO.Compression.BrotliStream(
            stream, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            writer.Write(bytes);
        }
        stream.Position = 0;
        return stream;
    }
}
