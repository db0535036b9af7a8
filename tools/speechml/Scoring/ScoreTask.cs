using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.DataViews;

namespace SpeechML.Tool.Scoring;

/// <summary>What a model says about a clip: told from the columns that it makes.</summary>
/// <param name="Task">What it learned.</param>
/// <param name="Names">The classes or labels; one name for a number or a yes or no.</param>
internal sealed record ScoreTask(SpeechTask Task, IReadOnlyList<string> Names)
{
    private const string Score = "Score";
    private const string Probability = "Probability";
    private const string PredictedLabel = "PredictedLabel";

    public static ScoreTask Of(DataViewSchema schema)
    {
        DataViewSchema.Column? probability = schema.GetColumnOrNull(Probability);
        DataViewSchema.Column score = schema.GetColumnOrNull(Score) ?? throw new InvalidDataException(
            $"Model: expected the columns {Score}, {Probability} or {PredictedLabel}, got " +
            $"'{string.Join("', '", schema.Select(c => c.Name).Distinct())}'.");
        return (probability?.Type, score.Type) switch
        {
            (VectorDataViewType labels, _) => new ScoreTask(SpeechTask.MultiLabel,
                Values(probability!.Value, "SlotNames", labels.Size)),
            (NumberDataViewType, _) => new ScoreTask(SpeechTask.Binary, ["positive"]),
            (_, VectorDataViewType numbers) when schema.GetColumnOrNull(PredictedLabel) is null => new ScoreTask(
                SpeechTask.Regression, Values(score, "SlotNames", numbers.Size)),
            (_, VectorDataViewType classes) => new ScoreTask(SpeechTask.Multiclass,
                Values(score, "TrainingLabelValues", classes.Size)),
            _ => new ScoreTask(SpeechTask.Regression, ["value"]),
        };
    }

    /// <summary>Scores of all rows, in order.</summary>
    public IEnumerable<ClipScore> Read(IDataView scored)
    {
        DataViewSchema schema = scored.Schema;
        bool decides = Task != SpeechTask.Regression;
        DataViewSchema.Column values =
            schema[Task is SpeechTask.MultiLabel or SpeechTask.Binary ? Probability : Score];
        DataViewSchema.Column[] used = decides ? [values, schema[PredictedLabel]] : [values];
        using DataViewRowCursor cursor = scored.GetRowCursor(used);
        Func<float[]> numbers = Vector(cursor, values);
        Func<bool[]> decisions = decides ? Decisions(cursor, used[1]) : () => [];
        while (cursor.MoveNext())
        {
            yield return new ClipScore(numbers(), decisions());
        }
    }

    private Func<bool[]> Decisions(DataViewRow row, DataViewSchema.Column column)
    {
        if (Task == SpeechTask.MultiLabel)
        {
            ValueGetter<VBuffer<bool>> getter = row.GetGetter<VBuffer<bool>>(column);
            return () => [.. Get(getter).DenseValues()];
        }
        if (Task == SpeechTask.Binary)
        {
            ValueGetter<bool> getter = row.GetGetter<bool>(column);
            return () => [Get(getter)];
        }
        if (column.Type is KeyDataViewType)
        {
            ValueGetter<uint> getter = row.GetGetter<uint>(column);
            return () => Chosen((int)Get(getter) - 1); // keys count from 1
        }
        // Behind MapKeyToValue.
        if (column.Type is not TextDataViewType)
        {
            throw new InvalidDataException(
                $"Model, column '{PredictedLabel}': expected a key or text, got {column.Type}.");
        }
        ValueGetter<ReadOnlyMemory<char>> text = row.GetGetter<ReadOnlyMemory<char>>(column);
        return () => Chosen(Array.IndexOf([.. Names], Get(text).ToString()));
    }

    private bool[] Chosen(int index) => [.. Names.Select((_, i) => i == index)];

    private static Func<float[]> Vector(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType)
        {
            ValueGetter<VBuffer<float>> getter = row.GetGetter<VBuffer<float>>(column);
            return () => [.. Get(getter).DenseValues()];
        }
        ValueGetter<float> one = row.GetGetter<float>(column);
        return () => [Get(one)];
    }

    private static T Get<T>(ValueGetter<T> getter)
    {
        T value = default!;
        getter(ref value);
        return value;
    }

    private static string[] Values(DataViewSchema.Column column, string kind, int size) =>
        LabelValues.Read(column, kind) is { } names && names.Values.Length == size ? names.Values
            : [.. Enumerable.Range(0, size).Select(i => $"{i}")];
}

/// <summary>The scores of a clip.</summary>
/// <param name="Values">A probability for each name, or the number.</param>
/// <param name="Decisions">For each name whether it was decided for; empty for a number.</param>
internal sealed record ClipScore(float[] Values, bool[] Decisions);

/// <summary>A file with its scores, or with the reason why it has none.</summary>
/// <param name="File">The file as it was named.</param>
/// <param name="Score">Its scores; <see langword="null"/> where it could not be scored.</param>
/// <param name="Error">Why not.</param>
internal sealed record ScoredFile(string File, ClipScore? Score, string? Error);
