using System.Globalization;

namespace SpeechML;

/// <summary>How a training ended and which epoch's weights the model has.</summary>
/// <param name="LastEpoch">The last epoch that was trained, from 1.</param>
/// <param name="Epochs">Epochs in all (<see cref="SpeechTrainingOptions.Epochs"/>).</param>
/// <param name="KeptEpoch">The epoch whose weights the model has.</param>
public sealed record TrainingOutcome(int LastEpoch, int Epochs, int KeptEpoch)
{
    /// <summary>Whether early stopping ended it before its last epoch.</summary>
    public bool StoppedEarly { get; init; }

    /// <summary>The best epoch, from 1; <see langword="null"/> without validation data.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>
    /// The name of the metric that the best epoch was chosen by (<see cref="EarlyStoppingOptions.Metric"/>, the loss
    /// where that is empty); <see langword="null"/> without validation data.
    /// </summary>
    public string? Metric { get; init; }

    /// <summary>
    /// That metric of the validation data in the best epoch; <see langword="null"/> without validation data.
    /// </summary>
    public double? BestValue { get; init; }

    /// <summary>One line: <c>stopped after epoch 10 of 40: best epoch 6, macro AUC 0.843, whose weights are
    /// kept</c>.</summary>
    public override string ToString()
    {
        string end = StoppedEarly ? $"stopped after epoch {LastEpoch} of {Epochs}" : $"ended after epoch {LastEpoch}";
        if (BestEpoch is not { } best)
        {
            return Metric is null ? end
                : $"{end}, whose weights are kept: {NameOf(Metric)} had no value on the validation data";
        }
        string kept = KeptEpoch == best ? "whose weights are kept" : $"but the weights of epoch {KeptEpoch} are kept";
        return string.Create(CultureInfo.InvariantCulture,
            $"{end}: best epoch {best}, {NameOf(Metric ?? "")} {BestValue:F3}, {kept}");
    }

    private static string NameOf(string metric) => SpeechMetrics.Find(metric)?.DisplayName ?? metric;
}
