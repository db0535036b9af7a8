using SpeechML.Model;
using SpeechML.Training.Checkpoints;
using SpeechML.Training.Optimization;
using TorchSharp;

namespace SpeechML.Training;

/// <summary>
/// What a run carries from step to step besides weights and optimizer: how far it is, the epoch's loss so far, and the
/// best epoch. Learning rates, the order
/// of clips and the random numbers of a step follow from the seed and the step's number, so that they need no state.
/// </summary>
internal sealed class TrainingState : IDisposable
{
    private readonly SpeechNetwork _network;
    private readonly SpeechMetric _metric;
    private readonly EarlyStopping _stopping;
    private readonly WeightSnapshot? _best;
    private readonly int _epochs;
    private readonly bool _validates;

    public TrainingState(SpeechNetwork network, SpeechTrainingOptions options, bool validates)
    {
        _network = network;
        _epochs = options.Epochs;
        _validates = validates;
        _metric = options.WatchedMetric;
        _stopping = new EarlyStopping(
            options.EarlyStopping.Metric.Length == 0 ? int.MaxValue : options.EarlyStopping.Patience,
            options.EarlyStopping.MinDelta,
            _metric.LowerIsBetter);
        _best = validates && options.EarlyStopping.KeepBest ? new WeightSnapshot() : null;
    }

    /// <summary>Optimizer steps done.</summary>
    public long Step { get; private set; }

    /// <summary>Summed loss of the epoch so far.</summary>
    public double EpochSum { get; private set; }

    /// <summary>What it is divided by.</summary>
    public double EpochWeight { get; private set; }

    /// <summary>What early stopping remembers; its epochs count from 0.</summary>
    public EarlyStoppingState Stopping => _stopping.State;

    /// <summary>Whether the metric has not improved for long enough.</summary>
    public bool ShouldStop => _stopping.ShouldStop;

    /// <summary>The best epoch, from 1; <see langword="null"/> without validation data.</summary>
    public int? BestEpoch => _stopping.State.BestEpoch + 1;

    /// <summary>The weights of the best epoch, where they are kept and there is one.</summary>
    public IReadOnlyDictionary<string, torch.Tensor> BestWeights =>
        _best?.Values ?? new Dictionary<string, torch.Tensor>();

    /// <summary>
    /// The mean loss; NaN where nothing contributed, so that a loss of nothing is never the best one.
    /// </summary>
    public static double Mean(double sum, double weight) => weight == 0 ? double.NaN : sum / weight;

    /// <summary>How the run ended.</summary>
    /// <param name="lastEpoch">The last epoch that was trained, from 1.</param>
    public TrainingOutcome Outcome(int lastEpoch) => new(
        lastEpoch, _epochs, BestWeights.Count > 0 ? BestEpoch ?? lastEpoch : lastEpoch)
    {
        StoppedEarly = lastEpoch < _epochs,
        BestEpoch = _validates ? BestEpoch : null,
        Metric = _validates ? _metric.Name : null,
        BestValue = _validates && Stopping.BestValue is { } best && double.IsFinite(best) ? best : null,
    };

    /// <summary>Counts a step.</summary>
    public void Add(double sum, double weight)
    {
        Step++;
        EpochSum += sum;
        EpochWeight += weight;
    }

    /// <summary>Closes an epoch.</summary>
    /// <returns>Its mean loss.</returns>
    public double EndEpoch(ValidationMetrics? validation)
    {
        double loss = Mean(EpochSum, EpochWeight);
        EpochSum = 0;
        EpochWeight = 0;
        if (validation is not null)
        {
            _stopping.Report(validation[_metric].Value ?? double.NaN);
            if (_stopping.IsBest)
            {
                _best?.Take(WeightSnapshot.Live(_network));
            }
        }
        return loss;
    }

    /// <summary>Puts the best epoch's weights into the network, where they are kept and there is one.</summary>
    public void RestoreBest() => WeightSnapshot.Copy(BestWeights, WeightSnapshot.Live(_network));

    /// <summary>Goes on from a checkpoint.</summary>
    public void Load(CheckpointMetadata facts, IReadOnlyDictionary<string, torch.Tensor> best)
    {
        Step = facts.Step;
        EpochSum = facts.EpochSum;
        EpochWeight = facts.EpochWeight;
        _stopping.State = facts.Stopping;
        // Where the weights are: the file's tensors are on the CPU.
        SortedDictionary<string, torch.Tensor> live = WeightSnapshot.Live(_network);
        _best?.Take(best.Select(t => KeyValuePair.Create(t.Key, t.Value.to(live[t.Key].device))));
    }

    public void Dispose() => _best?.Dispose();
}
