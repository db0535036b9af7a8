using SpeechML;

namespace Demo;

/// <summary>One line per tenth of the epochs.</summary>
internal sealed class ConsoleProgress : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.EpochLoss is { } loss && (value.Epoch % Math.Max(1, value.Epochs / 10) == 0 || value.Epoch == value.Epochs))
        {
            Console.WriteLine(FormattableString.Invariant($"    epoch {value.Epoch,3}/{value.Epochs}  loss {loss:F4}  {value.Elapsed.TotalSeconds,5:F1} s, {value.Remaining.TotalSeconds:F0} s left"));
        }
    }
}
