using SpeechML.TestSupport;

namespace SpeechML.Audio.Tests.Recordings;

/// <summary>Channels that cancel, a channel of one's choice, levels that cannot be meant, and names nearly right.
/// </summary>
[TestClass]
public sealed class SuspectRecordingTests
{
    private static readonly AudioLoadingOptions s_keep = new()
    {
        CancellingChannels = SuspectAudioHandling.Keep,
        OutOfRange = SuspectAudioHandling.Keep,
        Silent = SuspectAudioHandling.Keep,
    };

    private string _folder = "";

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("suspect ").FullName;

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void FromFile_InvertedChannel_IsRefusedWithHowMuchIsLost()
    {
        string path = Make("x.wav", RecordingFiles.Bytes("antiphase_near.wav"));
        AssertRefused(path, AudioErrorKind.CancellingChannels,
            "expected channels that add up, got 2 that cancel: their mean is 52 dB below them. One is inverted. Take " +
            "one channel (AudioLoadingOptions.Channel = 0), or set AudioLoadingOptions.CancellingChannels to Keep.");
        Assert.IsGreaterThan(0.59f, MLAudio.FromFile(path, new AudioLoadingOptions { Channel = 0 }).GetArray().Max());
        Assert.IsLessThan(0.002f, MLAudio.FromFile(path, s_keep).GetArray().Max());
    }

    [TestMethod]
    public void FromFile_ExactlyInvertedChannel_IsNotCalledSilence()
    {
        short[] frames =
            [.. Enumerable.Range(0, 8000).Select(i => (short)((i % 2 == 0 ? 1 : -1) * (i / 2 * 7 % 9000)))];
        AssertRefused(Make("x.wav", WavBytes.Pcm16(frames, 2, 8000)), AudioErrorKind.CancellingChannels,
            "expected channels that add up, got 2 that cancel: their mean is silence. One is inverted. Take one " +
            "channel (AudioLoadingOptions.Channel = 0), or set AudioLoadingOptions.CancellingChannels to Keep.");
    }

    /// <summary>An offset that both channels have hides nothing of what cancels.</summary>
    [TestMethod]
    public void FromFile_InvertedChannelWithOffset_IsRefused()
    {
        short[] frames =
            [.. Enumerable.Range(0, 8000).Select(i => (short)(3000 + ((i % 2 == 0 ? 1 : -1) * (i / 2 * 7 % 900))))];
        string path = Make("x.wav", WavBytes.Pcm16(frames, 2, 8000));
        Assert.AreEqual(AudioErrorKind.CancellingChannels,
            Assert.ThrowsExactly<AudioException>(() => MLAudio.FromFile(path, new AudioLoadingOptions())).Kind);
    }

    /// <summary>One channel silent, or channels that have nothing in common: the mean is what it is documented to be.
    /// </summary>
    [TestMethod]
    [DataRow(2, true)]
    [DataRow(2, false)]
    [DataRow(16, false)]
    public void FromFile_ChannelsThatDoNotCancel_AreTaken(int channels, bool isOneSilent)
    {
        var random = new Random(channels);
        short[] frames = [.. Enumerable.Range(0, channels * 4000)
            .Select(i => isOneSilent && i % channels == 1 ? (short)0 : (short)random.Next(-9000, 9000))];
        string path = Make("x.wav", WavBytes.Pcm16(frames, channels, 8000));
        Assert.AreEqual(4000, MLAudio.FromFile(path, new AudioLoadingOptions()).Length);
    }

    [TestMethod]
    public void FromFile_Channel_IsTheOneAskedFor()
    {
        string path = Make("x.wav", WavBytes.Pcm16([1024, 2048, 4096, -1024, -2048, -4096], 3, 8000));
        for (int c = 0; c < 3; c++)
        {
            float expected = (1024 << c) / 32768f;
            CollectionAssert.AreEqual(new[] { expected, -expected },
                MLAudio.FromFile(path, new AudioLoadingOptions { Channel = c }).GetArray());
        }
        AudioException error = Assert.ThrowsExactly<AudioException>(() =>
            MLAudio.FromFile(path, new AudioLoadingOptions { Channel = 3 }));
        Assert.AreEqual($"'{path}': expected channel 3 (the first is 0), got 3 channels.", error.Message);
        Assert.AreEqual("Option Channel: expected a channel, the first is 0, or null for the mean, got '-1'.",
            Assert.ThrowsExactly<ArgumentException>(() => new AudioLoadingOptions { Channel = -1 }.Validate()).Message);
    }

