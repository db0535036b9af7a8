using Microsoft.ML;

namespace SpeechML;

/// <summary>One fold of a cross-validation by subject.</summary>
/// <param name="Subject">The subject that is left out.</param>
/// <param name="Train">The clips of all others.</param>
/// <param name="Test">The clips of that subject.</param>
public sealed record SpeechFold(string Subject, IDataView Train, IDataView Test);
