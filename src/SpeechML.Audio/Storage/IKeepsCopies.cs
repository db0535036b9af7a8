namespace SpeechML.Audio.Storage;

/// <summary>A store that keeps copies on this machine of what it fetched.</summary>
internal interface IKeepsCopies
{
    /// <summary>Whether there is a copy of an object, whole or in part, of whatever version; no request is made.
    /// </summary>
    bool HasCopy(string address);
}
