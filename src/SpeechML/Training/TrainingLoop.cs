using System.Diagnostics;
using SpeechML.Encoders;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.Training.Checkpoints;
using SpeechML.Training.Losses;
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
    /// <param name="refresh">Called before every epoch but the first with its number, to change the clips;
    /// <see langword="null"/> where they stay the same.</param>
    /// <param name="validation">What every epoch is judged on; <see langword="null"/> for nothing.</param>
    /// <param name="checkpoints">Where the run is saved and gone on from; <see langword="null"/> for nowhere.</param>
    /// <returns>The best epoch, from 1, where there is validation data.</returns>
    public static int? Run(
        SpeechNetwork network,
        TrainingSet clips,
        Loss loss,
        SpeechTrainingOptions options,
        Device device,
        IProgress<TrainingProgress>? observer,
        Action checkAlive,
        TrainingOrder order,
        Action<int>? refresh = null,
        ValidationSet? validation = null,
        TrainingCheckpoints? checkpoints = null)
    {
        long steps = (long)order.StepsPerEpoch * options.Epochs;
        using var optimizer = new TrainingOptimizer(network, options, steps, order.StepsPerEpoch);
        using var state = new TrainingState(network, options, validation is not null);
        checkpoints?.Resume(network, state, optimizer);
        long before = state.Step;
        var clock = Stopwatch.StartNew();

        for (int epoch = order.EpochOf(before); epoch <= options.Epochs && !state.ShouldStop; epoch++)
        {
            if (epoch > 1)
            {
                refresh?.Invoke(epoch);
            }
            network.TrainUnfrozen();
            foreach (int[][] group in order.Epoch(epoch).Skip((int)(state.Step % order.StepsPerEpoch)))
            {
                checkAlive();
                SeedStep(options.Seed, state.Step);
                network.Encoder.Masking = options.SpecAugment.IsOn
                    ? new FeatureMasking(options.SpecAugment,
                        SeedStream.Derive(options.Seed, FormattableString.Invariant($"masks in step {state.Step}")))
                    : null;
                (double sum, double weight) =
                    Accumulate(network, clips, loss, group, device,
                    options.RecomputeActivations
                    ? SeedStream.Derive(options.Seed, FormattableString.Invariant($"layers in step {state.Step}"))
                    : null);
                network.Encoder.Masking = null;
                double norm = optimizer.Step(state.Step, weight);
                state.Add(sum, weight);
                CheckFinite(sum, norm, epoch, state.Step);
                bool last = state.Step % order.StepsPerEpoch == 0;
                ValidationMetrics? judged = last ? validation?.Evaluate(network, loss, options.BatchSize, device)
                    : null;
                double? epochLoss = last ? state.EndEpoch(judged) : null;
                if (last)
                {
                    optimizer.EndEpoch(judged);
                }
                checkpoints?.SaveIfDue(network, state, optimizer, last ? epoch : null);
                observer?.Report(new TrainingProgress(
                    epoch,
                    options.Epochs,
                    state.Step,
                    steps,
                    TrainingState.Mean(sum, weight),
                    epochLoss,
                    optimizer.EncoderLearningRate,
                    optimizer.HeadLearningRate,
                    norm,
                    clock.Elapsed,
                    clock.Elapsed * ((steps - state.Step) / (double)(state.Step - before)))
                {
                    Validation = judged,
                    BestEpoch = last ? state.BestEpoch : null,
                });
            }
        }
        state.RestoreBest();
        network.eval();
        return state.BestEpoch;
    }

    /// <summary>
    /// Every step has random numbers of its own (dropout), whatever was drawn before: a run that goes on draws the
    /// same.
    /// </summary>
    private static void SeedStep(int seed, long step)
    {
        using Generator generator =
            manual_seed(SeedStream.Derive(seed, FormattableString.Invariant($"dropout in step {step}")));
    }

    /// <summary>
    /// Adds the gradient of the summed loss of some batches; the optimizer divides by their joint weight, so that every
    /// clip (or rated label) counts alike.
    /// </summary>
    /// <remarks>
    /// <c>recomputation</c> is the seed of the dropout where layers are computed again in the backward pass; null where
    /// they are not.
    /// </remarks>
    private static (double Sum, double Weight) Accumulate(
        SpeechNetwork network, TrainingSet clips, Loss loss, int[][] group, Device device, int? recomputation)
    {
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < group.Length; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor targets = clips.Targets(group[i], device);
            LossParts parts;
            if (recomputation is { } seed && clips.KeepsFrames)
            {
                (Tensor hidden, long[] lengths, int first) = clips.Hidden(group[i], device);
                parts = LayerRecomputation.Backward(
                    network, hidden, lengths, first, SeedStream.Derive(seed, FormattableString.Invariant($"batch {i}")),
                    output => loss.ComputeParts(output, targets));
            }
            else
            {
                parts = loss.ComputeParts(clips.Forward(group[i], device), targets);
                parts.Sum.backward();
            }
            ReturnedGradients.Release();
            sum += parts.Sum.item<float>();
            weight += parts.Weight.item<float>();
        }
        return (sum, weight);
    }

    private static void CheckFinite(double sum, double norm, int epoch, long step)
    {
        if (!double.IsFinite(sum) || !double.IsFinite(norm))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Training diverged in epoch {epoch}, step {step}: expected a finite loss and gradient, got loss {sum} and gradient norm {norm}. Lower EncoderLearningRate or HeadLearningRate, or clip with GradientClipNorm."));
        }
    }
}
