using Microsoft.ML;

namespace SpeechML;

/// <summary>A data set divided by subject; see <c>mlContext.Speech().SplitBySubject</c>.</summary>
/// <param name="Train">For fitting.</param>
/// <param name="Validation">For choosing epochs, thresholds and options; empty where its share is 0.</param>
/// <param name="Test">For the final result only.</param>
/// <param name="Split">Which clip is where: can be saved and loaded.</param>
public sealed record SpeechDataSplit(IDataView Train, IDataView Validation, IDataView Test, SubjectSplit Split);
