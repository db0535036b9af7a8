using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Audio.Options;
using SpeechML.Data.DataViews;
using SpeechML.Data.Evaluation.Metrics;
using SpeechML.Data.Evaluation.Resampling;

namespace SpeechML.Data.Evaluation.Decisions;

/// <summary>Scored clips combined to one row per subject.</summary>
internal static class ScoresBySubject
{
    /// <summary>The column with the number of a subject's clips.</summary>
    public const string Clips = "Clips";

    public static IDataView MultiLabel(
        IHostEnvironment env, IDataView data, string subject, SubjectCombination how, string label, string probability,
        string predictedLabel)
    {
        data = ReadOnceDataView.Of(data, subject, label, probability, predictedLabel);
        (IHost host, SubjectIndex subjects, ArrayDataViewBuilder builder) = Start(env, data, subject, how);
        double[][] labels = ScoreColumns.Labels(data, label),
            probabilities = ScoreColumns.Probabilities(data, probability);
        bool[][]? decided = ScoreColumns.Decisions(data, predictedLabel);
        _ = new MultiLabelClips(labels, probabilities, decisions: decided); // the checks
        double[][] votes = [.. probabilities.Select((p, i) =>
            p.Select((v, j) => decided?[i][j] ?? (v >= 0.5) ? 1.0 : 0.0).ToArray())];
        int[][] rows = subjects.Rows();
        int size = labels[0].Length, differing = 0;
        float[][] combinedLabels = new float[rows.Length][], combined = new float[rows.Length][];
        for (int s = 0; s < rows.Length; s++)
        {
            bool any = false;
            combinedLabels[s] = [.. Enumerable.Range(0, size).Select(j =>
            {
                double value = SubjectClips.Label(rows[s].Select(i => labels[i][j]), out bool differ);
                any |= differ;
                return (float)value;
            })];
            differing += any ? 1 : 0;
            combined[s] = [.. SubjectClips.Combine(
                Array.ConvertAll(rows[s], i => probabilities[i]), how, Array.ConvertAll(rows[s], i => votes[i]),
                sumsToOne: false).Select(v => (float)v)];
        }
        Report(host, differing, rows.Length, label);
        Begin(builder, subjects, rows, subject);
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> names =
            TextGetter(ScoreColumns.Names(data, probability) ?? ScoreColumns.Names(data, label)
            ?? [.. Enumerable.Range(0, size).Select(j => $"{label}{j}")]);
        builder.AddColumn(label, names, NumberDataViewType.Single, combinedLabels);
        builder.AddColumn(probability, names, NumberDataViewType.Single, combined);
        builder.AddColumn(predictedLabel, names, BooleanDataViewType.Instance,
            [.. combined.Select(r => Array.ConvertAll(r, v => v >= 0.5f))]);
        return builder.GetDataView();
    }

    public static IDataView Binary(
        IHostEnvironment env, IDataView data, string subject, SubjectCombination how, string label, string probability,
        string predictedLabel)
    {
        data = ReadOnceDataView.Of(data, subject, label, probability, predictedLabel);
        (IHost host, SubjectIndex subjects, ArrayDataViewBuilder builder) = Start(env, data, subject, how);
        SchemaShape schema = SchemaShape.Create(data.Schema);
        SchemaChecks.Find(schema, "label", label, BooleanDataViewType.Instance);
        double[] labels = [.. data.GetColumn<bool>(label).Select(v => v ? 1.0 : 0.0)],
            probabilities = ScoreColumns.Numbers(data, "probability", probability);
        double[] votes = Array.ConvertAll(probabilities, p => p >= 0.5 ? 1.0 : 0.0);
        if (data.Schema.GetColumnOrNull(predictedLabel) is not null)
        {
            SchemaChecks.Find(schema, "predicted label", predictedLabel, BooleanDataViewType.Instance);
            votes = [.. data.GetColumn<bool>(predictedLabel).Select(v => v ? 1.0 : 0.0)];
        }
        int[][] rows = subjects.Rows();
        int differing = 0;
        bool[] truth = new bool[rows.Length];
        float[] combined = new float[rows.Length];
        for (int s = 0; s < rows.Length; s++)
        {
            Array.ForEach(rows[s], i => MetricInput.CheckProbability(probabilities[i], i));
            truth[s] = SubjectClips.Label(rows[s].Select(i => labels[i]), out bool differ) == 1;
            differing += differ ? 1 : 0;
            combined[s] = (float)SubjectClips.Combine(
                Array.ConvertAll(rows[s], i => new[] { probabilities[i] }), how,
                Array.ConvertAll(rows[s], i => new[] { votes[i] }), sumsToOne: false)[0];
        }
        Report(host, differing, rows.Length, label);
        Begin(builder, subjects, rows, subject);
        builder.AddColumn(label, BooleanDataViewType.Instance, truth);
        builder.AddColumn(probability, NumberDataViewType.Single, combined);
        builder.AddColumn(predictedLabel, BooleanDataViewType.Instance, Array.ConvertAll(combined, p => p >= 0.5f));
        return builder.GetDataView();
    }

