using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.Checking;
using SpeechML.Data.DataViews;
using SpeechML.Data.Evaluation.Association;
using SpeechML.Data.Measures;
using SpeechML.Data.Splits;

namespace SpeechML;

/// <content>Tasks, and subjects rather than clips.</content>
public sealed partial class SpeechCatalog
{
    /// <summary>Several labels, each present or not.</summary>
    public SpeechMultiLabelCatalog MultiLabel => new(_mlContext);

    /// <summary>One of several classes.</summary>
    public SpeechMulticlassCatalog Multiclass => new(_mlContext);

    /// <summary>One of several classes that have an order.</summary>
    public SpeechOrdinalCatalog Ordinal => new(_mlContext);

    /// <summary>One label, yes or no.</summary>
    public SpeechBinaryCatalog Binary => new(_mlContext);

    /// <summary>A number.</summary>
    public SpeechRegressionCatalog Regression => new(_mlContext);

    /// <summary>
    /// One fold per subject: trained on all others, tested on its clips. Subjects in the order of their first clip.
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <exception cref="ArgumentException">Fewer than two subjects, or an empty one.</exception>
    public IReadOnlyList<SpeechFold> LeaveOneSubjectOut(IDataView data, string subjectColumnName)
    {
        ArgumentNullException.ThrowIfNull(data);
        return SubjectSplitting.LeaveOneOut(_mlContext, data, subjectColumnName);
    }

    /// <summary>
    /// How measures go with a label: medians by its values, effect sizes of subjects' means, p-values corrected for
    /// the number of comparisons. Each with an interval that resamples subjects, where there are at least two.
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="measuresColumnName">A vector column of known size, as <c>MeasureVoice</c> makes it; its slot names
    /// are the measures', its annotation <c>Units</c> their units. Missing values (NaN) do not count.</param>
    /// <param name="labelColumnName">The label: text, a key, a Boolean (two groups, or each class against the others),
    /// a number (rank correlation), or a vector of numbers (each slot is a label).</param>
    /// <param name="subjectColumnName">Text that says who speaks; empty, the default, for not known: then there are
    /// medians only.</param>
    /// <param name="options">Resamples, confidence, method, seed; <see langword="null"/> for 1000 resamples and
    /// percentiles.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <example>See <c>samples/VoiceMeasures</c>.</example>
    public MeasureTable CompareMeasures(
        IDataView data, string measuresColumnName, string labelColumnName, string subjectColumnName = "",
        SubjectBootstrapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(subjectColumnName);
        options = (options ?? new SubjectBootstrapOptions { Resamples = 1000, Method = IntervalMethod.Percentile })
            .SeededBy(Context, cancellationToken);
        options.Validate();
        SchemaShape schema = SchemaShape.Create(data.Schema);
        SchemaChecks.Find(schema, "measures", measuresColumnName, "Vector<Single> of known size",
            c => c.Kind == SchemaShape.Column.VectorKind.Vector && c.ItemType.Equals(NumberDataViewType.Single));
        if (subjectColumnName.Length > 0)
        {
            SchemaChecks.Find(schema, "subject", subjectColumnName, TextDataViewType.Instance);
        }
        data = ReadOnceDataView.Of(data, [measuresColumnName, labelColumnName, subjectColumnName]);
        DataViewSchema.Column measures = data.Schema[measuresColumnName];
        return MeasureComparing.Compare(
            MeasureShapes.Slots(measures), [.. data.GetColumn<float[]>(measuresColumnName)],
            subjectColumnName.Length == 0 ? null
                : [.. data.GetColumn<ReadOnlyMemory<char>>(subjectColumnName).Select(s => s.ToString())],
            DataChecking.Labels("all", data, labelColumnName)
                // A check leaves ratings to their labels.
                .Select(l => l.Kind == LabelKind.Ratings ? l with { Kind = LabelKind.Numbers } : l)
                .SelectMany(l => ComparedLabel.Of([l])), options);
    }
}
