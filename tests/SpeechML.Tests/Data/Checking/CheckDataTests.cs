using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.Checking;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Data.Checking;

/// <summary>Real files with every fault that the check knows.</summary>
[TestClass]
public sealed class CheckDataTests
{
    [TestMethod]
    public void CheckData_EveryFault_IsFoundByItsNameAndNothingElse()
    {
        using var folder = new Scratch();
        var mlContext = new MLContext(seed: 1);
        WriteFaults(folder);
        Clip[] train = [new("good", "s1", "a", 0), new("also-good", "s1", "b", 0), new("silent", "s2", "b", float.NaN),
            new("cut", "s2", "a", 0), new("copy", "s3", "a", 0)];
        Clip[] test = [new("other", "s3", "a", 1), new("short", "s4", "b", 0), new("long", "s4", "b", 1),
            new("empty", "s5", "b", 1), new("broken", "s5", "a", 1), new("missing", "s6", "a", 1)];
        var split = new SpeechDataSplit(
            mlContext.Data.LoadFromEnumerable(train), mlContext.Data.LoadFromEnumerable(Array.Empty<Clip>()),
            mlContext.Data.LoadFromEnumerable(test), null!);
        var progress = new Recorder();

        SpeechDataReport report = mlContext.Speech()
            .CheckData(split, Options(folder) with
            {
                MaxSeconds = 5,
                Encoder = RepositoryFiles.TinyEncoder("hubert-base-like")
            }, progress);

        string At(string name) => folder.At(name + ".wav");
        CollectionAssert.AreEqual(
            new[]
            {
                "MissingFile: 'missing': expected an audio file",
                $"Unreadable: '{At("broken")}': expected the signature of",
                $"Empty: '{At("empty")}': expected at least one",
                "Silent: 'silent': expected a recording, got 8000 samples at 8000 Hz (1.000 s) that are all the same.",
                "CutOff: 'cut': expected as many samples as its header says, got 4000 samples at 8000 Hz (0.500 s) " +
                "and the end of the file.",
                "TooShort: 'short': expected at least",
                "TooLong: 'long': expected at most 5 s, got 48000 samples at 8000 Hz (6.000 s).",
                "Duplicate: 'good', 'copy': expected each recording once, got the same samples 2 times.",
                "Duplicate: 'also-good', 'other': expected each recording once, got the same samples 2 times, and in " +
                "the parts train, test.",
                "SharedSubject: Subject 's3': expected clips in one part, got clips in train and test.",
                "OneClass: Label 'Number' in part 'train': expected at least two classes, got '0' alone (4 × 0, 1 " +
                "missing).",
                "FewSubjects: Part 'train': expected at least 10 subjects, got 3: its figures depend on a few people.",
                "FewSubjects: Part 'test': expected at least 10 subjects, got 4: its figures depend on a few people.",
            },
            report.Findings.Select((f, i) => Shorten($"{f.Problem}: {f.Message}", i)).ToArray());
        CollectionAssert.AreEqual(
            new[] { (8000, 8, TimeSpan.FromMilliseconds(11_505)) },
            report.SampleRates.Select(r => (r.SampleRate, r.Clips, r.Duration)).ToArray());
        CollectionAssert.AreEqual(new[] { ("train", 5, 3), ("test", 6, 4) },
            report.Parts.Select(p => (p.Name, p.Clips, p.Subjects)).ToArray());
        Assert.AreEqual(TimeSpan.FromSeconds(6), report.Longest);
        CollectionAssert.AreEqual(Enumerable.Range(1, 11).Select(i => new SpeechDataProgress(i, 11)).ToArray(),
            progress.Reports);

        static string Shorten(string message, int index) => index switch
        {
            0 => message[..message.IndexOf(" in folder", StringComparison.Ordinal)],
            1 => message[..(message.IndexOf(" of WAV", StringComparison.Ordinal) + 3)],
            2 => message[..(message.IndexOf(" one ", StringComparison.Ordinal) + 4)],
            // the receptive field of the encoder at hand follows
            5 => message[..message.IndexOf(" 4", StringComparison.Ordinal)],
            _ => message,
        };
    }

