using SpeechML.Audio.Options;
using SpeechML.Configuration;

namespace SpeechML;

/// <summary>What a run learns; the name of its trainer's options is <c>Speech&lt;task&gt;Options</c>.</summary>
public enum SpeechTask
{
    /// <summary>Several labels per clip, each present or not: <see cref="SpeechMultiLabelOptions"/>.</summary>
    MultiLabel,

    /// <summary>One of several classes: <see cref="SpeechClassificationOptions"/>.</summary>
    Classification,

    /// <summary>Yes or no: <see cref="SpeechBinaryOptions"/>.</summary>
    Binary,

    /// <summary>One of several classes that have an order: <see cref="SpeechOrdinalOptions"/>.</summary>
    Ordinal,

    /// <summary>A number: <see cref="SpeechRegressionOptions"/>.</summary>
    Regression,
}

/// <summary>The second file of a configured run, <c>model.json</c>: what is learned, and by which trainer.</summary>
public sealed record SpeechModelConfig : IConfigVariants
{
    /// <summary>What is learned.</summary>
    public required SpeechTask Task { get; set; }

    /// <summary>
    /// The column to learn: a rated feature or any other column of the metadata. With <see
    /// cref="SpeechTask.MultiLabel"/> all features, <c>Labels</c>. The default is <c>Labels</c>.
    /// </summary>
    [IsText("a column name")]
    public string Label { get; set; } = "Labels";

    /// <summary>
    /// With <see cref="SpeechTask.Binary"/> and a column of text: the value that means yes. (Of a rated feature, a
    /// rating from the threshold up does.) The default is empty: none.
    /// </summary>
    public string PositiveValue { get; set; } = "";

    /// <summary>The trainer's options; their class is that of <see cref="Task"/>.</summary>
    public SpeechTrainingOptions Trainer { get; set; } = new SpeechMultiLabelOptions();

    /// <summary>
    /// How many of the clips that the model got most wrong are kept in the run's folder, copies of recordings (<see
    /// cref="SpeechRunOptions.WorstClips"/>); 0 for none. The default is 6.
    /// </summary>
    [DoesNotAffectResult]
    [InRange("0 (none) or more", Min = 0)]
    public int WorstClips { get; set; } = 6;

    /// <summary>Resamples of the intervals, which draw subjects; 0 for no intervals. The default is 1000.</summary>
    [InRange("0 (no intervals) or more", Min = 0)]
    public int Resamples { get; set; } = 1000;

    Type IConfigVariants.TypeOf(string property) => OptionsOf(Task);

    IReadOnlyDictionary<string, Type> IConfigVariants.AllTypesOf(string property) =>
        Enum.GetValues<SpeechTask>().ToDictionary(t => t.ToString(), OptionsOf);

    string IConfigVariants.Selector => nameof(Task);

    private static Type OptionsOf(SpeechTask task) =>
        typeof(SpeechTrainingOptions).Assembly.GetType($"{nameof(SpeechML)}.Speech{task}Options", throwOnError: true)!;
}
