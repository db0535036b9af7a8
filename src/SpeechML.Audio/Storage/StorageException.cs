namespace SpeechML;

/// <summary>Why a store did not do what it was asked to.</summary>
public enum StorageErrorKind
{
    /// <summary>There is no such object, folder or bucket.</summary>
    NotFound,

    /// <summary>Something else is at the address than the caller expected: a write would have replaced it.</summary>
    Conflict,

    /// <summary>The credentials are missing or do not suffice.</summary>
    Denied,

    /// <summary>The bytes that came are not those that the store keeps.</summary>
    Corrupt,

    /// <summary>The service or the way to it failed for longer than was waited.</summary>
    Unavailable,

    /// <summary>The address, a setting or an answer is not what it can be.</summary>
    Invalid,
}

/// <summary>
/// A failed access to a store. The message names the address, what was expected, what was found, and what to do.
/// </summary>
public sealed class StorageException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="kind">What is wrong.</param>
    /// <param name="address">The address.</param>
    /// <param name="problem">What was expected, what was found, what to do; the message is <c>'address':
    /// problem</c>.</param>
    /// <param name="innerException">The cause, where another exception is one.</param>
    public StorageException(StorageErrorKind kind, string address, string problem, Exception? innerException = null)
        : base($"'{address}': {problem}", innerException)
    {
        Kind = kind;
        Address = address;
    }

    /// <summary>What is wrong.</summary>
    public StorageErrorKind Kind { get; }

    /// <summary>The address.</summary>
    public string Address { get; }
}
