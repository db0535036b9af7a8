using System.Globalization;
using System.Text.Json;
using SpeechML.Data.Metadata;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests;

/// <summary>
/// The conditions of the reference's check of a split, on the clips it was made with: prompts/metadata.csv in the
/// folder named by SPEECHML_DATA, else in
/// the folder <c>data</c> beside the golden folder, where the generators look too.
/// </summary>
[TestClass]
public sealed class SubjectSplitGoldenTests
{
    private const double ShareTolerance = 0.05; // the check's own
    private const double Threshold = 2; // a rating from here up is positive

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Golden")]
    public void Create_ReferenceClips_BetterThanReferenceOnAverageOverSeeds()
    {
        if (!File.Exists(Golden.At("splits", "reference.json")))
        {
            Assert.Inconclusive($"No part 'splits' in {Golden.Folder}.");
        }
        JsonElement reference = Golden.Json("splits", "reference.json");
        (string[] keys, string[] subjects, SplitStratum[] strata) = ReadMetadata();
        if (keys.Length != reference.GetProperty("clips").GetInt32())
        {
            Assert.Inconclusive(
                $"The metadata found has {keys.Length} clips, the reference was made with " +
                $"{reference.GetProperty("clips")}.");
        }
        JsonElement wanted = reference.GetProperty("proportions"), beat = reference.GetProperty("to_beat");
        double[] proportions = [wanted.GetProperty("train").GetDouble(), wanted.GetProperty("val").GetDouble(),
            wanted.GetProperty("test").GetDouble()];
        int seeds = reference.GetProperty("seeds").GetInt32();
        double mean = 0, max = 0, shareError = 0;
        var different = new HashSet<string>();
        for (int seed = 0; seed < seeds; seed++)
        {
            var options = new SubjectSplitOptions
            {
                Train = proportions[0],
                Validation = proportions[1],
                Test = proportions[2],
                Seed = seed
            };
            SubjectSplit split = SubjectSplit.Create(keys, subjects, strata, options);
            AssertDisjoint(subjects, [.. split.Parts.Select(p => (int)p)]);
            SplitBalance balance = split.Balance(strata);
            double error = balance.Shares.Zip(proportions, (s, p) => Math.Abs(s - p)).Max();
            Assert.IsLessThanOrEqualTo(ShareTolerance, error);
            mean += balance.MeanDeviation / seeds;
            max += balance.MaxDeviation / seeds;
            shareError += error / seeds;
            different.Add(string.Concat(split.Parts.Select(p => (int)p)));
        }
        TestContext.WriteLine(
            $"mean deviation {mean:F4}, largest {max:F4}, share error {shareError:F4}, {different.Count} different " +
            $"splits of {seeds}");
        Assert.IsLessThan(beat.GetProperty("mean_deviation").GetDouble(), mean);
        Assert.IsLessThan(beat.GetProperty("max_deviation").GetDouble(), max);
        Assert.IsLessThanOrEqualTo(beat.GetProperty("share_error").GetDouble() + 1e-9, shareError);
        Assert.IsGreaterThan(seeds / 2, different.Count, "seeds must matter");
    }

    internal static void AssertDisjoint(IReadOnlyList<string> subjects, IReadOnlyList<int> parts)
    {
        var partOf = new Dictionary<string, int>();
        for (int i = 0; i < subjects.Count; i++)
        {
            Assert.AreEqual(partOf.TryAdd(subjects[i], parts[i]) ? parts[i] : partOf[subjects[i]], parts[i],
                $"subject {subjects[i]} is in two parts");
        }
    }

    // Columns of numbers are ratings, columns of words are categories; the first column is the clip, a column of dates
    // is left out.
    private static (string[] Keys, string[] Subjects, SplitStratum[] Strata) ReadMetadata()
    {
        string folder = Environment.GetEnvironmentVariable("SPEECHML_DATA")
            ?? Path.Combine(Golden.Folder, "..", "data");
        string file = Path.GetFullPath(Path.Combine(folder, "prompts", "metadata.csv"));
        if (!File.Exists(file))
        {
            Assert.Inconclusive(
                $"No metadata of the reference's clips: SPEECHML_DATA names no folder that holds " +
                $"prompts/metadata.csv, and there is no {file}.");
        }
        CsvRow[] rows = [.. CsvFile.Read(file)];
        string[] header = rows[0].Fields;
        string[] Column(int c) => [.. rows.Skip(1).Select(r => r.Fields[c])];
        var strata = new List<SplitStratum>();
        for (int c = 1; c < header.Length; c++)
        {
            string[] values = Column(c);
            if (values.All(v => double.TryParse(v, CultureInfo.InvariantCulture, out _)))
            {
                strata.Add(SplitStratum.FromRatings(
                    header[c], values.Select(v => double.Parse(v, CultureInfo.InvariantCulture)), Threshold));
            }
            else if (header[c] != "subject"
                && !values.All(v => DateTime.TryParse(v, CultureInfo.InvariantCulture, out _)))
            {
                strata.AddRange(SplitStratum.FromCategories(header[c], values));
            }
        }
        return (Column(0), Column(Array.IndexOf(header, "subject")), [.. strata]);
    }
}
