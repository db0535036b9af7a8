using System.Diagnostics;
using SpeechML.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training;

/// <summary>The training loop.</summary>
internal static class TrainingLoop
{
    /// <summary>Trains what is not frozen in <paramref name="network"/>.</summary>
    /// <param name="network">The network; it is left in evaluation mode.</param>
    /// <param name="clips">The training clips, kept at the frozen boundary.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="observer">Told about every step.</param>
    /// <param name="checkAlive">Throws when the run is to be cancelled.</param>
    /// <param name="order">The batches of each epoch.</param>
    /// <param name="refresh">Called before every epoch but the first, to change the clips; <see langword="null"/> where they stay the same.</param>
    public static void Run(
        SpeechNetwork network,
        TrainingSet clips,
        Loss loss,
        SpeechTrainingOptions options,
        Device device,
        IProgress<TrainingProgress>? observer,
        Action checkAlive,
        TrainingOrder order,
        Action? refresh = null)
    {
        long steps = (long)order.StepsPerEpoch * options.Epochs;
        using var optimizer = new TrainingOptimizer(network, options, steps);
        manual_seed(SeedStream.Derive(options.Seed, "dropout"));
        var clock = Stopwatch.StartNew();
        long step = 0;

        network.TrainUnfrozen();
        for (int epoch = 1; epoch <= options.Epochs; epoch++)
        {
            if (epoch > 1)
            {
                refresh?.Invoke();
            }
            double epochSum = 0;
            double epochWeight = 0;
            foreach (int[][] group in order.Epoch(epoch))
            {
                checkAlive();
                (double sum, double weight) = Accumulate(clips, loss, group, device);
                double norm = optimizer.Step(step, weight);
                epochSum += sum;
                epochWeight += weight;
                step++;
                CheckFinite(sum, norm, epoch, step);
                bool last = step % order.StepsPerEpoch == 0;
                observer?.Report(new TrainingProgress(
                    epoch,
                    options.Epochs,
                    step,
                    steps,
                    Mean(sum, weight),
                    last ? Mean(epochSum, epochWeight) : null,
                    optimizer.EncoderLearningRate,
                    optimizer.HeadLearningRate,
                    norm,
                    clock.Elapsed,
                    clock.Elapsed * ((steps - step) / (double)step)));
            }
        }
        network.eval();
    }

    /// <summary>Adds the gradient of the summed loss of some batches; the optimizer divides by their joint weight, so that every clip (or rated label) counts alike.</summary>
    private static (double Sum, double Weight) Accumulate(TrainingSet clips, Loss loss, int[][] group, Device device)
    {
        double sum = 0;
        double weight = 0;
        foreach (int[] batch in group)
        {
            using DisposeScope scope = NewDisposeScope();
            LossParts parts = loss.ComputeParts(clips.Forward(batch, device), clips.Targets(batch, device));
            parts.Sum.backward();
            sum += parts.Sum.item<float>();
            weight += parts.Weight.item<float>();
        }
        return (sum, weight);
    }

    private static double Mean(double sum, double weight) => weight == 0 ? 0 : sum / weight;

    private static void CheckFinite(double sum, double norm, int epoch, long step)
    {
        if (!double.IsFinite(sum) || !double.IsFinite(norm))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Training diverged in epoch {epoch}, step {step}: expected a finite loss and gradient, got loss {sum} and gradient norm {norm}. Lower EncoderLearningRate or HeadLearningRate, or clip with GradientClipNorm."));
        }
    }
}
