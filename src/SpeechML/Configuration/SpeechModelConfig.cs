using SpeechML.Audio.Options;
using SpeechML.Configuration;
using SpeechML.Tasks;

namespace SpeechML;

/// <summary>The second file of a configured run, <c>model.json</c>: what is learned, and by which trainer.</summary>
public sealed record SpeechModelConfig : IConfigVariants
{
    /// <summary>What is learned; it decides the class of <see cref="Trainer"/>.</summary>
    [FormerValue("Classification", nameof(SpeechTask.Multiclass))]
    public required SpeechTask Task { get; set; }

    /// <summary>
    /// The column to learn: a rated feature or any other column of the metadata. With <see
    /// cref="SpeechTask.MultiLabel"/> all features, <c>Labels</c>; with <see cref="SpeechTask.Regression"/> several
    /// columns as well, separated by commas. The default is <c>Labels</c>.
    /// </summary>
    [IsText("a column name, or several of numbers")]
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

    /// <summary>
    /// Whether a linear and a tree model on <see cref="SpeechTrainingOptions.ExtraFeatures"/> of the same clips, or on
    /// their acoustic measures where there are none, are put beside the network, with paired intervals
    /// (<c>run.EvaluateBaselines</c>). The default is <see langword="true"/>.
    /// </summary>
    [DoesNotAffectResult]
    public bool Baselines { get; set; } = true;

    Type IConfigVariants.TypeOf(string property) => TaskDescription.Of(Task).Options;

    IReadOnlyDictionary<string, Type> IConfigVariants.AllTypesOf(string property) =>
        TaskDescription.All.ToDictionary(t => t.Task.ToString(), t => t.Options);

    string IConfigVariants.Selector => nameof(Task);
}
