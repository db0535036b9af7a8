using System.Diagnostics;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.Recordings;
using SpeechML.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training;

/// <summary>The training loop.</summary>
internal static class TrainingLoop
{
    private const string Divergence = "SpeechML.Diverged";

    /// <summary>
    /// Whether a fit ended because training diverged: other options may not, so that a search goes on.
    /// </summary>
    public static bool IsDivergence(Exception e) => e.Data.Contains(Divergence);

    /// <summary>Trains what is not frozen in the network.</summary>
    public static TrainingOutcome Run(TrainingRun run)
    {
        // Frozen weights above what learns are packed again when scoring begins.
        using WeightAccess access = WeightAccess.Begin(run.Network);
        (TrainingOrder order, SpeechTrainingOptions options) = (run.Order, run.Options);
        long steps = (long)order.StepsPerEpoch * options.Epochs;
        using var optimizer = new TrainingOptimizer(run.Network, options, steps, order.StepsPerEpoch);
        using var state = new TrainingState(run.Network, options, run.Validation is not null);
        run.Checkpoints?.Resume(run.Network, state, optimizer);
        var clock = new StepClock(state.Step, steps);

        for (int epoch = order.EpochOf(state.Step); epoch <= options.Epochs && !state.ShouldStop; epoch++)
        {
            if (epoch > 1)
            {
                run.Refresh?.Invoke(epoch);
            }
            run.Network.TrainUnfrozen();
            foreach (int[][] group in order.Epoch(epoch).Skip((int)(state.Step % order.StepsPerEpoch)))
            {
                (double sum, double weight, double norm) = Step(
                    run, group, new StepRandom(options, state.Step), new WindowDraw(options.SeedInUse, epoch),
                    optimizer, state.Step);
                state.Add(sum, weight);
                CheckFinite(sum, norm, epoch, state.Step);
                bool ends = state.Step % order.StepsPerEpoch == 0;
                (double? epochLoss, ValidationMetrics? validation) = ends ? EndEpoch(run, state, optimizer) : default;
                bool last = ends && (epoch == options.Epochs || state.ShouldStop);
                // Before the checkpoint: a run that is killed in between does the step again and reports it again. The
                // other way round, a resumed run would begin behind an epoch that no log has.
                run.Observer?.Report(new TrainingProgress(
                    epoch, options.Epochs, state.Step, steps, TrainingState.Mean(sum, weight), epochLoss,
                    optimizer.EncoderLearningRate, optimizer.HeadLearningRate, norm, clock.Elapsed,
                    clock.Remaining(state.Step))
                {
                    Validation = validation,
                    BestEpoch = ends ? state.BestEpoch : null,
                    Outcome = last ? state.Outcome(epoch) : null,
                });
                run.Checkpoints?.SaveIfDue(run.Network, state, optimizer, ends ? epoch : null);
            }
        }
        // A fit that was cancelled behind its last step is no fit that has ended.
        run.ThrowIfCancelled();
        state.RestoreBest();
        run.Network.eval();
        return state.Outcome((int)(state.Step / order.StepsPerEpoch));
    }

    /// <summary>Reports a network that needed no steps, as one epoch.</summary>
    public static void Report(TrainingRun run)
    {
        var clock = Stopwatch.StartNew();
        ValidationMetrics trained = new ValidationSet(run.Data, (loss, _, _) => new ValidationMetrics(loss, null))
            .Evaluate(run.Network, run.Loss, run.Options.BatchSize, run.Device, run.ThrowIfCancelled);
        ValidationMetrics? validation = run.Validation?.Evaluate(
            run.Network, run.Loss, run.Options.BatchSize, run.Device, run.ThrowIfCancelled);
        run.ThrowIfCancelled();
        run.Network.eval();
        run.Observer?.Report(new TrainingProgress(
            1, 1, 1, 1, trained.Loss, trained.Loss, 0, 0, 0, clock.Elapsed, TimeSpan.Zero)
        {
            Validation = validation,
            BestEpoch = validation is null ? null : 1,
        });
    }

