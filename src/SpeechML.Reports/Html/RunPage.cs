using System.Globalization;
using SpeechML.Reports.Figures;
using SpeechML.Runs;
using SpeechML.Runs.Comparison;

namespace SpeechML.Reports.Html;

/// <summary>The page of a run.</summary>
internal static class RunPage
{
    // Beyond this a clip is only named: a page of many megabytes does not open well.
    private const long MaxEmbedded = 8 << 20;

    public static string Write(SpeechRun run, FigureSet figures)
    {
        var html = new HtmlWriter();
        HtmlPage.Begin(html, run.Name);
        Header(html, run);
        for (int i = 0; i < run.Evaluations.Count; i++)
        {
            EvaluationSection.Write(html, run.Evaluations[i], figures.Parts[i]);
        }
        BaselineSection.Write(html, run.Baselines);
        IReadOnlyList<RunMeasures> measures = run.Measures;
        MeasureSection.Write(html, measures);
        Clips(html, run, "clips", "Clips with the largest error", run.Clips, figures.Clips, measures);
        Clips(html, run, "typical", "Clips with the most usual error", run.TypicalClips, figures.TypicalClips,
            measures);
        Training(html, run, figures);
        LayerSection.Write(html, run);
        if (run.DataCheck is { } check)
        {
            html.Raw("<div id=\"data\">");
            DataSection.Write(html, check, figures.Data);
            html.Raw("</div>");
        }
        Settings(html, run);
        HtmlPage.End(html);
        return html.ToString();
    }

    private static void Header(HtmlWriter html, SpeechRun run)
    {
        RunEnvironment on = run.RunEnvironment;
        string[] facts =
        [
            .. run.Evaluations.Take(1).Select(e => MetricText.NameOf(e.Task)),
            on.Device,
            on.Started.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC",
            on.Finished is { } finished ? MetricText.Duration((finished - on.Started).TotalSeconds) : "not finished",
            .. on.Versions.Where(v => v.Key == "SpeechML").Select(v => "SpeechML " + v.Value.Split('+')[0]),
        ];
        html.Raw("<header>").Element("h1", run.Name)
            .Element("p", string.Join(" · ", facts.Where(f => f.Length > 0)), "class=\"soft\"");
        if (run.DataCheck is { } check)
        {
            string found = check.Findings.Count switch
            {
                0 => "nothing found",
                1 => "one finding",
                int n => Whole(n) + " findings"
            };
            html.Raw($"<p><a href=\"#data\">Check of the data: {found}</a></p>");
        }
        html.Raw("<dl class=\"facts\">");
        foreach ((string name, string value) in RunFacts.Of(run))
        {
            html.Element("dt", name).Element("dd", value);
        }
        html.Raw("</dl></header>");
        html.Raw("<div class=\"tiles\">");
        foreach (RunEvaluation evaluation in run.Evaluations)
        {
            foreach (string name in MetricText.Headlines(evaluation.Task).Select(m => m.Name)
                .Where(evaluation.Figures.ContainsKey).Take(4))
            {
                Tile(html, evaluation, name);
            }
        }
        html.Raw("</div>");
    }

    private static void Tile(HtmlWriter html, RunEvaluation evaluation, string name)
    {
        RunFigure figure = evaluation.Figures[name];
        bool few = figure.Interval is not null && MetricText.FewSubjects(evaluation.Subjects) is not null;
        string doubt = MetricText.Undefined(figure, "") is { Length: > 0 } undefined ? undefined
            : few ? $"{MetricText.Count(evaluation.Subjects, "subject")}: unreliable" : "";
        html.Raw(
            $"<div class=\"tile\"><b>{MetricText.Number(figure.Value, 3)}</b>" +
            $"<span>{HtmlWriter.Escape(MetricText.NameOf(name))}, {HtmlWriter.Escape(evaluation.Split)}</span>" +
            $"<span>{HtmlWriter.Escape(MetricText.Interval(figure))}</span>" +
            (doubt.Length > 0 ? $"<span class=\"warn\">{HtmlWriter.Escape(doubt)}</span>" : "") + "</div>");
    }

    private static void Training(HtmlWriter html, SpeechRun run, FigureSet figures)
    {
        html.Raw("<section id=\"training\">").Element("h2", "Training");
        foreach (string gap in RunGaps.Of(run))
        {
            html.Note(gap);
        }
        List<string[]> parts = [.. run.RunEnvironment.Data.Select(d => (string[])[d.Key, Whole(d.Value.Rows),
            d.Value.Subjects > 0 ? Whole(d.Value.Subjects) : "not known",
            d.Value.Sha256[..Math.Min(16, d.Value.Sha256.Length)]])];
        if (RunGaps.LacksValidation(run))
        {
            parts.Add([RunGaps.Validation, "not recorded", "", ""]);
        }
        if (parts.Count > 0)
        {
            html.Table(["Part", "Clips", "Subjects", "SHA-256 of names, subjects, labels"], parts);
        }
        if (run.Epochs.Count == 0)
        {
            html.Element("p", "No epoch has ended.", "class=\"soft\"");
        }
        else
        {
            html.Figures(figures.Training);
            html.Raw("<details>").Element("summary", "Epochs");
            string[] metrics = [.. run.Epochs.SelectMany(e => e.Validation?.Values.Keys ?? []).Distinct()];
            html.Table(
                ["Epoch", "Loss", "Validation", .. metrics.Select(MetricText.NameOf), "Gradient norm", "Seconds",
                "Memory (MiB)"],
                run.Epochs.Select(e => (string[])[
                    Whole(e.Epoch) + (e.Epoch == run.Epochs[^1].BestEpoch ? " (best)" : ""), MetricText.Number(e.Loss),
                    e.Validation is { } v ? MetricText.Number(v.Loss) : "",
                    .. metrics.Select(m => MetricText.Number(e.Validation?.Values.GetValueOrDefault(m).Value, 3)),
                    MetricText.Number(e.GradientNorm, 3), MetricText.Number(e.Seconds, 2),
                    MetricText.Number(e.MemoryMiB, 0)]));
            html.Raw("</details>");
        }
        html.Raw("</section>");
    }

