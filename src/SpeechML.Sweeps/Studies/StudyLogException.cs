namespace SpeechML.Sweeps.Studies;

/// <summary>The study's log cannot be read or written: unlike a trial's own failures, this ends the study.</summary>
internal sealed class StudyLogException(string message, Exception inner) : IOException(message, inner)
{
    /// <summary>The folder of a study was taken away while a sweep runs in it.</summary>
    public static StudyLogException Removed(string name) => new(
        $"Study log '{name}': expected the study's folder to stay in place while a sweep runs in it, got one that " +
        $"was removed or renamed. Put it back, or run the sweep again in another.",
        new FileNotFoundException(null, name));

    public static StudyLogException NotWritten(string name, Exception cause) =>
        cause is DirectoryNotFoundException ? Removed(name) :
        new($"Study log '{name}' could not be written. {cause.Message} Make room and run the sweep again: it goes on " +
            $"from the last whole line.", cause);
}