    [TestMethod]
    public void FromFile_IntegersInAFloatFile_AreRefused()
    {
        string path = Make("x.wav", RecordingFiles.Bytes("float_int16range.wav"));
        AssertRefused(path, AudioErrorKind.OutOfRange,
            "expected samples of about -1 to 1, got some of a magnitude of 18707: integers in a file of " +
            "floating-point numbers. Divide them by the full scale (32768 for 16 bits), or set " +
            "AudioLoadingOptions.OutOfRange to Keep.");
        Assert.AreEqual(18707f, MLAudio.FromFile(path, s_keep).GetArray().Max());
    }

    [TestMethod]
    public void FromFile_LastBitsAlone_AreSilence()
    {
        short[] samples = [.. Enumerable.Range(0, 800).Select(i => (short)(i * 7 % 3 == 0 ? 1 : 0))];
        AssertRefused(Make("x.wav", WavBytes.Pcm16(samples, 1, 8000)), AudioErrorKind.Silent,
            "expected a recording, got 800 samples of at most -96.3 dB of full scale (silence but for the last " +
            "bits). Leave it out, or set AudioLoadingOptions.Silent to Keep.");
    }

    [TestMethod]
    [DataRow("long.ogg", 20000)]
    [DataRow("cbr/noid3_16000_1_32k.mp3", 16001)]
    public void FromFile_CutFile_SaysWhatIsMissing(string file, int bytes)
    {
        string path = Make("x", RecordingFiles.Bytes(file)[..bytes]);
        AudioException error = Assert.ThrowsExactly<AudioException>(() =>
            MLAudio.FromFile(path, new AudioLoadingOptions()));
        StringAssert.StartsWith(error.Message, $"'{path}': expected " + (file.EndsWith("mp3", StringComparison.Ordinal)
            ? "whole MPEG frames to its end, as many as its header says, got "
            : "a page that ends the stream, and as many samples as the stream says, got "));
        Assert.AreEqual(AudioErrorKind.Truncated, error.Kind);
    }

    [TestMethod]
    [DataRow("memo.m4a", "memo", " There is 'memo.m4a', whose format is not decoded here: convert it to WAV or FLAC: " +
        "ffmpeg -i \"memo.m4a\" \"memo.flac\".")]
    [DataRow("Jose\u0301_01.wav", "Jos\u00E9_01", " Near it is 'Jose\u0301_01.wav' (another Unicode form).")]
    [DataRow("A11_183.WAV", "a11_183.wav", " Near it is 'A11_183.WAV' (other letter case).")]
    [DataRow("Rec 1.Wav", "Rec 1", " Near it is 'Rec 1.Wav' (another extension).")]
    [DataRow("sub/clip.wav", "sub\\clip.wav", " Near it is 'sub/clip.wav' ('/' instead of '\\').")]
    [DataRow("sub/clip.wav", " sub/clip.wav", " Near it is 'sub/clip.wav' (no spaces at the ends).")]
    [DataRow("other.wav", "clip", "")]
    public void Resolve_NearName_IsListed(string file, string uid, string near)
    {
        if (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
        {
            Assert.Inconclusive("The file system here finds some of these names.");
        }
        Make(file, [1]);
        AudioException error = Assert.ThrowsExactly<AudioException>(() => AudioPath.Resolve(_folder, uid));
        StringAssert.EndsWith(error.Message, ".w64, .rf64)." + near);
        Assert.AreEqual(AudioErrorKind.NotFound, error.Kind);
    }

    private string Make(string file, byte[] bytes)
    {
        string path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static void AssertRefused(string path, AudioErrorKind kind, string message)
    {
        AudioException error = Assert.ThrowsExactly<AudioException>(() =>
            MLAudio.FromFile(path, new AudioLoadingOptions()));
        Assert.AreEqual($"'{path}': {message}", error.Message);
        Assert.AreEqual(kind, error.Kind);
    }
}