    [TestMethod]
    public void Report_TextJsonAndHtml_SayTheSameAndEscape()
    {
        using var folder = new Scratch();
        var mlContext = new MLContext(seed: 1);
        File.WriteAllBytes(folder.At("a.wav"), Tone(8000, 440));
        Clip[] clips = [new("a", "s1", "<b>", 0), new("<missing>", "s2", "<b>", 1)];

        SpeechDataReport report = mlContext.Speech()
            .CheckData(mlContext.Data.LoadFromEnumerable(clips), Options(folder));

        StringAssert.StartsWith(report.ToString(), "2 clips: 1.00 s to 1.00 s, median 1.00 s");
        StringAssert.Contains(report.ToString(), "Class (all): 2 × <b>");
        StringAssert.Contains(report.ToString(), "MissingFile: 1");
        StringAssert.Contains(report.ToHtml(), "<li>&#39;&lt;missing&gt;&#39;: expected an audio file");
        Assert.IsFalse(report.ToHtml().Contains("<b>", StringComparison.Ordinal));
        using JsonDocument json = JsonDocument.Parse(report.ToJson());
        Assert.AreEqual("MissingFile", json.RootElement.GetProperty("findings")[0].GetProperty("problem").GetString());
        Assert.AreEqual(8000, json.RootElement.GetProperty("sampleRates")[0].GetProperty("sampleRate").GetInt32());
        Assert.IsFalse(json.RootElement.GetProperty("isClean").GetBoolean());
    }

    [TestMethod]
    public void CheckData_SampleRecordings_AreClean()
    {
        var mlContext = new MLContext(seed: 1);
        var options = new SpeechDataCheckOptions
        {
            AudioKeyColumnName = "Path",
            AudioFolder = RepositoryFiles.Prompts,
            SubjectColumnName = "Subject",
            LabelColumnNames = ["Label", "Labels"],
            Encoder = RepositoryFiles.WhisperBase
        };
        SpeechDataReport report = mlContext.Speech().CheckData(Prompts.View(mlContext, 57), options);
        Assert.IsTrue(report.IsClean, report.ToString());
        Assert.AreEqual(57, report.Clips);
    }

