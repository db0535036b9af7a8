using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>What happens where a run of the same name is there already.</summary>
public enum ExistingRun
{
    /// <summary>An error: nothing is overwritten.</summary>
    Fail,

    /// <summary>The new run gets the next number: <c>name-2</c>, <c>name-3</c>, ...</summary>
    NextNumber,

    /// <summary>
    /// The run there is resumed (with <see cref="CheckpointOptions.Folder"/> its training, too);
    /// its settings must be the same.
    /// </summary>
    Resume,
}

/// <summary>How a run folder is made.</summary>
public sealed class SpeechRunOptions
{
    /// <summary>
    /// Name of the run's folder; empty for one that is derived from the settings (equal settings, equal name).
    /// </summary>
    public string Name { get; set; } = "";

    /// <summary>What happens where a run of that name is there already.</summary>
    public ExistingRun WhenExists { get; set; } = ExistingRun.Fail;

    /// <summary>Whether TensorBoard event files are written, in <c>tensorboard/</c>.</summary>
    public bool TensorBoard { get; set; } = true;

    /// <summary>
    /// How many of the clips that the model got most wrong are kept in <c>clips/</c> as 16-bit WAV files, to be looked
    /// at
    /// and listened to in the report; 0 for none. They are copies of
    /// recordings: choose 0 where these must not leave their place.
    /// </summary>
    public int WorstClips { get; set; } = 6;

    /// <summary>Resamples of the intervals, which draw subjects; 0 for no intervals.</summary>
    public int Resamples { get; set; } = 1000;

    /// <summary>
    /// Is told what the run is told, such as a <see cref="TextProgress"/>; <see langword="null"/> for none.
    /// </summary>
    public IProgress<TrainingProgress>? Progress { get; set; }

    internal void Validate()
    {
        OptionChecks.CheckEnum(WhenExists, nameof(WhenExists));
        OptionChecks.Check(WorstClips >= 0, nameof(WorstClips), "0 (none) or more", WorstClips);
        OptionChecks.Check(Resamples >= 0, nameof(Resamples), "0 (no intervals) or more", Resamples);
        OptionChecks.Check(Name is not null && Name.AsSpan().IndexOfAny(['/', '\\']) < 0 && Name is not ("." or ".."),
            nameof(Name), "the name of a folder, without its path", Name);
    }
}

/// <summary>
/// Which columns of the data a run reads. Names of text columns may be empty: there is no such column.
/// </summary>
public sealed class SpeechRunColumns
{
    /// <summary>The label: a key, a Boolean, a number or a vector of 1, 0 and NaN, as the trainer takes it.</summary>
    public string Label { get; set; } = "Label";

    /// <summary>Text that names the clip; empty: its row number.</summary>
    public string Uid { get; set; } = "";

    /// <summary>Text that says who speaks, by which intervals are made; empty: unknown, and there are none.</summary>
    public string Subject { get; set; } = "";

    /// <summary>
    /// The ratings behind the labels, of the label's shape (<c>LoadMetadata</c> gives <c>Ratings</c>); empty: only
    /// labels.
    /// </summary>
    public string Rating { get; set; } = "";

    /// <summary>The audio, of which the worst clips are kept; where there is no such column, none are.</summary>
    public string Audio { get; set; } = "Audio";

    /// <summary>The model's score column.</summary>
    public string Score { get; set; } = "Score";

    /// <summary>The model's probability column.</summary>
    public string Probability { get; set; } = "Probability";

    /// <summary>The model's column of decisions.</summary>
    public string PredictedLabel { get; set; } = "PredictedLabel";
}
