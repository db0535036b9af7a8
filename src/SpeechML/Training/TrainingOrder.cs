using SpeechML.Data.Recordings;
using SpeechML.Encoders.Native;

namespace SpeechML.Training;

/// <summary>The order in which clips are trained on.</summary>
/// <param name="StepsPerEpoch">Optimizer steps of every epoch.</param>
/// <param name="Epoch">The steps of an epoch (from 1): each a group of batches, each batch the numbers of its
/// clips.</param>
internal sealed record TrainingOrder(int StepsPerEpoch, Func<int, IReadOnlyList<int[][]>> Epoch)
{
    /// <summary>The epoch (from 1) that the next step belongs to when <paramref name="step"/> steps are done.</summary>
    public int EpochOf(long step) => checked((int)(step / StepsPerEpoch) + 1);

    /// <summary>
    /// Shuffled anew in every epoch, clips of like length together; an epoch's order depends on the seed and its number
    /// alone.
    /// </summary>
    /// <param name="lengths">Length of each clip.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="shares">How often each clip is drawn; <see langword="null"/> for once.</param>
    public static TrainingOrder Shuffled(
        IReadOnlyList<long> lengths, SpeechTrainingOptions options, double[]? shares = null)
    {
        int batches = (lengths.Count + options.BatchSize - 1) / options.BatchSize;
        int steps = (batches + options.Optimizer.AccumulationSteps - 1) / options.Optimizer.AccumulationSteps;
        return new TrainingOrder(steps, epoch =>
        {
            Random random = SeedStream.Create(
                options.SeedInUse, FormattableString.Invariant($"order of clips in epoch {epoch}"));
            if (shares is null)
            {
                return [.. BatchPlan.Shuffled(lengths, options.BatchSize, random)
                    .Chunk(options.Optimizer.AccumulationSteps)];
            }
            int[] drawn = SamplingShares.Draw(shares, random);
            return [.. BatchPlan.Shuffled(Array.ConvertAll(drawn, i => lengths[i]), options.BatchSize, random)
                .Select(batch => Array.ConvertAll(batch, i => drawn[i])).Chunk(options.Optimizer.AccumulationSteps)];
        });
    }
}
