using System.Runtime.CompilerServices;
using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// How processes share a study: each takes trials, and takes over those of processes that show no sign of life.
/// </summary>
[DoesNotAffectResult]
public sealed record SweepSharing
{
    /// <summary>
    /// How long a process may show no sign of life before another takes its trial over and goes on from its last
    /// checkpoint. It shows one four times as often, from a thread of its own: nothing depends on how long an epoch
    /// takes. The default is 60 s.
    /// </summary>
    [InRange("a lease of at least 0.1 s", Min = 0.1)]
    public TimeSpan Lease
    {
        get;
        init => field = Checked(value);
    } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Name of this process in the study's log, for people to read. The default is the machine and the process's
    /// number.
    /// </summary>
    [IsText("a name")]
    public string Worker
    {
        get;
        init => field = Checked(value);
    } = DefaultWorker;

    internal static string DefaultWorker =>
        FormattableString.Invariant($"{Environment.MachineName}-{Environment.ProcessId}");

    private static T Checked<T>(T value, [CallerMemberName] string option = "")
    {
        OptionModel.Of(typeof(SweepSharing)).Find(option)!.Option.Check(value, $"Sharing.{option}");
        return value;
    }
}
