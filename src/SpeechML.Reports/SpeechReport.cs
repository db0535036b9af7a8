using System.Text;
using SpeechML.Reports.Figures;
using SpeechML.Reports.Html;

namespace SpeechML;

/// <summary>Reports of runs as one HTML file that needs nothing beside it, neither network nor other files.</summary>
public static class SpeechReport
{
    /// <summary>The report's name in the run folder.</summary>
    public const string FileName = "report.html";

    /// <summary>
    /// Writes <c>report.html</c> in the run folder, and its figures as PNG and SVG in <c>figures/</c>: settings, figures with intervals, curves of loss and rates, ROC, precision and
    /// recall, reliability, confusion, and the clips that the model judged worst, to be listened to. A report that is there is replaced. What a run does not have is left out.
    /// </summary>
    /// <param name="run">The run; one that goes on is reported as far as it is.</param>
    /// <returns>The report's path.</returns>
    /// <exception cref="InvalidDataException">A file of the run cannot be read; names it.</exception>
    public static string Write(SpeechRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        FigureSet figures = FigureSet.Of(run);
        string folder = Path.Combine(run.Folder, "figures");
        Directory.CreateDirectory(folder);
        foreach (ReportFigure figure in figures.All)
        {
            File.WriteAllBytes(Path.Combine(folder, figure.Id + ".png"), figure.Png());
            File.WriteAllText(Path.Combine(folder, figure.Id + ".svg"), figure.Svg);
        }
        string path = Path.Combine(run.Folder, FileName);
        WritePage(path, RunPage.Write(run, figures));
        return path;
    }

    /// <inheritdoc cref="Write(SpeechRun)"/>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder, or it holds no run.</exception>
    public static string Write(string folder)
    {
        using SpeechRun run = SpeechRun.Open(folder);
        return Write(run);
    }

    /// <summary>Writes what a check of the data found as a page of its own. A page that is there is replaced. A run shows the same in its report where it was given to <see cref="SpeechRun.RecordCheck"/>.</summary>
    /// <param name="check">What <c>mlContext.Speech().CheckData</c> found.</param>
    /// <param name="path">The page's path.</param>
    public static void Write(SpeechDataReport check, string path)
    {
        ArgumentNullException.ThrowIfNull(check);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var html = new HtmlWriter();
        Page.Begin(html, "Check of the data");
        html.Raw(check.ToHtml());
        Page.End(html);
        WritePage(path, html.ToString());
    }

    private static void WritePage(string path, string html)
    {
        string temporary = path + ".tmp";
        File.WriteAllText(temporary, html, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.Move(temporary, path, overwrite: true);
    }
}
