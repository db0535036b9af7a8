namespace SpeechML.GoogleCloud;

/// <summary>An answer that stays what it is, found where the object's address is not known.</summary>
/// <param name="problem">What was expected, what was found, what to do.</param>
internal sealed class GcsRefusalException(string problem) : Exception(problem);
