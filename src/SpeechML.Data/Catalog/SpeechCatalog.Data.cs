using Microsoft.ML;
using SpeechML.Data.Splits;

namespace SpeechML;

/// <content>Folds by subject, and the check of the data.</content>
public sealed partial class SpeechCatalog
{
    /// <summary>
    /// Divides data into folds for cross-validation so that no subject is in training and test data of a fold, with
    /// labels and categories balanced.
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <param name="numberOfFolds">At least 2, at most the number of subjects.</param>
    /// <param name="options">Seed and threshold of stratification; the shares do not matter. <see langword="null"/>:
    /// the defaults.</param>
    /// <param name="stratifyColumnNames">Columns to balance: text (each value), Boolean, label vectors (each).</param>
    /// <returns>Training and test data of each fold; every row is in exactly one test part.</returns>
    /// <exception cref="ArgumentException">Fewer subjects than folds, an empty subject.</exception>
    public IReadOnlyList<DataOperationsCatalog.TrainTestData> KFoldBySubject(
        IDataView data, string subjectColumnName, int numberOfFolds = 5, SubjectSplitOptions? options = null,
        params IReadOnlyList<string> stratifyColumnNames) =>
        SubjectSplitting.Folds(_mlContext, data, subjectColumnName, numberOfFolds,
            (options ?? new SubjectSplitOptions()).SeededBy(_mlContext), stratifyColumnNames);

    /// <summary>
    /// Adds a column for the <c>samplingKeyColumnName</c> of ML.NET's <c>CrossValidate</c> and
    /// <c>CrossValidationSplit</c>, called with the same
    /// <paramref name="numberOfFolds"/>: their folds are then those of <see cref="KFoldBySubject"/>. (The subject
    /// column itself keeps subjects together too, but hashes them:
    /// neither sizes nor labels are balanced.)
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="outputColumnName">Name of the column to make: the fold, a key.</param>
    /// <param name="subjectColumnName">Name of the text column that says who speaks.</param>
    /// <param name="numberOfFolds">At least 2, at most the number of subjects.</param>
    /// <param name="options">Seed and threshold of stratification; the shares do not matter. <see langword="null"/>:
    /// the defaults.</param>
    /// <param name="stratifyColumnNames">Columns to balance: text (each value), Boolean, label vectors (each).</param>
    /// <exception cref="ArgumentException">Fewer subjects than folds, an empty subject.</exception>
    public IDataView AddSubjectFolds(
        IDataView data, string outputColumnName, string subjectColumnName, int numberOfFolds = 5,
        SubjectSplitOptions? options = null, params IReadOnlyList<string> stratifyColumnNames) =>
        SubjectSplitting.AddFolds(
            _mlContext, data, outputColumnName, subjectColumnName, numberOfFolds,
            (options ?? new SubjectSplitOptions()).SeededBy(_mlContext), stratifyColumnNames);
}
