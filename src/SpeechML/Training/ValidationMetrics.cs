using System.Globalization;

namespace SpeechML;

/// <summary>How an epoch did on the validation data, which nothing is learned from; without dropout.</summary>
/// <param name="Loss">Mean loss per clip (or rated label).</param>
public sealed record ValidationMetrics(double Loss)
{
    /// <summary>
    /// Accuracy; with several labels the mean over those that have one. <see langword="null"/> where there is none.
    /// </summary>
    public double? Accuracy { get; init; }

    /// <summary>Mean recall of the classes; with several labels the mean over those that have one.</summary>
    public double? BalancedAccuracy { get; init; }

    /// <summary>
    /// Mean area under the ROC curve; <see langword="null"/> where it is undefined, because a class has no clip in the
    /// validation data.
    /// </summary>
    public double? MacroRocAuc { get; init; }

    /// <summary>Mean F1 of labels or classes.</summary>
    public double? MacroF1 { get; init; }

    /// <summary>Mean average precision over labels; <see langword="null"/> where it is undefined.</summary>
    public double? AveragePrecision { get; init; }

    /// <summary>Mean absolute error of numbers or of ordered classes' numbers.</summary>
    public double? MeanAbsoluteError { get; init; }

    /// <summary>
    /// Spearman's rank correlation of numbers or of ordered classes' numbers; <see langword="null"/> where it is
    /// undefined.
    /// </summary>
    public double? Spearman { get; init; }

    /// <summary>Coefficient of determination of numbers; <see langword="null"/> where it is undefined.</summary>
    public double? RSquared { get; init; }

    /// <summary>
    /// Cohen's kappa with quadratic weights, of ordered classes; <see langword="null"/> where it is undefined.
    /// </summary>
    public double? QuadraticKappa { get; init; }

    /// <summary>The value of a metric, NaN where it has none.</summary>
    internal double Value(EarlyStoppingMetric metric) => metric switch
    {
        EarlyStoppingMetric.Accuracy => Accuracy ?? double.NaN,
        EarlyStoppingMetric.BalancedAccuracy => BalancedAccuracy ?? double.NaN,
        EarlyStoppingMetric.MacroRocAuc => MacroRocAuc ?? double.NaN,
        EarlyStoppingMetric.MacroF1 => MacroF1 ?? double.NaN,
        EarlyStoppingMetric.AveragePrecision => AveragePrecision ?? double.NaN,
        EarlyStoppingMetric.MeanAbsoluteError => MeanAbsoluteError ?? double.NaN,
        EarlyStoppingMetric.Spearman => Spearman ?? double.NaN,
        EarlyStoppingMetric.RSquared => RSquared ?? double.NaN,
        EarlyStoppingMetric.QuadraticKappa => QuadraticKappa ?? double.NaN,
        _ => Loss,
    };

    /// <summary>One line: <c>loss 0.5123, accuracy 0.8000, ...</c>, without what has no value.</summary>
    public override string ToString()
    {
        (string Name, double? Value)[] figures =
        [
            ("loss", Loss), ("accuracy", Accuracy), ("balanced accuracy", BalancedAccuracy), ("macro AUC", MacroRocAuc),
            ("macro F1", MacroF1),
            ("average precision", AveragePrecision), ("mean absolute error", MeanAbsoluteError), ("Spearman", Spearman),
            ("R²", RSquared), ("quadratic kappa", QuadraticKappa),
        ];
        return string.Join(", ",
            figures.Where(f => f.Value is not null)
            .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Name} {f.Value:F4}")));
    }
}
