using System.Globalization;

namespace SpeechML;

/// <summary>A figure of the validation data that early stopping can watch.</summary>
public enum EarlyStoppingMetric
{
    /// <summary>The run always takes all its epochs.</summary>
    None,

    /// <summary>The loss; lower is better.</summary>
    Loss,

    /// <summary>Accuracy (several labels: their mean); higher is better. Not for regression.</summary>
    Accuracy,

    /// <summary>Mean recall of the classes (several labels: the mean over them); higher is better. Not for regression.</summary>
    BalancedAccuracy,

    /// <summary>Mean area under the ROC curve, over labels, or over classes each against the rest; higher is better. Not for regression.</summary>
    MacroRocAuc,
}

/// <summary>How an epoch did on the validation data, which nothing is learned from; without dropout.</summary>
/// <param name="Loss">Mean loss per clip (or rated label).</param>
public sealed record ValidationMetrics(double Loss)
{
    /// <summary>Accuracy; with several labels the mean over those that have one. <see langword="null"/> where there is none.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Mean recall of the classes; with several labels the mean over those that have one.</summary>
    public double? BalancedAccuracy { get; init; }

    /// <summary>Mean area under the ROC curve; <see langword="null"/> where it is undefined, because a class has no clip in the validation data.</summary>
    public double? MacroRocAuc { get; init; }

    /// <summary>The value of a metric, NaN where it has none.</summary>
    internal double Value(EarlyStoppingMetric metric) => metric switch
    {
        EarlyStoppingMetric.Accuracy => Accuracy ?? double.NaN,
        EarlyStoppingMetric.BalancedAccuracy => BalancedAccuracy ?? double.NaN,
        EarlyStoppingMetric.MacroRocAuc => MacroRocAuc ?? double.NaN,
        _ => Loss,
    };

    /// <summary>One line: <c>loss 0.5123, accuracy 0.8000, ...</c>, without what has no value.</summary>
    public override string ToString()
    {
        (string Name, double? Value)[] figures = [("loss", Loss), ("accuracy", Accuracy), ("balanced accuracy", BalancedAccuracy), ("macro AUC", MacroRocAuc)];
        return string.Join(", ", figures.Where(f => f.Value is not null).Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Name} {f.Value:F4}")));
    }
}
