using System.Net;

namespace SpeechML.Encoders.Hub;

/// <summary>A failure that may be over when the request is repeated.</summary>
internal sealed class HubTransientException(
    string message, HttpStatusCode? statusCode = null, TimeSpan? retryAfter = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    public HttpStatusCode? StatusCode { get; } = statusCode;

    /// <summary>What the server asks to wait.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
