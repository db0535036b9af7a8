using SpeechML.Audio.Options;
using SpeechML.Training.Losses;

namespace SpeechML;

/// <summary>
/// Names of what the regression trainer minimises. Options, configuration files and sweeps have the name.
/// </summary>
public static class RegressionLoss
{
    // Before the names, which add themselves to it.
    private static readonly NameRegistry<LossFactory<SpeechRegressionOptions>> s_all =
        new("Loss", $"{nameof(RegressionLoss)}.{nameof(Register)}");

    /// <summary>Mean squared error.</summary>
    public static string MeanSquared { get; } = s_all.Add("MeanSquared", (_, _) => new MeanSquaredErrorLoss());

    /// <summary>Huber's loss: squared up to <see cref="SpeechRegressionOptions.HuberDelta"/>, linear beyond.</summary>
    public static string Huber { get; } = s_all.Add("Huber", (options, _) => new HuberLoss(options.HuberDelta));

    /// <summary>1 minus Lin's concordance correlation (1989) over the batch; wants batches of at least 8.</summary>
    public static string Concordance { get; } = s_all.Add("Concordance", (_, _) => new ConcordanceLoss());

    /// <summary>All names, those that were registered too.</summary>
    public static IReadOnlyList<string> Names => s_all.Names;

    /// <summary>
    /// Gives a loss a name in this process, by which options, configuration files and sweeps can choose it. Scoring
    /// needs no loss: a model loads anywhere.
    /// </summary>
    /// <param name="name">A letter, then letters and digits. Case does not matter.</param>
    /// <param name="create">Makes it; its targets are (batch, numbers), NaN where a number is missing.</param>
    /// <returns>The name.</returns>
    /// <exception cref="ArgumentException">The name is none, or another loss has it.</exception>
    public static string Register(string name, LossFactory<SpeechRegressionOptions> create) => s_all.Add(name, create);

    /// <summary>The name as it was registered; one that is not known as it is.</summary>
    internal static string NameOf(string? name) => s_all.NameOf(name);

    /// <summary>The loss that the options choose.</summary>
    internal static Loss Create(SpeechRegressionOptions options, TaskData data) =>
        s_all.Get(options.Loss)(options, data);
}
