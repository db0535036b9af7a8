using Microsoft.ML;
using SpeechML.Data.DataViews;
using SpeechML.Data.Metadata;
using SpeechML.Data.Splits;

namespace SpeechML;

/// <summary>
/// What <c>mlContext.Speech()</c> gives. The packages SpeechML (trainers, models, runs) and SpeechML.Sweeps add to it
/// by extensions.
/// </summary>
public sealed partial class SpeechCatalog
{
    private readonly MLContext _mlContext;

    internal SpeechCatalog(MLContext mlContext)
    {
        _mlContext = mlContext;
    }

    internal MLContext Context => _mlContext;

    /// <summary>
    /// Reads a metadata file (CSV or JSON): every column as text under its own name, the rated features as numbers (NaN
    /// where not rated), and together as two vectors,
    /// <c>Labels</c> (1 from <paramref name="ratingThreshold"/> up, 0 below, NaN where not rated) and <c>Ratings</c>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">What its columns mean.</param>
    /// <param name="ratingThreshold">Smallest rating that is positive.</param>
    /// <exception cref="InvalidDataException">The file is not what it should be; names file, line, column, expected,
    /// got.</exception>
    public IDataView LoadMetadata(string path, SpeechMetadataColumns columns, double ratingThreshold = 2) =>
        LoadMetadata(SpeechMetadata.Load(path, columns), ratingThreshold);

    /// <inheritdoc cref="LoadMetadata(string, SpeechMetadataColumns, double)"/>
    /// <param name="metadata">Metadata, perhaps filtered by task or feature.</param>
    /// <param name="ratingThreshold">Smallest rating that is positive.</param>
    public IDataView LoadMetadata(SpeechMetadata metadata, double ratingThreshold = 2) =>
        MetadataDataView.Create(_mlContext, metadata, ratingThreshold);

    /// <summary>
    /// Loads a folder of recordings whose labels are the names of folders: text columns <c>Path</c> and <c>Label</c>,
    /// and one for each named group of the pattern, such as <c>Subject</c>.
    /// </summary>
    /// <param name="folder">The folder, a path or an address; also the one that <c>LoadAudio</c> is given.</param>
    /// <param name="pattern">A regular expression over each path, as for <see cref="SpeechMetadata.FromFolder"/>;
    /// <see langword="null"/>, the default: no subjects.</param>
    /// <inheritdoc cref="SpeechMetadata.FromFolder" path="/exception"/>
    public IDataView LoadFolder(string folder, string? pattern = null) =>
        LoadMetadata(SpeechMetadata.FromFolder(folder, pattern));

    /// <summary>
    /// Adds a Boolean label, as binary trainers want it, from a column of ratings: true from
    /// <paramref name="threshold"/> up. Rows without a rating (NaN or -1) are left out and counted in the log: a
    /// Boolean has no missing value, and a comparison alone would make negatives of them.
    /// </summary>
    /// <param name="data">The data, as from <see cref="LoadMetadata(SpeechMetadata, double)"/>.</param>
    /// <param name="outputColumnName">Name of the label to make.</param>
    /// <param name="ratingColumnName">Name of the column of ratings, Single.</param>
    /// <param name="threshold">Smallest rating that is positive.</param>
    /// <exception cref="ArgumentException">The ratings are all on one side of the threshold, or missing.</exception>
    public IDataView AddBinaryLabel(
        IDataView data, string outputColumnName, string ratingColumnName, double threshold)
    {
        ArgumentNullException.ThrowIfNull(data);
        return BinaryRatings.Add(_mlContext, data, outputColumnName, ratingColumnName, threshold);
    }

    /// <summary>The same from a column of text: true where it is <paramref name="positiveValue"/>; rows where it is
    /// empty are left out.</summary>
    /// <param name="data">The data.</param>
    /// <param name="outputColumnName">Name of the label to make.</param>
    /// <param name="textColumnName">Name of the column of text.</param>
    /// <param name="positiveValue">The value that is positive.</param>
    /// <exception cref="ArgumentException">The value does not occur, or no other does.</exception>
    public IDataView AddBinaryLabel(
        IDataView data, string outputColumnName, string textColumnName, string positiveValue)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(positiveValue);
        return BinaryRatings.Add(_mlContext, data, outputColumnName, textColumnName, positiveValue);
    }

    /// <summary>Divides data so that no subject is in two parts, with labels and categories balanced.</summary>
    /// <param name="data">The data.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <param name="audioKeyColumnName">Name of the text column that names the clip; unique.</param>
    /// <param name="options">Shares, seed, threshold of stratification.</param>
    /// <param name="stratifyColumnNames">Columns to balance: text (each value), Boolean, label vectors (each).</param>
    /// <exception cref="ArgumentException">A share, subject or key that cannot be; names it.</exception>
    public SpeechDataSplit SplitBySubject(
        IDataView data, string subjectColumnName, string audioKeyColumnName, SubjectSplitOptions options,
        params IReadOnlyList<string> stratifyColumnNames) =>
        SubjectSplitting.Split(_mlContext, data, subjectColumnName, audioKeyColumnName,
            options.SeededBy(_mlContext), stratifyColumnNames);

    /// <summary>Divides data as a saved split says.</summary>
    /// <param name="data">The data.</param>
    /// <param name="split">The split (<see cref="SubjectSplit.Load"/>).</param>
    /// <param name="audioKeyColumnName">Name of the text column that names the clip.</param>
    /// <param name="leaveOutOthers">Clips that are not in the split are left out, as those of
    /// <see cref="SubjectSplitOptions.OnePerSubject"/>; otherwise they are an error.</param>
    /// <exception cref="ArgumentException">A clip of the data is not in the split.</exception>
    public SpeechDataSplit ApplySplit(
        IDataView data, SubjectSplit split, string audioKeyColumnName, bool leaveOutOthers = false) =>
        SubjectSplitting.Apply(_mlContext, data, split, audioKeyColumnName, leaveOutOthers);
}
