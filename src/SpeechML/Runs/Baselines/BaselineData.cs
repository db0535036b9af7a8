using Microsoft.ML;
using SpeechML.Data.Extras;
using SpeechML.Runs.Scoring;
using SpeechML.Tasks;

namespace SpeechML.Runs.Baselines;

/// <summary>What plain models learn from, or are asked about.</summary>
/// <param name="Features">Numbers of each clip, as their columns have them.</param>
/// <param name="Keys">Names of the clips; empty where they have none.</param>
/// <param name="Truth">Of each clip a value for each label or class; <see langword="null"/> where not rated.</param>
internal sealed record BaselineData(
    IReadOnlyList<float[]> Features, IReadOnlyList<string> Keys, IReadOnlyList<double?[]> Truth)
{
    /// <summary>Who speaks; empty texts where that is not known.</summary>
    public IReadOnlyList<string> Subjects { get; private init; } = [];

    /// <summary>Reads rows that have at least one label.</summary>
    /// <param name="data">The data.</param>
    /// <param name="features">Columns of numbers.</param>
    /// <param name="columns">Label and names of clips.</param>
    /// <param name="task">What is learned.</param>
    /// <param name="outputs">Labels or classes.</param>
    /// <param name="ratingThreshold">Above 0: the labels are ratings, positive from there up.</param>
    public static BaselineData Read(
        IDataView data, IReadOnlyList<ExtraFeature> features, SpeechRunColumns columns, TaskDescription task,
        int outputs, double ratingThreshold)
    {
        DataViewSchema.Column[] numbers = ExtraColumns.Find(data.Schema, features);
        DataViewSchema.Column label = RunScores.Column(data.Schema, "label", columns.Label);
        DataViewSchema.Column? key = columns.AudioKey.Length == 0 ? null
            : RunScores.Column(data.Schema, "audio key", columns.AudioKey);
        DataViewSchema.Column? subject = columns.Subject.Length == 0 ? null
            : RunScores.Column(data.Schema, "subject", columns.Subject);
        using DataViewRowCursor cursor = data.GetRowCursor(
            [label, .. ((DataViewSchema.Column?[])[key, subject]).OfType<DataViewSchema.Column>(), .. numbers]);
        Func<float[]> read = ExtraColumns.Reader(cursor, numbers);
        Func<double[]> truth = RunScores.Numbers(cursor, label);
        Func<string> name = RunScores.Text(cursor, key), who = RunScores.Text(cursor, subject);
        List<string> subjects = [];
        var rows = new BaselineData(new List<float[]>(), new List<string>(), new List<double?[]>());
        while (cursor.MoveNext())
        {
            ((List<float[]>)rows.Features).Add(read());
            ((List<string>)rows.Keys).Add(name());
            subjects.Add(who());
            ((List<double?[]>)rows.Truth).Add(Targets(truth(), task, outputs, ratingThreshold));
        }
        return rows with { Subjects = subjects };
    }

    private static double?[] Targets(double[] truth, TaskDescription task, int outputs, double ratingThreshold)
    {
        if (task.HasClasses)
        {
            // A key counts from 1; 0 is missing.
            return [.. Enumerable.Range(1, outputs).Select(j => truth[0] == 0 ? (double?)null : j == truth[0] ? 1 : 0)];
        }
        if (task.Task == SpeechTask.Regression)
        {
            return [.. truth.Select(v => double.IsNaN(v) ? (double?)null : v)];
        }
        return [.. truth.Select(v => double.IsNaN(v) || v < 0 ? (double?)null
            : task.Task == SpeechTask.MultiLabel && ratingThreshold > 0 ? v >= ratingThreshold ? 1 : 0 : v)];
    }
}
