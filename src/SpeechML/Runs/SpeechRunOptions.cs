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
    /// Name of the run's folder; empty, the default, for one that is derived from the settings (equal settings, equal
    /// name).
    /// </summary>
    [DoesNotAffectResult]
    [IsText("the name of a folder without its path, or an empty text", MayBeEmpty = true)]
    public string Name { get; set; } = "";

    /// <summary>What happens where a run of that name is there already. The default is an error.</summary>
    [DoesNotAffectResult]
    public ExistingRun WhenExists { get; set; } = ExistingRun.Fail;

    /// <summary>
    /// Whether TensorBoard event files are written, in <c>tensorboard/</c>. The default is <see langword="true"/>.
    /// </summary>
    [DoesNotAffectResult]
    public bool TensorBoard { get; set; } = true;

    /// <summary>
    /// How many of the clips that the model got most wrong are kept in <c>clips/</c> as 16-bit WAV files, to be looked
    /// at and listened to in the report; 0 for none. They are copies of recordings: choose 0 where these must not leave
    /// their place. The default is 6.
    /// </summary>
    [DoesNotAffectResult]
    [InRange("0 (none) or more", Min = 0)]
    public int WorstClips { get; set; } = 6;

    /// <summary>
    /// How many of the worst clips are explained (<c>mlContext.Speech().Explain</c>, occlusion over time), and as many
    /// of those with the most usual loss, which are kept like them; at most <see cref="WorstClips"/>. All together take
    /// as many scorings as the part has clips, at least 48: the segments are as long as that needs. Clips that are cut
    /// into windows are left out. 0 for none. The default is 2.
    /// </summary>
    [DoesNotAffectResult]
    [InRange("0 (none) or more", Min = 0)]
    public int ExplainedClips { get; set; } = 2;

    /// <summary>Resamples of the intervals, which draw subjects; 0 for no intervals. The default is 1000.</summary>
    [InRange("0 (no intervals) or more", Min = 0)]
    public int Resamples { get; set; } = 1000;

    /// <summary>
    /// Is told what the run is told, such as a <see cref="TextProgress"/>; <see langword="null"/>, the default, for
    /// none.
    /// </summary>
    [DoesNotAffectResult]
    [InCodeOnly("an observer, or null")]
    public IProgress<TrainingProgress>? Progress { get; set; }

    internal void Validate()
    {
        OptionModel.Of(typeof(SpeechRunOptions)).Validate(this);
        OptionChecks.Check(Name.AsSpan().IndexOfAny(['/', '\\']) < 0 && Name is not ("." or ".."), nameof(Name),
            "the name of a folder without its path, or an empty text", Name);
    }
}

/// <summary>
/// Which columns of the data a run reads. Names of text columns may be empty: there is no such column.
/// </summary>
public sealed class SpeechRunColumns
{
    /// <summary>
    /// The label: a key, a Boolean, a number or a vector of 1, 0 and NaN, as the trainer takes it. The default is
    /// <c>Label</c>.
    /// </summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string Label { get; set; } = "Label";

    /// <summary>Text that names the clip; empty, the default: its row number.</summary>
    [DoesNotAffectResult]
    [IsText("a column name, or an empty text for none", MayBeEmpty = true)]
    public string AudioKey { get; set; } = "";

    /// <summary>
    /// Text that says who speaks, by which intervals are made; empty, the default: unknown, and there are none.
    /// </summary>
    [IsText("a column name, or an empty text for none", MayBeEmpty = true)]
    public string Subject { get; set; } = "";

    /// <summary>
    /// The ratings behind the labels, of the label's shape (<c>LoadMetadata</c> gives <c>Ratings</c>); empty, the
    /// default: only labels.
    /// </summary>
    [IsText("a column name, or an empty text for none", MayBeEmpty = true)]
    public string Rating { get; set; } = "";

    /// <summary>
    /// The audio, of which the worst clips are kept; where there is no such column, none are. The default is
    /// <c>Audio</c>.
    /// </summary>
    [DoesNotAffectResult]
    [IsText("a column name, or an empty text for none", MayBeEmpty = true)]
    public string Audio { get; set; } = "Audio";

    /// <summary>The model's score column. The default is <c>Score</c>.</summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string Score { get; set; } = "Score";

    /// <summary>The model's probability column. The default is <c>Probability</c>.</summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string Probability { get; set; } = "Probability";

    /// <summary>The model's column of decisions. The default is <c>PredictedLabel</c>.</summary>
    [DoesNotAffectResult]
    [IsText("a column name")]
    public string PredictedLabel { get; set; } = "PredictedLabel";

    internal void Validate() => OptionModel.Of(typeof(SpeechRunColumns)).Validate(this, "Columns.");
}
