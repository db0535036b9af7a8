using SpeechML.Reports.Figures;
using SpeechML.Reports.Html;

namespace SpeechML;

/// <summary>Reports of runs as one HTML file that needs nothing beside it, neither network nor other files.</summary>
public static class SpeechReport
{
    /// <summary>The report's name in the run folder.</summary>
    public const string FileName = "report.html";

    /// <summary>Name of the table of a study's trials.</summary>
    public const string CsvFileName = "trials.csv";

    /// <summary>
    /// Writes <c>report.html</c> in the run folder, and its figures as PNG and SVG in <c>figures/</c>: settings,
    /// figures with intervals, curves of loss and rates, ROC, precision and
    /// recall, reliability, confusion, and the clips that the model got most wrong, to be listened to. A report that is
    /// there is replaced. What a run does not have is left out.
    /// </summary>
    /// <param name="run">The run; one that goes on is reported as far as it is.</param>
    /// <returns>The report's path, or its address where the folder is in a store.</returns>
    /// <exception cref="InvalidDataException">A file of the run cannot be read; names it.</exception>
    public static string Write(SpeechRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        FigureSet figures = FigureSet.Of(run);
        return Save(run.Folder, figures.All, RunPage.Write(run, figures));
    }

    /// <inheritdoc cref="Write(SpeechRun)"/>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder, or it holds no run.</exception>
    public static string Write(string folder)
    {
        using SpeechRun run = SpeechRun.Open(folder);
        return Write(run);
    }

    /// <summary>
    /// Writes what a check of the data found as a page of its own. A page that is there is replaced. A run shows the
    /// same in its report where it was given to <see cref="SpeechRun.RecordCheck"/>.
    /// </summary>
    /// <param name="check">What <c>mlContext.Speech().CheckData</c> found.</param>
    /// <param name="path">The page's path.</param>
    public static void Write(SpeechDataReport check, string path)
    {
        ArgumentNullException.ThrowIfNull(check);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var html = new HtmlWriter();
        HtmlPage.Begin(html, "Check of the data");
        DataSection.Write(html, check, DataFigures.Of(check));
        HtmlPage.End(html);
        StoragePath.WriteAllText(path, html.ToString(), overwrite: true);
    }