    [TestMethod]
    public void CheckData_KeysAndBooleans_AreCounted()
    {
        using var folder = new Scratch();
        File.WriteAllBytes(folder.At("a.wav"), Tone(800, 440));
        var mlContext = new MLContext(seed: 1);
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip("a", "s", "x", 1), new Clip("a", "s", "y", 0)]);
        data = mlContext.Transforms.Conversion.MapValueToKey("Key", "Class")
            .Append(mlContext.Transforms.Conversion.ConvertType("Flag", "Number", DataKind.Boolean)).Fit(data)
            .Transform(data);
        SpeechDataReport report = mlContext.Speech()
            .CheckData(data, Options(folder) with { LabelColumnNames = ["Key", "Flag"] });
        CollectionAssert.AreEqual(
            new[] { "Key: x=1 y=1", "Flag: false=1 true=1" },
            report.Labels.Select(l => $"{l.Label}: {string.Join(' ', l.Values.Select(v => $"{v.Key}={v.Value}"))}")
            .ToArray());
        Assert.AreEqual("'a', 'a': expected each recording once, got the same samples 2 times.",
            report.Findings.Single(f => f.Problem != SpeechDataProblem.FewSubjects).Message);
    }

    [TestMethod]
    [DataRow(LongAudioRule.Windows, null)]
    [DataRow(LongAudioRule.RandomCrop, null)]
    [DataRow(LongAudioRule.Truncate, "the rest is left out")]
    [DataRow(LongAudioRule.Error, "training refuses it")]
    public void CheckData_ClipLongerThanWhisperTakes_IsTooLongOnlyWhereItIsNotCut(LongAudioRule rule, string? what)
    {
        using var folder = new Scratch();
        File.WriteAllBytes(folder.At("long.wav"), Tone((8000 * 30) + 8, 250));
        var mlContext = new MLContext(seed: 1);
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip("long", "s", "x", 1)]);
        SpeechDataCheckOptions options = Options(folder) with
        {
            Encoder = RepositoryFiles.WhisperBase,
            LongAudio = new LongAudioOptions { Rule = rule },
        };
        SpeechDataFinding[] Found(SpeechDataCheckOptions by) =>
            [.. mlContext.Speech().CheckData(data, by).Findings.Where(f => f.Problem == SpeechDataProblem.TooLong)];
        CollectionAssert.AreEqual(what is null ? [] : new[]
        {
            "'long': expected at most 480000 samples at 16000 Hz, what encoder '" + RepositoryFiles.WhisperBase +
            $"' is given at once, got 240008 samples at 8000 Hz (30.001 s). With LongAudio.Rule = {rule} {what}.",
        }, Found(options).Select(f => f.Message).ToArray());

        // A length of one's own is the limit; another rule for long clips than the encoder's does not hide MaxSeconds.
        Assert.HasCount(what is null ? 0 : 1, Found(options with
        {
            Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
            LongAudio = new LongAudioOptions { Rule = rule, Length = 30 },
        }));
        Assert.HasCount(1, Found(options with { MaxSeconds = 30 }));
    }

    [TestMethod]
    public void CheckData_Cancelled_Stops()
    {
        using var folder = new Scratch();
        File.WriteAllBytes(folder.At("a.wav"), Tone(800, 440));
        var mlContext = new MLContext(seed: 1);
        using var source = new CancellationTokenSource();
        var progress = new Recorder { After = source.Cancel };
        IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 500)
            .Select(_ => new Clip("a", "s", "x", 1)));
        Assert.ThrowsExactly<OperationCanceledException>(() => mlContext.Speech()
            .CheckData(data, Options(folder), progress, source.Token));
        Assert.HasCount(1, progress.Reports);
    }

    /// <summary>172.8 million samples would be 691 MB.</summary>
    [TestMethod]
    public void Read_SixHours_TakesAFewBlocksOfMemory()
    {
        const long Samples = 6L * 3600 * 8000;
        using var folder = new Scratch();
        byte[] header = WavBytes.Pcm16([], 1, 8000);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), (int)(header.Length - 8 + (2 * Samples)));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(header.Length - 4), (int)(2 * Samples));
        using (FileStream file = File.Create(folder.At("long.wav")))
        {
            file.Write(header);
            file.SetLength(header.Length + (2 * Samples)); // zeros that take no room on the disk
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        var facts = ClipMetadata.Read("long", "all", () => AudioFile.Open(folder.At("long.wav")), null, false, default);
        Assert.IsLessThan(4L << 20, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.AreEqual((Samples, true, false), (facts.Frames, facts.Silent, facts.Truncated));
    }

    [TestMethod]
    public void CheckData_OptionOutOfRange_IsRefused()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip("a", "s", "x", 1)]);
        using var folder = new Scratch();
        Check(Options(folder) with { AudioKeyColumnName = "" },
            "Option AudioKeyColumnName: expected the name of the column of recordings, got ''.");
        Check(Options(folder) with { MinSeconds = -1 }, "Option MinSeconds: expected 0 s or more, got '-1'.");
        Check(Options(folder) with { MinSeconds = 2, MaxSeconds = 1 },
            "Option MaxSeconds: expected more than MinSeconds, 2 s, got '1'.");
        void Check(SpeechDataCheckOptions options, string message) =>
            Assert.AreEqual(message,
                Assert.ThrowsExactly<ArgumentException>(() => mlContext.Speech().CheckData(data, options)).Message);
    }

    private static SpeechDataCheckOptions Options(Scratch folder) => new()
    {
        AudioKeyColumnName = "Name",
        AudioFolder = folder.Folder,
        SubjectColumnName = "Subject",
        LabelColumnNames = ["Class", "Number"],
    };

    private static void WriteFaults(Scratch folder)
    {
        File.WriteAllBytes(folder.At("good.wav"), Tone(8000, 440));
        File.WriteAllBytes(folder.At("copy.wav"), Tone(8000, 440));
        File.WriteAllBytes(folder.At("also-good.wav"), Tone(8000, 300));
        File.WriteAllBytes(folder.At("other.wav"), Tone(8000, 300));
        File.WriteAllBytes(folder.At("silent.wav"), WavBytes.Pcm16(new short[8000], 1, 8000));
        File.WriteAllBytes(folder.At("cut.wav"), Tone(8000, 250)[..^8000]);
        File.WriteAllBytes(folder.At("short.wav"), Tone(40, 250));
        File.WriteAllBytes(folder.At("long.wav"), Tone(48_000, 250));
        File.WriteAllBytes(folder.At("empty.wav"), WavBytes.Pcm16([], 1, 8000));
        File.WriteAllText(folder.At("broken.wav"), "this is no audio at all, only text");
    }

    private static byte[] Tone(int samples, double frequency) =>
        WavBytes.Pcm16([.. Enumerable.Range(0, samples)
            .Select(i => (short)(8000 * Math.Sin(i * frequency * Math.Tau / 8000)))], 1, 8000);

    private sealed class Recorder : IProgress<SpeechDataProgress>
    {
        public List<SpeechDataProgress> Reports { get; } = [];

        public Action? After { get; init; }

        public void Report(SpeechDataProgress value)
        {
            Reports.Add(value);
            After?.Invoke();
        }
    }

    private sealed class Clip(string name, string subject, string category, float number)
    {
        public string Name { get; set; } = name;

        public string Subject { get; set; } = subject;

        public string Class { get; set; } = category;

        public float Number { get; set; } = number;
    }
}
