namespace SpeechML;

/// <summary>What happened in a sweep: a trial began, ended an epoch, or ended.</summary>
/// <param name="Trial">The trial as it is now.</param>
/// <param name="Best">The best trial that has finished; <see langword="null"/> where none has.</param>
/// <param name="Ended">Trials that have ended.</param>
/// <param name="Elapsed">Time since this process began the sweep or went on with it.</param>
public sealed record SweepProgress(SweepTrial Trial, SweepTrial? Best, int Ended, TimeSpan Elapsed);
