using SpeechML.Data.Checking;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests;

/// <summary>Levels that cannot be meant are findings, with the figure.</summary>
[TestClass]
public sealed class LevelCheckTests
{
    private string _folder = "";

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("levels ").FullName;

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [DataRow("antiphase_near.wav", SpeechDataProblem.CancellingChannels,
        "'clip': expected channels that add up, got 2 that cancel: their mean is 52 dB below them. One is inverted. " +
        "Take one channel (Channel = 0).")]
    [DataRow("float_int16range.wav", SpeechDataProblem.OutOfRange,
        "'clip': expected samples of about -1 to 1, got some of a magnitude of 18707: integers in a file of " +
        "floating-point numbers.")]
    [DataRow("dc.wav", SpeechDataProblem.Offset,
        "'clip': expected samples about 0, got a mean of 0.3662 (a recorder's offset).")]
    [DataRow("ext24in32_right.wav", SpeechDataProblem.Quiet,
        "'clip': expected peaks of at least -46.0 dB of full scale, got -54.0 dB of full scale.")]
    public void Run_RecordingOfADoubtfulLevel_SaysHowMuch(string file, SpeechDataProblem problem, string message)
    {
        File.Copy(Path.Combine(RepositoryFiles.Fixtures, "recordings", file), Path.Combine(_folder, "clip.wav"));
        SpeechDataFinding finding = Check().Findings.Single();
        Assert.AreEqual(message, finding.Message);
        Assert.AreEqual(problem, finding.Problem);
    }

    [TestMethod]
    [DataRow("plain.wav")]
    [DataRow("ext24in32_left.wav")]
    public void Run_RecordingOfAUsualLevel_FindsNothing(string file)
    {
        string path = Path.Combine(RepositoryFiles.Fixtures, "recordings", file);
        if (!File.Exists(path))
        {
            Assert.Inconclusive($"'{file}' is not among the fixtures.");
        }
        File.Copy(path, Path.Combine(_folder, "clip.wav"));
        Assert.IsEmpty(Check().Findings);
    }

    [TestMethod]
    public void Run_ChannelTaken_LooksAtItAlone()
    {
        File.Copy(Path.Combine(RepositoryFiles.Fixtures, "recordings", "antiphase_near.wav"),
            Path.Combine(_folder, "clip.wav"));
        Assert.IsEmpty(Check(0).Findings);
        Assert.AreEqual(SpeechDataProblem.Unreadable, Check(2).Findings.Single().Problem);
    }

    [TestMethod]
    public void Run_ClippedRecording_SaysHowMuch()
    {
        short[] samples = [.. Enumerable.Range(0, 8000).Select(i =>
            (short)Math.Clamp(40000 * Math.Sin(i * 2 * Math.PI * 100 / 8000), -32768, 32767))];
        File.WriteAllBytes(Path.Combine(_folder, "clip.wav"), WavBytes.Pcm16(samples, 1, 8000));
        SpeechDataFinding finding = Check().Findings.Single();
        Assert.AreEqual(SpeechDataProblem.Clipped, finding.Problem);
        int clipped = samples.Count(s => s is 32767 or -32768);
        Assert.AreEqual(
            FormattableString.Invariant($"'clip': expected peaks, got runs of equal samples at 1.000: ") +
            FormattableString.Invariant($"{clipped / 8000.0:P2} are clipped."),
            finding.Message);
    }

    private SpeechDataReport Check(int? channel = null) => DataCheck.Run(
        [new DataPart("all", ["clip"], null, [])],
        new SpeechDataCheckOptions { AudioKeyColumnName = "file", AudioFolder = _folder, Channel = channel },
        null, null, default);
}
