using System.Globalization;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Samples;

/// <summary>The sample that scores windows of a provider, as a user starts it.</summary>
[TestClass]
public sealed class ScoreProviderTests
{
    [TestMethod]
    public void Sample_RecordingInWindows_ScoresEach()
    {
        using var scratch = new Scratch();
        float[] speech = [.. Directory.GetFiles(RepositoryFiles.Prompts, "fr*.wav").Order(StringComparer.Ordinal)
            .SelectMany(f => MLAudio.FromFile(f, 16_000).Samples.ToArray()).Take(16_000 * 5 / 2)];
        string recording = scratch.At("speech.wav");
        MLAudio.FromSamples(speech, 16_000).WriteWav(recording);
        // Ten times as fast as it is spoken, after learning from 16 clips.
        string[] lines = ChildProgram.Succeed(RepositoryFiles.ScoreProvider, [recording, "10", "16"])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(3, lines);
        for (int window = 0; window < lines.Length; window++)
        {
            StringAssert.Matches(lines[window], new System.Text.RegularExpressions.Regex(
                string.Create(CultureInfo.InvariantCulture, $@"^{window}\.0 s: [a-z]+ \([01]\.\d\d\)\r?$")));
        }
    }
}
