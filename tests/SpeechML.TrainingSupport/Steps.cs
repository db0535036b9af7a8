namespace SpeechML.TrainingSupport;

/// <summary>Reports of a training of ten steps an epoch, a second each.</summary>
internal static class Steps
{
    public static TrainingProgress Step(int epoch, int epochs, int step, double loss) => new(
        epoch, epochs, step, 10 * epochs, loss, null, 1e-5, 1e-3, 0.75, TimeSpan.FromSeconds(step),
        TimeSpan.FromSeconds((10 * epochs) - step));

    public static TrainingProgress Epoch(int epoch, int epochs, double loss) =>
        Step(epoch, epochs, 10 * epoch, loss) with { EpochLoss = loss };
}
