namespace SpeechML.GoogleCloud;

/// <summary>A failure on this side of the network, a full disk say, on its way through Google's client.</summary>
/// <param name="failure">The failure.</param>
internal sealed class GcsLocalException(Exception failure) : Exception(failure.Message, failure)
{
    public Exception Failure { get; } = failure;
}