    private static void Clips(
        HtmlWriter html, SpeechRun run, string id, string title, IReadOnlyList<RunClip> clips,
        IReadOnlyList<ReportFigure?> figures, IReadOnlyList<RunMeasures> measures)
    {
        if (clips.Count == 0)
        {
            return;
        }
        html.Raw($"<section id=\"{id}\">").Element("h2", title);
        if (clips.Any(c => c.FrameWeights is { Count: > 0 }))
        {
            html.Element(
                "p", "The line over a waveform is the weight of each frame in the vector that is judged. It says " +
                "where the model looked, not why. A peak in silence means that pauses, breath or the room decide, " +
                "not the voice.", "class=\"soft\"");
        }
        for (int i = 0; i < clips.Count; i++)
        {
            RunClip clip = clips[i];
            html.Raw("<div class=\"clip\"><div>").Element("h3", clip.AudioKey);
            html.Element(
                "p", $"{(clip.Subject.Length > 0 ? $"{clip.Subject} · " : "")}{clip.Split} · {LossOf(run, clip)} " +
                $"{MetricText.Number(clip.Loss, 3)}", "class=\"soft\"");
            if (figures[i] is { } figure)
            {
                html.Figure(figure);
                byte[] wav = StoragePath.ReadAllBytes(StoragePath.Combine(run.ClipsFolder, clip.File));
                html.Raw(wav.Length <= MaxEmbedded
                    ? $"<audio controls preload=\"metadata\" " +
                        $"src=\"data:audio/wav;base64,{Convert.ToBase64String(wav)}\"></audio>"
                    : $"<p class=\"soft\">Too long to be embedded: clips/{HtmlWriter.Escape(clip.File)}</p>");
            }
            else
            {
                html.Element("p", $"Its file is gone: clips/{clip.File}", "class=\"soft\"");
            }
            html.Raw("</div><div>");
            RunPrediction[] rows = [.. run.Predictions.Where(
                p => p.Split == clip.Split && p.AudioKey == clip.AudioKey && p.Target is not null)];
            bool number = rows.Any(p => p.Probability is null);
            html.Table(
                ["", "Truth", number ? "Prediction" : "Probability"],
                rows.Select(p => new[] { p.Label, p.Target!.Value.ToString("0.###", CultureInfo.InvariantCulture),
                MetricText.Number(number ? p.Prediction : p.Probability, 3) }));
            MeasureSection.WriteClip(html, measures, clip);
            html.Raw("</div></div>");
        }
        html.Raw("</section>");
    }

    private static string LossOf(SpeechRun run, RunClip clip) =>
        run.Evaluations.FirstOrDefault(e => e.Split == clip.Split) switch
        {
            { Task: SpeechTask.Regression, Labels.Count: > 1 } => "mean absolute error",
            { Task: SpeechTask.Regression } => "absolute error",
            { Task: SpeechTask.Ordinal } => "expected distance in classes",
            _ => "loss",
        };

    private static void Settings(HtmlWriter html, SpeechRun run)
    {
        html.Raw("<section id=\"settings\">").Element("h2", "Settings");
        IReadOnlyList<RunSettings.Setting> settings = RunSettings.Of(run);
        RunSettings.Setting[] changed = [.. settings.Where(s => s.IsChanged)],
            same = [.. settings.Where(s => !s.IsChanged)];
        html.Element("p", changed.Length == 0 ? "All at their defaults." : "Those that are not the defaults.",
            "class=\"soft\"");
        HtmlPage.Pairs(html, changed.Select(s => (s.Name, s.Value)));
        html.Raw("<details>").Element("summary", FormattableString.Invariant($"{same.Length} more, at their defaults"));
        HtmlPage.Pairs(html, same.Select(s => (s.Name, s.Value)));
        html.Raw("</details>");
        RunEnvironment on = run.RunEnvironment;
        html.Raw("<details>").Element("summary", "Ran on");
        HtmlPage.Pairs(html, [("operating system", on.OperatingSystem),
            ("processors", $"{Whole(on.Processors)}, {on.Architecture}"), ("device", on.Device),
            .. on.Versions.Select(v => (v.Key, v.Value))]);
        html.Raw("</details>").Raw("</section>");
    }

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
