using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.Interop;
using SpeechML.Tasks;

namespace SpeechML.Runs.Scoring;

/// <summary>Scored data as rows of predictions; every clip has one row per label or class.</summary>
/// <param name="Task">What was learned.</param>
/// <param name="Labels">Rows per clip.</param>
/// <param name="Predictions">The rows, clip after clip.</param>
internal sealed record RunScores(SpeechTask Task, int Labels, IReadOnlyList<RunPrediction> Predictions)
{
    /// <summary>Reads them.</summary>
    /// <param name="scored">The scored data.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="split">What the part is called.</param>
    /// <param name="ratingThreshold">Above 0: the labels are ratings, positive from there up.</param>
    /// <param name="known">The task of the model that scored; <see langword="null"/> where the types of the columns
    /// must tell it.</param>
    /// <param name="cancellation">Ends it between two clips.</param>
    public static RunScores Read(
        IDataView scored, SpeechRunColumns columns, string split, double ratingThreshold,
        TaskDescription? known, Cancellation cancellation)
    {
        DataViewSchema schema = scored.Schema;
        TaskDescription task = known ?? TaskDescription.Of(schema.GetColumnOrNull(columns.Probability)?.Type,
            schema.GetColumnOrNull(columns.Score)?.Type);
        DataViewSchema.Column label = Column(schema, "label", columns.Label);
        DataViewSchema.Column score = ScoreColumn(schema, task, task.Scores(columns));
        string[] names = task.RowNames(label, score);
        if (task.Task == SpeechTask.Regression)
        {
            CheckNumbers(label, score, names.Length);
        }
        DataViewSchema.Column? predicted = task.Task == SpeechTask.Regression ? null
            : schema.GetColumnOrNull(columns.PredictedLabel);
        DataViewSchema.Column?[] used = [label, score, predicted, .. Texts(schema, columns), RatingOf(schema, columns)];
        using DataViewRowCursor cursor = scored.GetRowCursor([.. used.OfType<DataViewSchema.Column>()]);
        Func<string> key = Text(cursor, used[3]), subject = Text(cursor, used[4]);
        Func<double[]> truth = Numbers(cursor, label), scores = Numbers(cursor, score);
        Func<double[]>? rating = used[5] is { } r ? Numbers(cursor, r) : null;
        Func<double[]>? decision = predicted is { } p && p.Type.RawType == (task.Decision ?? label.Type.RawType)
            ? Numbers(cursor, p) : null;
        var rows = new List<RunPrediction>();
        for (int clip = 0; cursor.MoveNext(); clip++)
        {
            cancellation.ThrowIfRequested();
            string name = key();
            Add(rows, task, names, (
                used[3] is null ? clip.ToString(CultureInfo.InvariantCulture) : name, subject(), split), truth(),
                scores(), rating?.Invoke(), decision?.Invoke(), ratingThreshold);
        }
        return rows.Count > 0
            ? new RunScores(task.Task, names.Length, rows)
            : throw new ArgumentException(
                $"Data of the part '{split}': expected at least one clip, got none.", nameof(scored));
    }

    /// <summary>The data without any scores.</summary>
    public static RunData Describe(IDataView data, SpeechRunColumns columns)
    {
        DataViewSchema schema = data.Schema;
        DataViewSchema.Column label = Column(schema, "label", columns.Label);
        DataViewSchema.Column?[] texts = Texts(schema, columns);
        using DataViewRowCursor cursor = data.GetRowCursor([label, .. texts.OfType<DataViewSchema.Column>()]);
        Func<string> key = Text(cursor, texts[0]), subject = Text(cursor, texts[1]);
        Func<string> truth = label.Type is TextDataViewType ? Text(cursor, label) : Joined(Numbers(cursor, label));
        var rows = new List<(string Subject, string Line)>();
        while (cursor.MoveNext())
        {
            rows.Add((subject(), $"{key()}\t{subject()}\t{truth()}"));
        }
        return Hash(rows);

        static Func<string> Joined(Func<double[]> numbers) => () =>
            string.Join(' ', numbers().Select(v => v.ToString("R", CultureInfo.InvariantCulture)));
    }

    public RunData Data() =>
        Hash([.. Predictions.Chunk(Labels)
        .Select(c => (c[0].Subject,
        $"{c[0].AudioKey}\t{c[0].Subject}\t" +
        $"{string.Join(' ', c.Select(p => p.Target?.ToString("R", CultureInfo.InvariantCulture) ?? "NaN"))}"))]);

