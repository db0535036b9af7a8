using Microsoft.ML.Runtime;

namespace SpeechML.Recordings;

/// <summary>
/// Between the windows of long clips: stops where the context was cancelled, and says in the context's log how far a
/// clip is.
/// </summary>
/// <param name="env">The context.</param>
/// <param name="throwIfCancelled">What else can cancel; <see langword="null"/> for nothing.</param>
internal sealed class RecordingWatch(IHostEnvironment env, Action? throwIfCancelled = null)
{
    private const int Messages = 10; // for a clip, at most

    private readonly IHost _host = env.Register(nameof(RecordingWatch));

    // That of an AutoML trial is cancelled when the trial ends, and its model scores on.
    private bool IsAlive => _host is not ICancelable { IsCanceled: true };

    /// <summary>Begins with a clip; what is given is told how many of how many windows are done.</summary>
    public Action<int, int> Begin()
    {
        bool wasAlive = IsAlive;
        int said = 0;
        return (done, all) =>
        {
            throwIfCancelled?.Invoke();
            if (wasAlive)
            {
                _host.CheckAlive();
            }
            int part = done * Messages / all;
            if (part > said)
            {
                said = part;
                using IChannel channel = _host.Start("Long recording");
                channel.Info("{0} of {1} windows", done, all);
            }
        };
    }
}
