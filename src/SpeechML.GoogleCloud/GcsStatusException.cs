namespace SpeechML.GoogleCloud;

/// <summary>A status that stays, before it is known whether it is an error for who asked.</summary>
/// <param name="status">The status.</param>
/// <param name="said">What the service says.</param>
/// <param name="error">The error that it is, where it is one.</param>
internal sealed class GcsStatusException(int status, string said, StorageException error) : Exception(said, error)
{
    public int Status { get; } = status;

    public StorageException Error { get; } = error;

    /// <summary>
    /// Whether there is no such object. The service answers 404 for a missing bucket too, which no write or later look
    /// can mend, and tells the two apart by its text only.
    /// </summary>
    public bool IsMissingObject => Status == 404
        && (Message.StartsWith("No such object", StringComparison.OrdinalIgnoreCase)
        || !(Message.Contains("bucket", StringComparison.OrdinalIgnoreCase)
        && (Message.Contains("not exist", StringComparison.OrdinalIgnoreCase)
        || Message.Contains("not found", StringComparison.OrdinalIgnoreCase))));
}
