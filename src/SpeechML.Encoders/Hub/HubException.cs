using System.Net;

namespace SpeechML;

/// <summary>
/// The Hugging Face Hub, or the local copy of it, does not give what was asked for. The message says what to do.
/// </summary>
public sealed class HubException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="statusCode">The server's answer, if it gave one.</param>
    /// <param name="innerException">The cause, if another exception showed it.</param>
    public HubException(string message, HttpStatusCode? statusCode = null, Exception? innerException = null)
        : base(message, innerException)
    {
        StatusCode = statusCode;
    }

    /// <summary>The server's answer; <see langword="null"/> where there was none.</summary>
    public HttpStatusCode? StatusCode { get; }
}
