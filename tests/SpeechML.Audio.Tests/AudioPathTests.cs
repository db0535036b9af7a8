namespace SpeechML.Audio.Tests;

[TestClass]
public sealed class AudioPathTests
{
    private string _folder = string.Empty;

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("audio path ").FullName;

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [DataRow("a1.wav", "a1")]
    [DataRow("a1.wav", "a1.wav")]
    [DataRow("a1.flac", "a1")]
    [DataRow("a1.flac", "a1.wav")]
    [DataRow("a1.WAV", "a1.wav")]
    [DataRow("sub/a1.mp3", "sub/a1")]
    [DataRow("été.v1.wav", "été.v1")]
    [DataRow("bare", "bare")]
    [DataRow("a1/waveform.wav", "a1")]
    [DataRow("a1/waveform.flac", "a1.flac")]
    [DataRow("a1/waveform.ogg", "a1.wav")]
    [DataRow("a1.wav/waveform.wav", "a1.wav")]
    public void Resolve_FileOfEitherLayout_FindsIt(string file, string uid)
    {
        string path = Make(file);
        Assert.AreEqual(path, AudioPath.Resolve(_folder, uid),
            ignoreCase: OperatingSystem.IsWindows() || OperatingSystem.IsMacOS());
    }

    [TestMethod]
    public void Resolve_BothLayouts_TakesTheOneAskedFor()
    {
        string flat = Make("a1.wav"), structured = Make("a1/waveform.wav");
        Assert.AreEqual(flat, AudioPath.Resolve(_folder, "a1"));
        Assert.AreEqual(flat, AudioPath.Resolve(_folder, "a1", AudioLayout.Flat));
        Assert.AreEqual(structured, AudioPath.Resolve(_folder, "a1", AudioLayout.Structured));
    }

    [TestMethod]
    public void Resolve_AbsolutePath_IgnoresTheFolder()
    {
        string path = Make("a1.wav");
        Assert.AreEqual(path, AudioPath.Resolve("elsewhere", path));
        Assert.AreEqual(path, AudioPath.Resolve(null, path[..^4]));
    }

    [TestMethod]
    public void Resolve_NoSuchFile_ListsWhatWasTried()
    {
        AudioException error = Assert.ThrowsExactly<AudioException>(() => AudioPath.Resolve(_folder, "b2.wav"));
        Assert.AreEqual(
            $"'b2.wav': expected an audio file in folder '{_folder}', got none of 'b2.*', 'b2/waveform.*', " +
            $"'b2.wav/waveform.*' "
            + "(.* is .wav, .flac, .ogg, .opus, .mp3, .oga, .aiff, .aif, .aifc, .au, .caf, .w64, .rf64).",
                error.Message);
        Assert.AreEqual(AudioErrorKind.NotFound, error.Kind);
    }

    [TestMethod]
    public void Resolve_NoSuchFolder_SaysSo()
    {
        AudioException error = Assert.ThrowsExactly<AudioException>(() =>
            AudioPath.Resolve(Path.Combine(_folder, "none"), "b2", AudioLayout.Flat));
        StringAssert.StartsWith(
            error.Message,
            $"'b2': expected an audio file in folder '{Path.Combine(_folder, "none")}' (which does not exist), got " +
            $"none of 'b2.*' (.* is .wav, ");
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("  ")]
    public void Candidates_EmptyIdentifier_SaysWhatIsExpected(string uid)
    {
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => AudioPath.Candidates(uid));
        Assert.AreEqual("Audio key: expected a name or a path, got an empty one. (Parameter 'audioKey')",
            error.Message);
    }

    private string Make(string file)
    {
        string path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, string.Empty);
        return path;
    }
}