    /// <summary>A step of the optimizer: everything stays on the device until its end.</summary>
    /// <returns>Summed loss, its weight, and the norm of the gradient; 0 of a step that was left out.</returns>
    private static (double Sum, double Weight, double Norm) Step(
        TrainingRun run, int[][] group, StepRandom random, WindowDraw draw, TrainingOptimizer optimizer, long step)
    {
        using DisposeScope scope = NewDisposeScope();
        using var totals = new LossTotals();
        Accumulate(run, group, random, draw, totals, optimizer.Scaling?.Value ?? 1);
        if (optimizer.Scaling is { } scaling)
        {
            return ScaledStep(optimizer, scaling, totals, step);
        }
        double[] read = Read(totals, optimizer.Step(step, totals.Values[1]));
        return (read[0], read[1], read[2]);
    }

    /// <summary>The norm is read before the step, so that it can be left out: one read, as without scaling.</summary>
    private static (double Sum, double Weight, double Norm) ScaledStep(
        TrainingOptimizer optimizer, LossScale scaling, LossTotals totals, long step)
    {
        double[] read = Read(totals, optimizer.Prepare(step, totals.Values[1]));
        if (scaling.Update(read[2]))
        {
            optimizer.Step();
            return (read[0], read[1], read[2]);
        }
        optimizer.Skip();
        return (read[0], read[1], scaling.MayRecover ? 0 : read[2]);
    }

    private static double[] Read(LossTotals totals, Tensor norm) =>
        DeviceReads.Of(cat([totals.Values, norm.to(totals.Values.dtype).unsqueeze(0)]));

    /// <summary>
    /// Adds the gradient of the summed loss of some batches; the optimizer divides by their joint weight, so that every
    /// clip (or rated label) counts alike.
    /// </summary>
    private static void Accumulate(
        TrainingRun run, int[][] group, StepRandom random, WindowDraw draw, LossTotals totals, double scale)
    {
        using DropoutStream dropout = DropoutStream.Begin(random.DropoutSeed);
        for (int i = 0; i < group.Length; i++)
        {
            run.ThrowIfCancelled();
            using DisposeScope scope = NewDisposeScope();
            Batch batch = run.Data.Batch(group[i], run.Device, draw);
            // Reading clips may have been the first to handle a signal (of a process that decodes).
            SignalStacks.Apply();
            LossParts parts = run.Options.RecomputeActivations && batch.Start.IsBeforeLayers
                ? LayerRecomputation.Backward(
                    run.Network, batch, random.Masks, random.LayerSeed(i), Loss, scale)
                : Backward(Loss(run.Network.Forward(batch, random.Masks)), scale);
            ReturnedGradients.Release();
            totals.Add(parts);

            LossParts Loss(Tensor output) => run.Loss.ComputeParts(output, batch.Targets!);
        }
    }

    private static LossParts Backward(LossParts parts, double scale)
    {
        LossScale.Apply(parts.Sum, scale).backward();
        return parts;
    }

    /// <summary>Evaluates the epoch and closes it.</summary>
    private static (double? Loss, ValidationMetrics? Validation) EndEpoch(
        TrainingRun run, TrainingState state, TrainingOptimizer optimizer)
    {
        ValidationMetrics? validation =
            run.Validation?.Evaluate(
                run.Network, run.Loss, run.Options.BatchSize, run.Device, run.ThrowIfCancelled);
        optimizer.EndEpoch(validation);
        return (state.EndEpoch(validation), validation);
    }

    private static void CheckFinite(double sum, double norm, int epoch, long step)
    {
        if (!double.IsFinite(sum) || !double.IsFinite(norm))
        {
            throw new InvalidOperationException(
                FormattableString.Invariant(
                    $"Training diverged in epoch {epoch}, step {step}: expected a finite loss and gradient, got ") +
                FormattableString.Invariant(
                    $"loss {sum} and gradient norm {norm}. Lower EncoderLearningRate or HeadLearningRate, or clip ") +
                "with GradientClipNorm.")
            {
                Data = { [Divergence] = true },
            };
        }
    }

    /// <summary>How long this process has trained, and how long it will at the same speed.</summary>
    private sealed class StepClock(long before, long steps)
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();

        public TimeSpan Elapsed => _watch.Elapsed;

        public TimeSpan Remaining(long step) => Elapsed * ((steps - step) / (double)(step - before));
    }
}
