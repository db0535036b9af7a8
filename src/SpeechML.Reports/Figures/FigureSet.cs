using System.Text;
using SpeechML.Runs.Scoring;

namespace SpeechML.Reports.Figures;

/// <summary>All figures of a run.</summary>
/// <param name="Training">Of the training.</param>
/// <param name="Parts">Of each part that was evaluated, in the run's order.</param>
/// <param name="Clips">Of each clip that was kept, in the run's order; <see langword="null"/> where its file is not
/// there.</param>
/// <param name="TypicalClips">Of each typical clip, likewise.</param>
/// <param name="Data">Of the check of the data; empty without one.</param>
internal sealed record FigureSet(
    IReadOnlyList<ReportFigure> Training, IReadOnlyList<IReadOnlyList<ReportFigure>> Parts,
    IReadOnlyList<ReportFigure?> Clips, IReadOnlyList<ReportFigure?> TypicalClips, IReadOnlyList<ReportFigure> Data)
{
    public IEnumerable<ReportFigure> All =>
        Training.Concat(Parts.SelectMany(p => p)).Concat(Clips.Concat(TypicalClips).OfType<ReportFigure>())
            .Concat(Data);

    public static FigureSet Of(SpeechRun run)
    {
        string[] slugs = Slugs(run.Evaluations.Select(e => e.Split));
        var parts = new List<IReadOnlyList<ReportFigure>>();
        for (int i = 0; i < slugs.Length; i++)
        {
            RunEvaluation evaluation = run.Evaluations[i];
            RunPrediction[] predictions = [.. run.Predictions.Where(p => p.Split == evaluation.Split)];
            parts.Add([.. EvaluationFigures.Of(slugs[i], evaluation, predictions),
                .. RankingFigures.Of(slugs[i], evaluation, RunThresholds.Evaluated(evaluation, predictions)),
                .. SelectiveFigures.Of(slugs[i], evaluation, predictions)]);
        }
        return new FigureSet([.. TrainingFigures.Of(run.Epochs)], parts, OfClips(run, slugs, "clip", run.Clips),
            OfClips(run, slugs, "typical", run.TypicalClips),
            run.DataCheck is { } check ? DataFigures.Of(check) : []);
    }

    private static List<ReportFigure?> OfClips(
        SpeechRun run, string[] slugs, string kind, IReadOnlyList<RunClip> clips)
    {
        var figures = new List<ReportFigure?>();
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (RunClip clip in clips)
        {
            int part = run.Evaluations.Select(e => e.Split).ToList().IndexOf(clip.Split);
            int rank = ranks[clip.Split] = ranks.GetValueOrDefault(clip.Split) + 1;
            string path = StoragePath.Combine(run.ClipsFolder, clip.File);
            string id = FormattableString.Invariant($"{(part < 0 ? "part" : slugs[part])}-{kind}-{rank}");
            figures.Add(!StoragePath.Exists(path) ? null
                : clip.Explanation is { } explanation
                    ? ExplanationFigures.OfClip(id, clip, explanation, MLAudio.FromFile(path), run.Predictions)
                    : ClipFigures.Of(id, clip, MLAudio.FromFile(path)));
        }
        return figures;
    }

    /// <summary>Names of parts as they can stand in an id and in a file's name, all different.</summary>
    private static string[] Slugs(IEnumerable<string> names)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var slugs = new List<string>();
        foreach (string name in names)
        {
            var slug = new StringBuilder();
            foreach (char c in name.ToLowerInvariant())
            {
                slug.Append(char.IsAsciiLetterOrDigit(c) ? c : '-');
            }
            string first = slug.Length == 0 || !char.IsAsciiLetter(slug[0]) ? "part-" + slug : slug.ToString(),
                text = first;
            for (int number = 2; !used.Add(text); number++)
            {
                text = FormattableString.Invariant($"{first}-{number}");
            }
            slugs.Add(text);
        }
        return [.. slugs];
    }
}
