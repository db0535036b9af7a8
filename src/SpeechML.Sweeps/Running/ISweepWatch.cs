using Microsoft.ML;
using SpeechML.Sweeps.Studies;

namespace SpeechML.Sweeps.Running;

/// <summary>Told by a worker what it does, on the training thread.</summary>
internal interface ISweepWatch
{
    /// <summary>A trial was taken, ended an epoch, or ended.</summary>
    void Changed(TrialRecord trial);

    /// <summary>A trial has ended, and that is logged.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="model">The best model of those that were fitted here, with the number of its run; the watch's from
    /// now on.</param>
    void Ended(TrialRecord trial, (int Run, ITransformer Model)? model);
}
