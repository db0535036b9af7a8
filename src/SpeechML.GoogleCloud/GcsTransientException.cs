namespace SpeechML.GoogleCloud;

/// <summary>A failure that may pass when the request is repeated.</summary>
/// <param name="message">What came instead of an answer, for the end of a sentence.</param>
/// <param name="retryAfter">How long the server asks to wait.</param>
/// <param name="innerException">The cause, where another exception is one.</param>
internal sealed class GcsTransientException(
    string message, TimeSpan? retryAfter = null, Exception? innerException = null) : Exception(message, innerException)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
