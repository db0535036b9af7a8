using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>When a training ends before its last epoch, and which epoch's weights it keeps.</summary>
public sealed record EarlyStoppingOptions
{
    /// <summary>
    /// Stops the training when this metric of the validation data no longer improves; needs <c>Fit(trainData,
    /// validationData)</c>. The name of one of the task's metrics (<see cref="SpeechMetrics"/>), or <c>loss</c>. Rates
    /// and warm-up are those of <see cref="SpeechTrainingOptions.Epochs"/>. The default is empty: all epochs are taken.
    /// </summary>
    [FormerName("EarlyStoppingMetric")]
    public string Metric
    {
        get;
        set => field = SpeechMetrics.NameOf(value ?? "");
    } = "";

    /// <summary>Epochs in a row without improvement after which the training stops. The default is 3.</summary>
    [InRange("at least 1 epoch", Min = 1)]
    [FormerName("EarlyStoppingPatience")]
    public int Patience { get; set; } = 3;

    /// <summary>Improvements up to this do not count. The default is 0.</summary>
    [InRange("0 or more", Min = 0)]
    [FormerName("EarlyStoppingMinDelta")]
    public double MinDelta { get; set; }

    /// <summary>
    /// With validation data: the model is that of the best epoch instead of the last. Best is what
    /// <see cref="Metric"/> says, the loss where that is empty. The default is
    /// <see langword="true"/>.
    /// </summary>
    [NotVaried]
    [FormerName("KeepBest")]
    public bool KeepBest { get; set; } = true;
}
