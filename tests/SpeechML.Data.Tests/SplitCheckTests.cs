
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests;

/// <summary>
/// Splits of the sample recordings by metadata, saved, against the conditions of the reference's check.
/// </summary>
[TestClass]
public sealed class SplitCheckTests
{
    private static readonly string s_metadata = Path.Combine(RepositoryFiles.Prompts, "metadata.csv");

    // Ten subjects can be divided no more evenly than subjects go: the check's own bounds are for larger data.
    private static readonly SplitCheck s_check = new() { Tolerance = 0.1, MaxDeviation = 0.35 };

    [TestMethod]
    public void Split_OfTheSamples_FulfilsTheReferencesConditions()
    {
        using var scratch = new Scratch();
        SpeechMetadata metadata = Metadata();
        for (int seed = 0; seed < 20; seed++)
        {
            string file = scratch.At($"{seed}.csv"), again = scratch.At($"{seed}-again.csv");
            metadata.Split(new SubjectSplitOptions { Seed = seed }, 2, "language").Save(file);
            metadata.Split(new SubjectSplitOptions { Seed = seed }, 2, "language").Save(again);
            Assert.AreEqual("", string.Join('\n', s_check.Wrong(s_metadata, file, again)), $"seed {seed}");
        }
    }

    [TestMethod]
    public void Wrong_SplitsThatAre_AreFound()
    {
        using var scratch = new Scratch();
        string file = scratch.At("split.csv");
        Metadata().Split(new SubjectSplitOptions(), 2, "language").Save(file);
        string[] lines = File.ReadAllLines(file);
        string other = scratch.At("other.csv");
        void Check(string expected, params IEnumerable<string> changed)
        {
            File.WriteAllLines(other, changed);
            CollectionAssert.Contains(s_check.Wrong(s_metadata, other), expected);
        }
        string clip = lines[1].Split(',')[0], part = lines[1].Split(',')[1],
            another = part == "train" ? "test" : "train";
        Check($"clip {clip} is assigned 2 times", [.. lines, lines[1]]);
        Check($"clip {clip} is not assigned", [lines[0], .. lines.Skip(2)]);
        Check("clip none is not in the metadata", [.. lines, "folder/none.wav,train"]);
        Check("split 'dev' is not one of train, val, test", [lines[0], $"{clip},dev", .. lines.Skip(2)]);
        Check("split val is empty", lines.Select(l => l.Replace(",val", ",train", StringComparison.Ordinal)));
        string subject = File.ReadLines(s_metadata).Select(l => l.Split(',')).Where(f => f[0] == clip)
            .Select(f => f[Array.IndexOf(File.ReadLines(s_metadata).First().Split(','), "subject")]).Single();
        string[] parts = [part, another];
        Check($"subject {subject} is in {string.Join(" and ", parts.Order(StringComparer.Ordinal))}",
            [lines[0], $"{clip},{another}", .. lines.Skip(2)]);
        Assert.AreEqual($"1 clips differ from the other split, first {clip}",
            s_check.Wrong(s_metadata, file, other)[^1]);
    }

    private static SpeechMetadata Metadata() => SpeechMetadata.Load(s_metadata, new SpeechMetadataColumns
    {
        AudioKey = "original_audio_id",
        Subject = "subject",
        Task = "task_name",
        Features = ["hoarse_harsh", "slow_rate", "sound_distortions", "monopitch_monoloudness",
        "inappropriate_silences_or_prolonged_intervals"],
    });
}
