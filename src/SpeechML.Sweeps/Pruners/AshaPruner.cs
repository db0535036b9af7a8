namespace SpeechML.Sweeps.Pruners;

/// <summary>Asynchronous successive halving, by stopping.</summary>
internal sealed class AshaPruner : SweepPruner
{
    private readonly int _firstEpochs;
    private readonly int _reduction;

    public AshaPruner(int firstEpochs, int reduction)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(firstEpochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(reduction, 2);
        _firstEpochs = firstEpochs;
        _reduction = reduction;
    }

    public override bool ShouldStop(int epoch, double loss, IReadOnlyList<double> losses)
    {
        if (!IsRung(epoch))
        {
            return false;
        }
        // At least one goes on, however few came as far: else a study could stop all its trials.
        int kept = Math.Max(1, losses.Count / _reduction);
        return double.IsNaN(loss) || losses.Count(l => l < loss) >= kept;
    }

    public override string Describe() =>
        FormattableString.Invariant($"ASHA from {_firstEpochs} epochs by {_reduction}");

    private bool IsRung(int epoch)
    {
        long rung = _firstEpochs;
        while (rung < epoch)
        {
            rung *= _reduction;
        }
        return rung == epoch;
    }
}
