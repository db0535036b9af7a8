namespace SpeechML.Sweeps.Studies;

/// <summary>The study's log cannot be read or written: unlike a trial's own failures, this ends the study.</summary>
internal sealed class StudyLogException(string message, Exception inner) : IOException(message, inner)
{
    public static StudyLogException NotWritten(string name, Exception cause) =>
        new($"Study log '{name}' could not be written. {cause.Message} Make room and run the sweep again: it goes on " +
            $"from the last whole line.", cause);
}
