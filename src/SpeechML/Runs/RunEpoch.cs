using System.Text.Json;

namespace SpeechML;

/// <summary>One epoch as the log of a run has it, a line of <c>train_log.jsonl</c>.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Loss">Mean training loss.</param>
/// <param name="EncoderLearningRate">The encoder's learning rate in the last step.</param>
/// <param name="HeadLearningRate">The head's learning rate in the last step.</param>
/// <param name="GradientNorm">Mean over the steps of the gradient's norm before clipping.</param>
/// <param name="LargestGradientNorm">The largest of them.</param>
/// <param name="Seconds">What the epoch took, validation included.</param>
/// <param name="MemoryMiB">Physical memory of the process at its end.</param>
public sealed record RunEpoch(
    int Epoch, int Epochs, long Step, double Loss, double EncoderLearningRate, double HeadLearningRate,
    double GradientNorm, double LargestGradientNorm, double Seconds, double MemoryMiB)
{
    /// <summary>How the epoch did on the validation data; <see langword="null"/> without.</summary>
    public ValidationMetrics? Validation { get; init; }

    /// <summary>The best epoch so far; <see langword="null"/> without validation data.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>
    /// Reads a log. An epoch that is there twice, because a run was gone on with, counts as it was last; a line that
    /// was broken off is passed over.
    /// </summary>
    internal static List<RunEpoch> Read(string path)
    {
        var epochs = new SortedDictionary<int, RunEpoch>();
        string[] lines = StoragePath.Exists(path) ? File.ReadAllLines(StoragePath.Fetch(path)) : [];
        for (int i = 0; i < lines.Length; i++)
        {
            try
            {
                if (JsonSerializer.Deserialize<RunEpoch>(lines[i], Runs.RunFiles.Line) is { } epoch)
                {
                    epochs[epoch.Epoch] = epoch;
                }
            }
            catch (JsonException) when (i == lines.Length - 1)
            {
                // the process ended while it wrote this line
            }
            catch (JsonException e)
            {
                throw new InvalidDataException(
                    $"Run file '{path}', line {i + 1}: expected an epoch as JSON, got what cannot be read: {e.Message}",
                    e);
            }
        }
        return [.. epochs.Values];
    }
}
