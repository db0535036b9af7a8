namespace SpeechML.Orleans;

/// <summary>
/// A study; its key is the study's folder or address. Events are lines of its log. Every call may be repeated.
/// </summary>
[Alias("SpeechML.Orleans.IStudyGrain")]
internal interface IStudyGrain : IGrainWithStringKey
{
    /// <summary>Begins the study, or makes sure that it is this one.</summary>
    [Alias("Join")]
    Task<StudyReply> JoinAsync(Dictionary<string, string> identity);

    /// <summary>Gives a trial to a worker.</summary>
    [Alias("Take")]
    Task<StudyReply> TakeAsync(string worker);

    /// <summary>Logs what a worker did: an epoch, a run, the trial's end.</summary>
    [Alias("Report")]
    Task<StudyReply> ReportAsync(int lease, string entry);

    /// <summary>A sign of life.</summary>
    [Alias("Renew")]
    Task<StudyReply> RenewAsync(int trial, int lease);

    /// <summary>Takes a trial back from a worker that stops.</summary>
    [Alias("Release")]
    Task<StudyReply> ReleaseAsync(int trial, int lease);

    /// <summary>Ends a trial, whoever has it.</summary>
    [Alias("Cancel")]
    Task<StudyReply> CancelAsync(int trial);

    /// <summary>What has happened.</summary>
    /// <param name="from">How many events are known already.</param>
    [Alias("Read")]
    Task<StudyNews> ReadAsync(int from);
}
