using Microsoft.ML;
using SpeechML.Data.DataViews;
using SpeechML.Data.Extras;
using SpeechML.Data.Interop;
using SpeechML.Explaining;

namespace SpeechML.Runs.Scoring;

/// <summary>
/// The clips that a model got most wrong and those with the most usual loss, with their audio, with what it listened to
/// where it pools by attention, and with which part mattered.
/// </summary>
internal static class WorstClips
{
    // Scorings of a part that explaining its clips may take, at least; else as many as it has clips.
    private const int MinScorings = 48;

    private const int MinSegments = 4;

    // A finer grid than this is not told apart in a report.
    private const int MaxSegments = 40;

    // Seconds of a clip in windows: each scoring takes as long as all of them.
    private const double LongestInWindows = 120;

    /// <summary>Reads them, the worst first.</summary>
    /// <param name="scored">The scored data.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="scores">Its rows of predictions.</param>
    /// <param name="count">How many of the worst to keep.</param>
    /// <param name="explained">How many of these to explain, and how many typical ones to keep and explain.</param>
    /// <param name="split">What the part is called.</param>
    /// <param name="scorer">The model; <see langword="null"/> where another one made the scores.</param>
    /// <param name="cancellation">Stops it between batches.</param>
    public static (List<KeptClip> Worst, List<KeptClip> Typical) Read(
        IDataView scored, SpeechRunColumns columns, RunScores scores, int count, int explained, string split,
        SpeechScoringTransformer? scorer, Cancellation cancellation)
    {
        if (count == 0 || scored.Schema.GetColumnOrNull(columns.Audio) is not { Type: AudioDataViewType } audio)
        {
            return ([], []);
        }
        (int Row, RunPrediction First, double Loss)[] rated =
        [
            .. scores.Predictions.Chunk(scores.Labels)
                .Select((clip, row) => (Row: row, First: clip[0], Loss: RunEvaluator.Loss(scores.Task, clip)))
                .Where(c => c.Loss is not null)
                .Select(c => (c.Row, c.First, c.Loss!.Value))
                .OrderByDescending(c => c.Value),
        ];
        bool ours = scorer is not null && scorer.AudioColumn == columns.Audio;
        explained = ours ? Math.Min(explained, count) : 0;
        int worst = Math.Min(count, rated.Length);
        double usual = rated.Length == 0 ? 0 : rated[rated.Length / 2].Loss;
        (int Row, RunPrediction First, double Loss)[] kept =
            [.. rated.Take(worst), .. rated.Skip(worst).OrderBy(c => Math.Abs(c.Loss - usual)).Take(explained)];
        ClipExplainer? explainer = explained == 0 ? null : new ClipExplainer(scorer!, new SpeechExplanationOptions
        {
            Attention = false,
            MaxSegments = Math.Clamp(
                Math.Max(MinScorings, rated.Length) / (2 * explained), MinSegments, MaxSegments),
        });
        Dictionary<int, int> ranks = kept.Select((c, rank) => (c.Row, rank)).ToDictionary(c => c.Row, c => c.rank);
        var clips = new KeptClip[kept.Length];
        DataViewSchema.Column? key = columns.AudioKey.Length > 0 ? scored.Schema[columns.AudioKey] : null;
        // Where the data that were scored do not have them, nothing is explained.
        DataViewSchema.Column[]? extras = explainer is null
            || explainer.ExtraFeatures.Any(f => scored.Schema.GetColumnOrNull(f.Column) is null) ? null
            : ExtraColumns.Find(scored.Schema, explainer.ExtraFeatures);
        using DataViewRowCursor cursor = scored.GetRowCursor(
            [audio, .. key is { } known ? (DataViewSchema.Column[])[known] : [], .. extras ?? []]);
        Func<float[]> numbers = ExtraColumns.Reader(cursor, extras ?? []);
        ValueGetter<ReadOnlyMemory<char>>? name = key is { } text ? cursor.GetGetter<ReadOnlyMemory<char>>(text) : null;
        ValueGetter<MLAudio> getter = cursor.GetGetter<MLAudio>(audio);
        MLAudio value = null!;
        for (int row = 0, found = 0; found < kept.Length && cursor.MoveNext(); row++)
        {
            if (!ranks.TryGetValue(row, out int rank))
            {
                continue;
            }
            ReadOnlyMemory<char> again = default;
            name?.Invoke(ref again);
            if (name is not null && !again.Span.SequenceEqual(kept[rank].First.AudioKey))
            {
                throw SourceRows.Differ(columns.AudioKey, row, kept[rank].First.AudioKey, again.ToString());
            }
            getter(ref value);
            float[]? weights = ours ? scorer!.Model.FrameWeights(value, columns.Audio) : null;
            bool typical = rank >= worst;
            double frame = weights is null ? 0 : scorer!.Model.FrameSeconds;
            (_, RunPrediction first, double loss) = kept[rank];
            // The explanation is without the file, which is a path of this machine.
            clips[rank] = new KeptClip(new RunClip(
                first.AudioKey, first.Subject, split, loss,
                FormattableString.Invariant(
                    $"{RunSlug.Of(split)}-{(typical ? $"{rank - worst + 1}-typical" : $"{rank + 1}")}.wav"),
                value.SampleRate, frame, weights)
            {
                Explanation = extras is not null && (typical || rank < explained)
                    && (value.Duration.TotalSeconds <= LongestInWindows
                        || !scorer!.Network.LongAudio.IsCut(value.Length)) ? explainer!.Explain(
                    MLAudio.Wrap(value.GetArray(), value.SampleRate), extras.Length == 0 ? null : numbers(), null,
                    cancellation) : null,
            }, value.Samples.ToArray());
            found++;
        }
        return ([.. clips.Take(worst)], [.. clips.Skip(worst)]);
    }
}
