using System.Globalization;
using System.Text.Json;
using SpeechML.Reports.Figures;

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
            Evaluation(html, run.Evaluations[i], figures.Parts[i]);
        }
        Clips(html, run, figures);
        Training(html, run, figures);
        if (run.DataCheck is { } check)
        {
            html.Raw("<div id=\"data\">").Raw(check.ToHtml()).Raw("</div>");
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
        html.Raw("</header>");
        html.Raw("<div class=\"tiles\">");
        foreach (RunEvaluation evaluation in run.Evaluations)
        {
            SpeechMetric[] first = evaluation.Task == SpeechTask.Ordinal
                ? [SpeechMetrics.KappaQuadratic, SpeechMetrics.Mae, SpeechMetrics.WithinOne, SpeechMetrics.Accuracy]
                : [SpeechMetrics.RocAuc, SpeechMetrics.Accuracy, SpeechMetrics.BalancedAccuracy, SpeechMetrics.F1,
                    SpeechMetrics.Mae, SpeechMetrics.Ccc, SpeechMetrics.Spearman, SpeechMetrics.R2];
            foreach (string name in first.Select(m => m.Name).Where(evaluation.Figures.ContainsKey).Take(4))
            {
                RunFigure figure = evaluation.Figures[name];
                string interval = HtmlWriter.Escape(MetricText.Interval(figure));
                html.Raw(
                    $"<div class=\"tile\"><b>{MetricText.Number(figure.Value, 3)}</b>" +
                    $"<span>{HtmlWriter.Escape(MetricText.NameOf(name))}, " +
                    $"{HtmlWriter.Escape(evaluation.Split)}</span>" +
                    $"<span>{interval}</span></div>");
            }
        }
        html.Raw("</div>");
    }

    private static void Training(HtmlWriter html, SpeechRun run, FigureSet figures)
    {
        html.Raw("<section id=\"training\">").Element("h2", "Training");
        if (run.RunEnvironment.Data.Count > 0)
        {
            html.Table(["Part", "Clips", "Subjects", "SHA-256 of names, subjects, labels"],
                run.RunEnvironment.Data.Select(
                d => new[] { d.Key, Whole(d.Value.Rows), Whole(d.Value.Subjects),
                d.Value.Sha256[..Math.Min(16, d.Value.Sha256.Length)] }));
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

    private static void Evaluation(HtmlWriter html, RunEvaluation evaluation, IReadOnlyList<ReportFigure> figures)
    {
        html.Raw($"<section class=\"part\">").Element("h2", "How good it is: " + evaluation.Split);
        RunInterval? interval = evaluation.Figures.Values.Concat(evaluation.Labels.SelectMany(l => l.Figures.Values))
            .Select(f => f.Interval).FirstOrDefault(i => i is not null);
        string how = interval is null ? "No intervals."
            : FormattableString.Invariant($"Intervals: 95 %, {interval.Resamples} resamples of the subjects.");
        html.Element("p", FormattableString.Invariant(
            $"{evaluation.Rows} clips{(evaluation.Subjects > 0 ? $" of {evaluation.Subjects} subjects" : "")}. {how}"),
            "class=\"soft\"");
        bool means = evaluation.Figures.Values.Any(f => f.Labels is not null);
        html.Table(
            ["", means ? "Mean over labels" : "Value", "95 % interval",
            .. means ? ["Labels with a value"] : Array.Empty<string>()],
            evaluation.Figures.Select(f =>
            (string[])[MetricText.NameOf(f.Key), MetricText.Figure(f.Value), MetricText.Interval(f.Value),
            .. means ? [MetricText.LabelsUsed(f.Value)] : Array.Empty<string>()]));
        if (figures.Count > 0)
        {
            html.Figures(figures);
        }
        if (!figures.Any(f => f.Id.EndsWith("-roc", StringComparison.Ordinal))
            && evaluation.Task != SpeechTask.Regression)
        {
            html.Element("p", "No ROC curve: none of the labels has both positive and negative clips here.",
                "class=\"soft\"");
        }
        if (evaluation.Labels.Count > 0)
        {
            string[] names = [.. evaluation.Labels.SelectMany(l => l.Figures.Keys).Distinct()];
            string each = MetricText.EachOf(evaluation.Task);
            html.Raw("<details open>").Element("summary", char.ToUpperInvariant(each[0]) + each[1..]);
            html.Table(
                [evaluation.Task switch { SpeechTask.Multiclass => "Class", SpeechTask.Ordinal => "Threshold",
                _ => "Label" }, "Rated", "Positive", .. names.Select(MetricText.NameOf)],
                evaluation.Labels.Select(l =>
                (string[])[l.Label, Whole(l.Present), Whole(l.Positives),
                .. names.Select(n => l.Figures.GetValueOrDefault(n) is { } figure
                    ? MetricText.Figure(figure) + MetricText.Undefined(figure) : "–")]));
            html.Raw("</details>");
        }
        html.Raw("</section>");
    }

    private static void Clips(HtmlWriter html, SpeechRun run, FigureSet figures)
    {
        if (run.Clips.Count == 0)
        {
            return;
        }
        html.Raw("<section id=\"clips\">").Element("h2", "Clips that were judged worst");
        for (int i = 0; i < run.Clips.Count; i++)
        {
            RunClip clip = run.Clips[i];
            html.Raw("<div class=\"clip\"><div>").Element("h3", clip.AudioKey);
            html.Element(
                "p", $"{(clip.Subject.Length > 0 ? $"{clip.Subject} · " : "")}{clip.Split} · {LossOf(run, clip)} " +
                $"{MetricText.Number(clip.Loss, 3)}", "class=\"soft\"");
            if (figures.Clips[i] is { } figure)
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
            html.Raw("</div></div>");
        }
        html.Raw("</section>");
    }

    private static string LossOf(SpeechRun run, RunClip clip) =>
        run.Evaluations.FirstOrDefault(e => e.Split == clip.Split)?.Task switch
        {
            SpeechTask.Regression => "absolute error",
            SpeechTask.Ordinal => "expected distance in classes",
            _ => "loss",
        };

    private static void Settings(HtmlWriter html, SpeechRun run)
    {
        html.Raw("<section id=\"settings\">").Element("h2", "Settings");
        HtmlPage.Pairs(html, Flat("", run.PublicConfig() is { } config
            ? JsonSerializer.SerializeToElement(config) : default));
        RunEnvironment on = run.RunEnvironment;
        html.Element("h3", "Ran on");
        HtmlPage.Pairs(html, [("operating system", on.OperatingSystem),
            ("processors", $"{Whole(on.Processors)}, {on.Architecture}"), ("device", on.Device),
            .. on.Versions.Select(v => (v.Key, v.Value))]);
        html.Raw("</section>");
    }

    /// <summary>Settings within settings get names with a dot; what is empty is left out.</summary>
    private static IEnumerable<(string Name, string Value)> Flat(string prefix, JsonElement settings) =>
        settings.ValueKind != JsonValueKind.Object ? []
        : settings.EnumerateObject()
            .SelectMany(p => p.Value.ValueKind == JsonValueKind.Object ? Flat(prefix + p.Name + ".", p.Value)
            : p.Value.ValueKind == JsonValueKind.Null || p.Value.ToString().Length == 0 ? []
                : [(prefix + p.Name, p.Value.ToString())]);

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
