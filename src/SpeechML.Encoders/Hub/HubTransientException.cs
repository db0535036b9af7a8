using System.Net;

namespace SpeechML.Encoders.Hub;

/// <summary>A failure that may be over when the request is repeated.</summary>
internal sealed class HubTransientException(
    string message, HttpStatusCode? statusCode = null, TimeSpan? retryAfter = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    public HttpStatusCode? StatusCode { get; } = statusCode;

    /// <summary>How often it is worth repeating; the default is as often as the options say.</summary>
    public int MaxRetries { get; init; } = int.MaxValue;

    /// <summary>What the server asks to wait.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