    private static RunData Hash(List<(string Subject, string Line)> rows)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', rows.Select(r => r.Line)));
        return new RunData(rows.Count,
            rows.Select(r => r.Subject).Where(s => s.Length > 0).Distinct(StringComparer.Ordinal).Count(),
            Convert.ToHexStringLower(SHA256.HashData(text)));
    }

    private static void Add(
        List<RunPrediction> rows, TaskDescription task, string[] names,
        (string AudioKey, string Subject, string Split) clip, double[] truth, double[] scores, double[]? rating,
        double[]? decision, double ratingThreshold)
    {
        double? Rated(double value) => double.IsNaN(value) || value < 0 ? null : value;
        if (task.Task == SpeechTask.Regression)
        {
            foreach ((int j, string name) in names.Index())
            {
                double? number = double.IsNaN(truth[j]) ? null : truth[j];
                rows.Add(new RunPrediction(
                    clip.AudioKey, clip.Subject, name, null, number, clip.Split, number, scores[j]));
            }
            return;
        }
        bool classes = task.HasClasses;
        // A key counts from 1; 0 is missing.
        int right = (int)truth[0] - 1,
            chosen = decision is null ? Array.IndexOf(scores, scores.Max()) : (int)decision[0] - 1;
        for (int j = 0; j < names.Length; j++)
        {
            double? known = classes ? right < 0 ? null : j == right ? 1 : 0 : Rated(truth[j]);
            double? target = task.HasLabels && ratingThreshold > 0 && known is { } given
                ? given >= ratingThreshold ? 1 : 0 : known;
            double prediction = classes ? (j == chosen ? 1 : 0) : decision is null ? (scores[j] >= 0.5 ? 1 : 0)
                : decision[j];
            double? rated = rating is not null && rating.Length == names.Length ? Rated(rating[j]) : known;
            rows.Add(new RunPrediction(
                clip.AudioKey, clip.Subject, names[j], scores[j], rated, clip.Split, target, prediction));
        }
    }

    private static DataViewSchema.Column ScoreColumn(DataViewSchema schema, TaskDescription task, string name)
    {
        DataViewSchema.Column column = Column(schema, "score", name);
        return task.Task == SpeechTask.Regression
            || column.Type is VectorDataViewType == (task.Outputs == TaskOutputs.Many) ? column
            : throw new ArgumentException($"Run, score column '{name}': expected " +
                $"{(task.Outputs == TaskOutputs.Many ? "a vector" : "a number")}, because the model's task is " +
                $"{task.Task}, got {column.Type}.");
    }

    /// <summary>Several numbers are compared slot by slot.</summary>
    private static void CheckNumbers(DataViewSchema.Column label, DataViewSchema.Column score, int numbers)
    {
        int given = label.Type is VectorDataViewType vector ? vector.Size : 1;
        if (given != numbers)
        {
            throw new ArgumentException(
                $"Run, label column '{label.Name}': expected {numbers} numbers, as score column '{score.Name}' has, " +
                $"got {given}.");
        }
    }

    private static DataViewSchema.Column?[] Texts(DataViewSchema schema, SpeechRunColumns columns) =>
    [
        columns.AudioKey.Length > 0 ? Column(schema, "audio key", columns.AudioKey) : null,
        columns.Subject.Length > 0 ? Column(schema, "subject", columns.Subject) : null,
    ];

    private static DataViewSchema.Column? RatingOf(DataViewSchema schema, SpeechRunColumns columns) =>
        columns.Rating.Length > 0 ? Column(schema, "rating", columns.Rating) : null;

    internal static DataViewSchema.Column Column(DataViewSchema schema, string role, string name) =>
        schema.GetColumnOrNull(name)
            ?? throw new ArgumentException(
            $"Run, {role} column: expected one of '{string.Join("', '", schema.Select(c => c.Name).Distinct())}', " +
            $"got '{name}'.");

    internal static Func<string> Text(DataViewRow row, DataViewSchema.Column? column)
    {
        if (column is not { } named)
        {
            return () => "";
        }
        if (named.Type is not TextDataViewType)
        {
            throw new ArgumentException($"Run, column '{named.Name}': expected text, got {named.Type}.");
        }
        ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(named);
        ReadOnlyMemory<char> value = default;
        return () =>
        {
            getter(ref value);
            return value.ToString();
        };
    }

    /// <summary>A number, a Boolean, a key or a vector of them.</summary>
    internal static Func<double[]> Numbers(DataViewRow row, DataViewSchema.Column column)
    {
        Type type = column.Type.RawType;
        return type == typeof(float) ? One<float>(v => v) : type == typeof(double) ? One<double>(v => v)
            : type == typeof(bool) ? One<bool>(v => v ? 1 : 0)
            : type == typeof(uint) ? One<uint>(v => v) : type == typeof(byte) ? One<byte>(v => v)
                : type == typeof(ushort) ? One<ushort>(v => v) : type == typeof(ulong) ? One<ulong>(v => v)
            : type == typeof(VBuffer<float>) ? Many<float>(v => v) : type == typeof(VBuffer<double>)
                ? Many<double>(v => v) : type == typeof(VBuffer<bool>) ? Many<bool>(v => v ? 1 : 0)
            : throw new ArgumentException(
                $"Run, column '{column.Name}': expected a number, a Boolean, a key or a vector of numbers, got " +
                $"{column.Type}.");

        Func<double[]> One<T>(Func<T, double> convert)
        {
            ValueGetter<T> getter = row.GetGetter<T>(column);
            T value = default!;
            return () =>
            {
                getter(ref value);
                return [convert(value)];
            };
        }

        Func<double[]> Many<T>(Func<T, double> convert)
        {
            ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
            VBuffer<T> value = default;
            return () =>
            {
                getter(ref value);
                return [.. value.DenseValues().Select(convert)];
            };
        }
    }
}