    /// <summary>
    /// Writes an explained clip: the first figure (<c>.svg</c>, <c>.png</c>), or a page with the scores and every
    /// method's figure (<c>.html</c>). A file that is there is replaced.
    /// </summary>
    /// <param name="explanation">What <c>mlContext.Speech().Explain</c> gave.</param>
    /// <param name="path">The file.</param>
    /// <param name="target">The <see cref="ExplainedTarget.Name"/> to show; <see langword="null"/>, the default, for
    /// the two with the largest effect.</param>
    /// <exception cref="ArgumentException">Another kind of file, a target that was not explained, or nothing to
    /// draw.</exception>
    public static void Write(SpeechExplanation explanation, string path, string? target = null)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (target is not null && !explanation.Targets.Any(t => t.Name == target))
        {
            throw new ArgumentException(
                $"Figure of an explanation: expected one of the targets " +
                $"{string.Join(", ", explanation.Targets.Select(t => $"'{t.Name}'"))}, got '{target}'.",
                nameof(target));
        }
        IReadOnlyList<ReportFigure> figures = ExplanationFigures.Of(explanation, explanation.Audio, target);
        if (figures.Count == 0)
        {
            throw new ArgumentException(
                "Figure of an explanation: expected attributions of at least one method, got none.",
                nameof(explanation));
        }
        Save("an explanation", path, figures[0], () => ExplanationPage.Write(explanation, figures));
    }

    /// <summary>
    /// Writes what is measured of a voice: the waveform with pitch, intensity and pauses (<c>.svg</c>, <c>.png</c>), or
    /// a page with that figure and the 54 measures (<c>.html</c>). The same contours stand over what mattered in the
    /// figure of a <see cref="SpeechExplanation"/>. Of a recording longer than 120 s there is the waveform only. A file
    /// that is there is replaced.
    /// </summary>
    /// <param name="audio">The recording.</param>
    /// <param name="path">The file; its name is the page's.</param>
    /// <param name="options">How to measure; <see langword="null"/> for Praat's defaults.</param>
    /// <exception cref="ArgumentException">Another kind of file, or an option out of its range.</exception>
    public static void Write(MLAudio audio, string path, VoiceMeasureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(audio);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new VoiceMeasureOptions();
        ReportFigure figure = ClipFigures.Of("voice", audio, [], 0, options);
        Save("a voice", path, figure,
            () => VoicePage.Write(audio, Path.GetFileNameWithoutExtension(path), figure, options));
    }

    /// <summary>
    /// Writes a page that puts runs beside one another: figures with intervals, paired differences from the first run,
    /// learning curves, and the settings in which they differ. A page that is there is replaced.
    /// </summary>
    /// <param name="comparison">What <c>mlContext.Speech().CompareRuns</c> gives.</param>
    /// <param name="path">The page's path.</param>
    public static void Write(SpeechRunComparison comparison, string path)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        ArgumentException.ThrowIfNullOrEmpty(path);
        StoragePath.WriteAllText(path, ComparisonPage.Write(comparison), overwrite: true);
    }

    /// <summary>
    /// Writes the report of a sweep's study: <c>report.html</c>, its figures as PNG and SVG in <c>figures/</c>, and
    /// <c>trials.csv</c>. Best trials with intervals (over seeds or folds) and paired tests, what each
    /// parameter explains, parallel coordinates, learning curves, AUC and accuracy across learning rates, all trials
    /// with their errors. What is there is replaced.
    /// </summary>
    /// <param name="studyFolder">The study's folder, which the files go to; a sweep may be running in it.</param>
    /// <returns>The report's path, or its address where the folder is in a store.</returns>
    /// <exception cref="FileNotFoundException">The folder has no study.</exception>
    public static string WriteStudy(string studyFolder) => WriteStudy(SweepStudy.Open(studyFolder), studyFolder);

    /// <inheritdoc cref="WriteStudy(string)"/>
    /// <param name="result">What a sweep has come to.</param>
    /// <param name="folder">Where the files go; made if need be.</param>
    public static string WriteStudy(SweepResult result, string folder)
    {
        ArgumentNullException.ThrowIfNull(result);
        return WriteStudy(result.Study, folder);
    }

    /// <inheritdoc cref="WriteStudy(string)"/>
    /// <param name="study">The study.</param>
    /// <param name="folder">Where the files go; made if need be.</param>
    public static string WriteStudy(SweepStudy study, string folder)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        IReadOnlyList<ReportFigure> figures = StudyFigures.Of(study);
        string path = Save(folder, figures, StudyPage.Write(study, figures));
        study.SaveCsv(StoragePath.Combine(folder, CsvFileName));
        return path;
    }

    private static void Save(string what, string path, ReportFigure figure, Func<string> page)
    {
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".svg":
                StoragePath.WriteAllText(path, figure.Svg, overwrite: true);
                break;
            case ".png":
                StoragePath.WriteAllBytes(path, figure.Png(), overwrite: true);
                break;
            case ".html":
                StoragePath.WriteAllText(path, page(), overwrite: true);
                break;
            default:
                throw new ArgumentException(
                    $"Figure of {what}: expected a path that ends in .svg, .png or .html, got '{path}'.", nameof(path));
        }
    }

    private static string Save(string folder, IEnumerable<ReportFigure> figures, string page)
    {
        string images = StoragePath.Combine(folder, "figures");
        foreach (ReportFigure figure in figures)
        {
            StoragePath.WriteAllBytes(StoragePath.Combine(images, figure.Id + ".png"), figure.Png(), overwrite: true);
            StoragePath.WriteAllText(StoragePath.Combine(images, figure.Id + ".svg"), figure.Svg, overwrite: true);
        }
        string path = StoragePath.Combine(folder, FileName);
        StoragePath.WriteAllText(path, page, overwrite: true);
        return path;
    }
}
