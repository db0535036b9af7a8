namespace SpeechML;

/// <summary>One clip of a metadata file.</summary>
/// <param name="AudioKey">The clip.</param>
/// <param name="Subject">Who speaks; empty where the file has no such column.</param>
/// <param name="Date">When; empty where the file has no such column.</param>
/// <param name="Task">What was said or done; empty where the file has no such column.</param>
/// <param name="Ratings">One per feature of the metadata, NaN where missing.</param>
/// <param name="Fields">All columns of the file as text.</param>
public sealed record SpeechMetadataRow(
    string AudioKey, string Subject, string Date, string Task, double[] Ratings,
    IReadOnlyDictionary<string, string> Fields);
