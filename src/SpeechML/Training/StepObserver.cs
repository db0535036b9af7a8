namespace SpeechML.Training;

/// <summary>Reports on the training thread, in order (<see cref="Progress{T}"/> posts to a context).</summary>
internal sealed class StepObserver(Action<TrainingProgress> report) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => report(value);
}
