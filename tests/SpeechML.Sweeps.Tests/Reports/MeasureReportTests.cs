using System.Xml.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Sweeps.Tests.Reports;

/// <summary>Acoustic measures in reports: by label, what a model needs, clip by clip, over a waveform.</summary>
[TestClass]
public sealed class MeasureReportTests
{
    [TestMethod]
    public void Write_MeasuresOfARun_HaveTheirSections()
    {
        using var scratch = new Scratch();
        (SpeechRun run, ITransformer model) = new TinyRuns().MultiLabelRun(scratch.Folder);
        using var fitted = model as IDisposable;
        using (run)
        {
            run.Add(Measures(run.Clips[0]));
            string html = File.ReadAllText(SpeechReport.Write(run));
            ReportPages.AssertPage(html);
            foreach (string expected in new[]
            {
                "<h2>Measures of the training clips by label</h2>", "12 clips of 6 subjects.",
                "<h3>hoarse &lt;1&gt;</h3>",
                "Few subjects: no p-value can be below 0.1", "<th class=\"number\">Cliff&#39;s delta</th>",
                "-0.75<small>-0.90 to -0.25</small>", "&lt; 0.001</td>", "0.022</td>",
                "<summary>46 more measures</summary>", "<h2>Measures that a linear model needs</h2>",
                "<h3>test: all, loss of ", "+0.125</td>", "+0.050 to +0.250</td>", "No intervals: one subject.",
                "Furthest from the training clips:", "4.5 dB</td>", "-4.2</td>",
            })
            {
                StringAssert.Contains(html, expected);
            }
            StringAssert.Contains(html, "Above it pitch and intensity; grey: pauses.");
        }
    }

    [TestMethod]
    public void Write_CheckWithMeasures_ShowsThemByLabel()
    {
        using var scratch = new Scratch();
        SpeechDataReport check = Check();
        LabelMeasures label = check.Measures!.Labels.Single();
        Assert.HasCount(54, label.Measures);
        StringAssert.Contains($"{check}", "Measures by 'Group' (");
        SpeechReport.Write(check, scratch.At("check.html"));
        string html = File.ReadAllText(scratch.At("check.html"));
        ReportPages.AssertPage(html);
        foreach (string figure in new[] { "data-map-part", "data-map-subject", "data-map-label-1", "data-length" })
        {
            CollectionAssert.Contains(ReportPages.FigureIds(html), figure);
        }
        StringAssert.Contains(html, "<h2>Acoustic measures by label</h2>");
        // As JSON and back, as a run keeps it.
        SpeechDataReport read = System.Text.Json.JsonSerializer.Deserialize<SpeechDataReport>(
            check.ToJson(), SpeechML.Runs.RunFiles.Json)!;
        Assert.AreEqual($"{check}", $"{read}");
    }

    [TestMethod]
    public void Write_Voice_IsAWaveformWithPitchIntensityAndPauses()
    {
        using var scratch = new Scratch();
        // A buzz at 150 Hz, a pause, a buzz.
        const int Rate = 8000;
        double Buzz(int i) => Enumerable.Range(1, 10).Sum(h => Math.Sin(2 * Math.PI * 150 * h * i / Rate));
        var audio = MLAudio.FromSamples(
            [.. Enumerable.Range(0, 3 * Rate).Select(i => i / Rate == 1 ? 0 : 0.1f * (float)Buzz(i))], Rate);
        SpeechReport.Write(audio, scratch.At("a voice.svg"));
        var svg = XDocument.Load(scratch.At("a voice.svg"));
        string text = string.Join("|",
            svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value.Trim()));
        foreach (string expected in new[] { "Pitch (Hz)", "150", "Intensity (dB)", "Waveform", "pause", "pitch" })
        {
            StringAssert.Contains(text, expected);
        }
        SpeechReport.Write(audio, scratch.At("a voice.html"));
        string html = File.ReadAllText(scratch.At("a voice.html"));
        ReportPages.AssertPage(html);
        CollectionAssert.AreEqual(new[] { "voice" }, ReportPages.FigureIds(html));
        StringAssert.Contains(html, "<td>f0_median</td>");
        StringAssert.Contains(html, "<td class=\"number\">150</td>");
        SpeechReport.Write(audio, scratch.At("a voice.png"));
        Assert.IsTrue(File.Exists(scratch.At("a voice.png")));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => SpeechReport.Write(audio, scratch.At("a.pdf"))).Message,
            "Figure of a voice: expected a path that ends in .svg, .png or .html");
        // Too short for any frame: the waveform alone.
        SpeechReport.Write(MLAudio.FromSamples(new float[80], Rate), scratch.At("short.html"));
        ReportPages.AssertPage(File.ReadAllText(scratch.At("short.html")));
    }

    /// <summary>What a run may have of its clips' measures.</summary>
    internal static RunMeasures Measures(RunClip clip)
    {
        MetricInterval median = new(12.25, 11, 13, 0.95, 100, 0);
        return new RunMeasures("test", "Voice", new MeasureTable
        {
            Clips = 12,
            Subjects = 6,
            Labels =
            [
                new LabelMeasures("hoarse <1>", MeasureEffect.CliffsDelta, [.. VoiceMeasures.All.Select(m =>
                    new MeasureAssociation(m.Name, m.Unit,
                        [new MeasureGroup("yes", 7, 4, median), new MeasureGroup("no", 5, 3, median)],
                        new MetricInterval(-0.75, -0.9, -0.25, 0.95, 100, 0), 0.0004, 0.0216))])
                {
                    Note = "Few subjects: no p-value can be below 0.1, whatever the measures are.",
                },
            ],
        },
        [
            new RunMeasureImportance("", "cpps", "rocAuc", 0.125, new RunInterval(0.05, 0.25, 100, 0)),
            new RunMeasureImportance("hoarse", "cpps", "rocAuc", 0.25, null) { NoInterval = "one subject" },
        ],
        [new ClipMeasures(clip.AudioKey, "test", [new ClipMeasure("cpps", "dB", 4.5, 2.5, -4.2)])]);
    }

    /// <summary>A check of six clips of several subjects.</summary>
    internal static SpeechDataReport Check()
    {
        string[] keys = [.. Directory.EnumerateFiles(RepositoryFiles.Prompts, "*.wav").Order(StringComparer.Ordinal)
            .Take(6).Select(f => Path.GetFileName(f))];
        var mlContext = new MLContext(seed: 1);
        IDataView data = mlContext.Data.LoadFromEnumerable(
            keys.Select((k, i) => new Clip
            {
                File = k,
                Subject = k[..4],
                Group = i % 2 == 0 ? "a" : "b",
                Language = k[..2],
                Place = [i, i % 3, 1],
            }));
        return mlContext.Speech().CheckData(data, new SpeechDataCheckOptions
        {
            AudioKeyColumnName = "File",
            AudioFolder = RepositoryFiles.Prompts,
            SubjectColumnName = "Subject",
            LabelColumnNames = ["Group"],
            GroupColumnNames = ["Language"],
            EmbeddingColumnName = "Place",
            MeasureVoice = true,
            Resampling = new SubjectBootstrapOptions { Resamples = 50, Method = IntervalMethod.Percentile },
        });
    }

    private sealed class Clip
    {
        public string File { get; set; } = "";

        public string Subject { get; set; } = "";

        public string Group { get; set; } = "";

        public string Language { get; set; } = "";

        [VectorType(3)]
        public float[] Place { get; set; } = [];
    }
}