    /// <param name="env">The context.</param>
    /// <param name="data">Scored data.</param>
    /// <param name="subject">Who speaks.</param>
    /// <param name="how">Mean, median, vote.</param>
    /// <param name="label">A key.</param>
    /// <param name="score">Class probabilities.</param>
    /// <param name="predictedLabel">The class to make.</param>
    /// <param name="ordinal">Whether the classes have an order: then the class is the median of the combined
    /// probabilities, else the most probable one.</param>
    public static IDataView Multiclass(
        IHostEnvironment env, IDataView data, string subject, SubjectCombination how, string label, string score,
        string predictedLabel, bool ordinal)
    {
        data = ReadOnceDataView.Of(data, subject, label, score);
        (IHost host, SubjectIndex subjects, ArrayDataViewBuilder builder) = Start(env, data, subject, how);
        int[] truth = ScoreColumns.Classes(data, "label", label, out int? classes);
        if (classes is null)
        {
            throw new ArgumentException(
                $"Column '{label}': expected a key (MapValueToKey), got numbers.", nameof(label));
        }
        double[][] probabilities = ScoreColumns.Probabilities(data, score);
        for (int i = 0; i < probabilities.Length; i++)
        {
            MetricInput.CheckProbabilities(probabilities[i], i);
        }
        double[][] votes = Array.ConvertAll(probabilities, p =>
        {
            double[] vote = new double[p.Length];
            vote[Decide(p)] = 1;
            return vote;
        });
        int[][] all = subjects.Rows();
        (int Class, bool Differ)[] found =
            Array.ConvertAll(all, r => (SubjectClips.Class(r.Select(i => truth[i]), out bool differ), differ));
        int[] kept = [.. Enumerable.Range(0, all.Length).Where(s => found[s].Class >= 0)];
        if (kept.Length == 0)
        {
            throw new ArgumentException(
                $"Column '{label}': expected a label that is not missing, got none in {truth.Length} rows.",
                nameof(label));
        }
        Report(host, found.Count(f => f.Differ), all.Length, label);
        int[][] rows = Array.ConvertAll(kept, s => all[s]);
        double[][] combined = Array.ConvertAll(
            rows, r => SubjectClips.Combine(
            Array.ConvertAll(r, i => probabilities[i]), how, Array.ConvertAll(r, i => votes[i]), sumsToOne: true));
        Begin(builder, subjects, rows, subject);
        string[] names = LabelValues.Read(data.Schema[label], AnnotationUtils.Kinds.KeyValues)?.Values
            ?? [.. Enumerable.Range(0, classes.Value).Select(c => $"{c}")];
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> keys = TextGetter(names);
        builder.AddColumn(label, keys, (ulong)classes.Value, Array.ConvertAll(kept, s => (uint)found[s].Class + 1));
        if (names.Length == combined[0].Length)
        {
            builder.AddColumn(score, keys, NumberDataViewType.Single,
                Array.ConvertAll(combined, r => Array.ConvertAll(r, v => (float)v)));
        }
        else
        {
            builder.AddColumn(score, NumberDataViewType.Single,
                Array.ConvertAll(combined, r => Array.ConvertAll(r, v => (float)v)));
        }
        builder.AddColumn(predictedLabel, keys, (ulong)classes.Value,
            Array.ConvertAll(combined, r => (uint)Decide(r) + 1));
        return builder.GetDataView();

        int Decide(double[] p) =>
            ordinal ? OrdinalThresholds.Above(p).Count(above => above > 0.5) : Array.IndexOf(p, p.Max());
    }

    public static IDataView Regression(
        IHostEnvironment env, IDataView data, string subject, SubjectCombination how, string label, string score)
    {
        OptionChecks.Check(how != SubjectCombination.Vote, nameof(how), "Mean or Median, because numbers do not vote",
            how);
        data = ReadOnceDataView.Of(data, subject, label, score);
        (_, SubjectIndex subjects, ArrayDataViewBuilder builder) = Start(env, data, subject, how);
        double[] labels = ScoreColumns.Numbers(data, "label", label),
            scores = ScoreColumns.Numbers(data, "score", score);
        int[][] rows = subjects.Rows();
        Begin(builder, subjects, rows, subject);
        builder.AddColumn(label, NumberDataViewType.Single,
            Array.ConvertAll(rows, r => Combine([.. r.Select(i => labels[i]).Where(v => !double.IsNaN(v))])));
        builder.AddColumn(score, NumberDataViewType.Single,
            Array.ConvertAll(rows, r => Combine(Array.ConvertAll(r, i => scores[i]))));
        return builder.GetDataView();

        float Combine(double[] values) =>
            (float)(values.Length == 0 ? double.NaN : how == SubjectCombination.Mean ? values.Average()
            : Median.Of(values));
    }

    private static (IHost Host, SubjectIndex Subjects, ArrayDataViewBuilder Builder) Start(
        IHostEnvironment env, IDataView data, string subject, SubjectCombination how)
    {
        OptionChecks.CheckEnum(how, nameof(how));
        IHost host = env.Register(nameof(ScoresBySubject));
        var subjects = new SubjectIndex(ScoreColumns.Texts(data, "subject", subject));
        MetricInput.CheckRows(subjects.OfRow.Length, subjects.OfRow.Length);
        return (host, subjects, new ArrayDataViewBuilder(host));
    }

    private static void Begin(ArrayDataViewBuilder builder, SubjectIndex subjects, int[][] rows, string subject)
    {
        builder.AddColumn(subject, Array.ConvertAll(rows, r => subjects.Names[subjects.OfRow[r[0]]]));
        builder.AddColumn(Clips, NumberDataViewType.Single, Array.ConvertAll(rows, r => (float)r.Length));
    }

    private static ValueGetter<VBuffer<ReadOnlyMemory<char>>> TextGetter(string[] names)
    {
        var buffer = new VBuffer<ReadOnlyMemory<char>>(names.Length, Array.ConvertAll(names, n => n.AsMemory()));
        return (ref VBuffer<ReadOnlyMemory<char>> value) => buffer.CopyTo(ref value);
    }

    private static void Report(IHost host, int differing, int subjects, string label)
    {
        if (differing > 0)
        {
            using IChannel channel = host.Start("Combine");
            channel.Warning("'{0}' differs between the clips of {1} of {2} subjects: the label of most clips is taken",
                label, differing, subjects);
        }
    }
}
