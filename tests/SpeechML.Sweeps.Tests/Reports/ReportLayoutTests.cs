using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML;
using SpeechML.Runs.Scoring;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Sweeps.Tests.Reports;

/// <summary>Every page in a browser, at the widths of a phone, a tablet and a desk, on light and on dark.</summary>
[TestClass]
public sealed partial class ReportLayoutTests
{
    private const double SmallestType = 9.9; // pixels
    private static readonly int[] s_widths = [390, 820, 1400];
    private static readonly int[] s_darkWidths = [820]; // a scheme changes colours only

    // What a frame tells the page around it: whether it is wider than its place, what text of figures is cut off, its
    // smallest type, its colours.
    private const string Probe = """
        <script>
        addEventListener("load", () => {
          const seen = e => e.getBoundingClientRect().width > 0;
          const type = [...document.querySelectorAll("figure svg text")].filter(seen).map(t => {
            const svg = t.ownerSVGElement;
            return parseFloat(getComputedStyle(t).fontSize) *
              svg.getBoundingClientRect().width / svg.viewBox.baseVal.width; });
          const text = [...document.querySelectorAll("body *")].filter(e => seen(e) && !e.closest("svg, details"))
            .map(e => parseFloat(getComputedStyle(e).fontSize));
          const cut = [...document.querySelectorAll("figure svg text")].filter(seen).filter(t => {
            const own = t.getBoundingClientRect(), all = t.ownerSVGElement.getBoundingClientRect();
            return own.left < all.left - 1 || own.right > all.right + 1 ||
              own.top < all.top - 1 || own.bottom > all.bottom + 1; }).map(t => t.textContent.trim());
          parent.postMessage({ page: name, cut: cut.join("|"),
            figures: Number(document.documentElement.dataset.figures),
            overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
            smallest: Math.min(...type, ...text), ground: getComputedStyle(document.body).backgroundColor,
            ink: getComputedStyle(document.querySelector("figure svg text[fill='#374151']")).fill }, "*");
        });
        </script>
        """;

    [TestMethod]
    public void Pages_ThreeWidthsAndBothSchemes_FitAreReadableAndFollowTheScheme()
    {
        if (Chromium.Program is null)
        {
            Assert.Inconclusive("No Chromium is installed: install the package chromium to see the pages' layout.");
        }
        using var scratch = new Scratch();
        Dictionary<string, string> pages = Pages(scratch);
        string wrapper = scratch.At("wrapper.html");
        var grounds = new List<string>();
        foreach (bool dark in (bool[])[false, true])
        {
            int[] widths = dark ? s_darkWidths : s_widths;
            File.WriteAllText(wrapper, Wrapper(scratch, pages, widths));
            // 0 is dark, 1 is light (Blink's PreferredColorScheme).
            string seen = Chromium.Dump(
                wrapper, scratch.At("profile"), $"--blink-settings=preferredColorScheme={(dark ? 0 : 1)}");
            JsonElement[] reports = [.. Report().Matches(seen).Select(
                m => JsonDocument.Parse(WebUtility.HtmlDecode(m.Groups[1].Value)).RootElement)];
            Assert.HasCount(pages.Count * widths.Length, reports);
            foreach (JsonElement report in reports)
            {
                string at = $"{report.GetProperty("page").GetString()}, {(dark ? "dark" : "light")}";
                Assert.AreEqual(0, report.GetProperty("overflow").GetInt32(), $"{at}: wider than the screen");
                Assert.AreEqual("", report.GetProperty("cut").GetString(), $"{at}: text beyond its figure");
                Assert.IsGreaterThanOrEqualTo(SmallestType, report.GetProperty("smallest").GetDouble(), at);
                string page = at[..at.IndexOf('-', StringComparison.Ordinal)];
                Assert.AreEqual(ReportPages.FigureIds(File.ReadAllText(pages[page])).Length,
                    report.GetProperty("figures").GetInt32(), $"{at}: figures");
                Assert.AreEqual(dark ? "rgb(209, 213, 219)" : "rgb(55, 65, 81)", report.GetProperty("ink").GetString(),
                    $"{at}: text of figures");
                grounds.Add($"{(dark ? "dark" : "light")} {report.GetProperty("ground").GetString()}");
            }
        }
        CollectionAssert.AreEquivalent(
            new[] { "light rgb(246, 247, 249)", "dark rgb(15, 18, 24)" }, grounds.Distinct().ToArray());
    }

