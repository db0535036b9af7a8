namespace SpeechML.Sweeps.Studies;

/// <summary>
/// A study's events in one order that all who read them agree on. Used under the lock of the <see cref="Study"/> that
/// it belongs to.
/// </summary>
internal interface IStudyLog : IDisposable
{
    /// <summary>The events that were not given before, by whichever process they are.</summary>
    /// <exception cref="StudyLogException">It cannot be read.</exception>
    IReadOnlyList<StudyEvent> ReadNew();

    /// <summary>
    /// Appends an event behind those that <see cref="ReadNew"/> has given (it is not given again); on return it is
    /// where no process's death can take it away.
    /// </summary>
    /// <returns><see langword="false"/> where another process has appended meanwhile: nothing was written, and what was
    /// decided may no longer hold.</returns>
    /// <exception cref="StudyLogException">It could not be written.</exception>
    bool TryAppend(StudyEvent entry);
}
