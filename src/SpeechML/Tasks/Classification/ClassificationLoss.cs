using SpeechML.Audio.Options;
using SpeechML.Training.Losses;

namespace SpeechML;

/// <summary>
/// Names of what the multi-class trainer minimises. Options, configuration files and sweeps have the name.
/// </summary>
public static class ClassificationLoss
{
    // Before the names, which add themselves to it.
    private static readonly NameRegistry<LossFactory<SpeechClassificationOptions>> s_all =
        new("Loss", $"{nameof(ClassificationLoss)}.{nameof(Register)}");

    /// <summary>Cross-entropy (focal, with <see cref="SpeechClassificationOptions.FocalGamma"/>).</summary>
    public static string CrossEntropy { get; } = s_all.Add("CrossEntropy", (options, data) => options.FocalGamma > 0
        ? new MulticlassFocalLoss(options.FocalGamma, data.ClassWeights)
        : new CrossEntropyLoss(data.ClassWeights, options.LabelSmoothing));

    /// <summary>All names, those that were registered too.</summary>
    public static IReadOnlyList<string> Names => s_all.Names;

    /// <summary>
    /// Gives a loss a name in this process, by which options, configuration files and sweeps can choose it. Scoring
    /// needs no loss: a model loads anywhere.
    /// </summary>
    /// <param name="name">A letter, then letters and digits. Case does not matter.</param>
    /// <param name="create">Makes it; its targets are class numbers (batch).</param>
    /// <returns>The name.</returns>
    /// <exception cref="ArgumentException">The name is none, or another loss has it.</exception>
    public static string Register(string name, LossFactory<SpeechClassificationOptions> create) =>
        s_all.Add(name, create);

    /// <summary>The name as it was registered; one that is not known as it is.</summary>
    internal static string NameOf(string? name) => s_all.NameOf(name);

    /// <summary>The loss that the options choose.</summary>
    internal static Loss Create(SpeechClassificationOptions options, TaskData data) =>
        s_all.Get(options.Loss)(options, data);
}
