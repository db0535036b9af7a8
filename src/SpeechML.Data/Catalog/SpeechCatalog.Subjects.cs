using Microsoft.ML;
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
}