    /// <summary>A page of every kind.</summary>
    private static Dictionary<string, string> Pages(Scratch scratch)
    {
        var runs = new TinyRuns();
        (SpeechRun run, ITransformer model) = runs.MultiLabelRun(scratch.At("runs"));
        run.RecordCheck(TaskRuns.Check(runs.Context));
        run.Add(MeasureReportTests.Measures(run.Clips[0]));
        run.Dispose();
        (model as IDisposable)?.Dispose();
        string other = scratch.At("a-run-with-quite-a-long-name-of-its-own");
        Directory.CreateDirectory(other);
        foreach (string file in Directory.GetFiles(run.Folder))
        {
            File.Copy(file, Path.Combine(other, Path.GetFileName(file)));
        }
        SpeechReport.Write(TaskRuns.Check(runs.Context), scratch.At("check.html"));
        SpeechReport.Write(MeasureReportTests.Check(), scratch.At("voices.html"));
        SpeechReport.Write(MLAudio.FromFile(Directory.EnumerateFiles(RepositoryFiles.Prompts, "*.wav").First()),
            scratch.At("voice.html"));
        SpeechReport.Write(runs.Context.Speech().CompareRuns([run.Folder, other]), scratch.At("compare.html"));
        SpeechReport.Write(ExplanationFigureTests.Explanation(), scratch.At("explained.html"));
        SweepTrial[] trials = [.. Enumerable.Range(1, 8).Select(i => new SweepTrial(
            i, SweepTrialState.Finished, new Dictionary<string, object>
            {
                ["HeadLearningRate"] = 1e-4 * i * i,
                ["Optimizer.WeightDecay"] = i % 3 * 0.01,
                ["Pooling"] = i % 2 == 0 ? "Mean" : "Attention",
            }, [new SweepRun(0, 0, 0, [], 0.5 + (0.05 * i))], 0.5 + (0.05 * i), null, 1, 1, null))];
        var study = new SweepStudy(
            "study", SpeechMetrics.RocAuc, 1, trials, new Dictionary<string, string> { ["tuner"] = "random" });
        return new Dictionary<string, string>
        {
            ["run"] = SpeechReport.Write(run.Folder),
            ["check"] = scratch.At("check.html"),
            ["voices"] = scratch.At("voices.html"),
            ["voice"] = scratch.At("voice.html"),
            ["compare"] = scratch.At("compare.html"),
            ["explained"] = scratch.At("explained.html"),
            ["judged"] = Judged(scratch, runs),
            ["study"] = SpeechReport.WriteStudy(study, scratch.At("study")),
        };
    }

    /// <summary>A run with a part for each task whose figures the others do not have.</summary>
    private static string Judged(Scratch scratch, TinyRuns runs)
    {
        using SpeechRun run = runs.Context.Speech().CreateRun(
            scratch.At("judged"), TinyRuns.MultiLabel(), new SpeechRunOptions { TensorBoard = false });
        const int Clips = 24, Classes = 3;
        // A class of every fifth clip is another than the model says.
        RunPrediction[] classes = [.. Enumerable.Range(0, Clips).SelectMany(i => Enumerable.Range(0, Classes)
            .Select(k => new RunPrediction($"c{i}", $"s{i / 3}", $"class {k}", i % Classes == k ? 0.6 : 0.2, null,
                "classes", (i + (i % 5 == 0 ? 1 : 0)) % Classes == k ? 1 : 0, i % Classes == k ? 1 : 0)))];
        RunPrediction[] numbers = [.. Enumerable.Range(0, Clips).Select(i => new RunPrediction(
            $"c{i}", $"s{i / 3}", "Number", null, null, "numbers", 1 + (i % 4), 1.2 + (0.8 * (i % 4)) + (0.01 * i)))];
        run.Add(RunEvaluator.Evaluate(SpeechTask.Ordinal, "classes", classes, 20, 1), classes, [], []);
        run.Add(RunEvaluator.Evaluate(SpeechTask.Regression, "numbers", numbers, 20, 1), numbers, [], []);
        string page = SpeechReport.Write(run);
        string[] figures = ReportPages.FigureIds(File.ReadAllText(page));
        foreach (string figure in new[] { "classes-confusion", "classes-labels", "numbers-scatter", "numbers-errors" })
        {
            CollectionAssert.Contains(figures, figure);
        }
        return page;
    }

    /// <summary>A page with a frame for each page and width, which keeps what they tell.</summary>
    private static string Wrapper(Scratch scratch, Dictionary<string, string> pages, int[] widths)
    {
        string frames = "";
        foreach ((string name, string path) in pages)
        {
            string probed = scratch.At($"probe-{name}.html");
            File.WriteAllText(probed,
                File.ReadAllText(path).Replace("</body>", Probe + "</body>", StringComparison.Ordinal));
            frames += string.Concat(widths.Select(w =>
                $"<iframe name=\"{name}-{w}\" src=\"{new Uri(probed).AbsoluteUri}\" " +
                $"style=\"border:0;width:{w}px;height:900px\"></iframe>"));
        }
        return "<html><body><script>addEventListener(\"message\", e => { const p = document.createElement(\"p\");" +
            "p.className = \"report\"; p.textContent = JSON.stringify(e.data); document.body.append(p); });</script>" +
            $"{frames}</body></html>";
    }

    [GeneratedRegex("<p class=\"report\">([^<]+)</p>")]
    private static partial Regex Report();
}
