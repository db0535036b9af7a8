using SpeechML.Reports.Figures;
using SpeechML.Reports.Html;
using SpeechML.Storage;

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
    /// <returns>The report's path, or its address where the run is in a store.</returns>
    /// <exception cref="InvalidDataException">A file of the run cannot be read; names it.</exception>
    public static string Write(SpeechRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        FigureSet figures = FigureSet.Of(run);
        string folder = StoragePath.Combine(run.Folder, "figures");
        if (!StoragePath.IsRemote(folder))
        {
            Directory.CreateDirectory(folder); // also where there is nothing to draw yet
        }
        foreach (ReportFigure figure in figures.All)
        {
            StoragePath.WriteAllBytes(StoragePath.Combine(folder, figure.Id + ".png"), figure.Png(), overwrite: true);
            StoragePath.WriteAllText(StoragePath.Combine(folder, figure.Id + ".svg"), figure.Svg, overwrite: true);
        }
        string path = StoragePath.Combine(run.Folder, FileName);
        StoragePath.WriteAllText(path, RunPage.Write(run, figures), overwrite: true);
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
}
