namespace SpeechML.Sweeps;

/// <summary>The study's log cannot be written: unlike a trial's own failures, this ends the study.</summary>
internal sealed class StudyLogException(string message, Exception inner) : IOException(message, inner);
