using Microsoft.ML;
using SpeechML.Data.DataViews;

namespace SpeechML.Runs;

/// <summary>
/// The clips that a model got most wrong, with their audio and with what it listened to where it pools by attention.
/// </summary>
internal static class WorstClips
{
    public static List<(RunClip Clip, ReadOnlyMemory<float> Samples)> Read(
        IDataView scored, SpeechRunColumns columns, RunScores scores, int count, string split,
        SpeechScoringTransformer? scorer)
    {
        if (count == 0 || scored.Schema.GetColumnOrNull(columns.Audio) is not { Type: AudioDataViewType } audio)
        {
            return [];
        }
        (int Row, RunPrediction First, double Loss)[] worst =
        [
            .. scores.Predictions.Chunk(scores.Labels)
                .Select((clip, row) => (Row: row, First: clip[0], Loss: RunEvaluator.Loss(scores.Task, clip)))
                .Where(c => c.Loss is not null)
                .Select(c => (c.Row, c.First, c.Loss!.Value))
                .OrderByDescending(c => c.Value)
                .Take(count),
        ];
        Dictionary<int, int> ranks = worst.Select((c, rank) => (c.Row, rank)).ToDictionary(c => c.Row, c => c.rank);
        var clips = new (RunClip Clip, ReadOnlyMemory<float> Samples)[worst.Length];
        DataViewSchema.Column? key = columns.AudioKey.Length > 0 ? scored.Schema[columns.AudioKey] : null;
        using DataViewRowCursor cursor = scored.GetRowCursor(key is { } known ? [audio, known] : [audio]);
        ValueGetter<ReadOnlyMemory<char>>? name = key is { } text ? cursor.GetGetter<ReadOnlyMemory<char>>(text) : null;
        ValueGetter<MLAudio> getter = cursor.GetGetter<MLAudio>(audio);
        MLAudio value = null!;
        for (int row = 0, found = 0; found < worst.Length && cursor.MoveNext(); row++)
        {
            if (!ranks.TryGetValue(row, out int rank))
            {
                continue;
            }
            ReadOnlyMemory<char> again = default;
            name?.Invoke(ref again);
            if (name is not null && !again.Span.SequenceEqual(worst[rank].First.AudioKey))
            {
                throw SourceRows.Differ(columns.AudioKey, row, worst[rank].First.AudioKey, again.ToString());
            }
            getter(ref value);
            float[]? weights = scorer is not null && scorer.AudioColumn == columns.Audio
                ? scorer.Model.FrameWeights(value, columns.Audio) : null;
            double frame = weights is null ? 0 : scorer!.Model.FrameSeconds;
            (_, RunPrediction first, double loss) = worst[rank];
            clips[rank] = (new RunClip(
                first.AudioKey, first.Subject, split, loss,
                FormattableString.Invariant($"{RunSlug.Of(split)}-{rank + 1}.wav"),
                value.SampleRate, frame, weights), value.Samples.ToArray());
            found++;
        }
        return [.. clips];
    }
}
