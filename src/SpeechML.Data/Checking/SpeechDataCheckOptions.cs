using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>What <c>mlContext.Speech().CheckData</c> looks at.</summary>
public sealed record SpeechDataCheckOptions
{
    /// <summary>Name of the text column that names the recordings, as for <c>LoadAudio</c>.</summary>
    [FormerName("AudioColumnName")]
    [IsText("the name of the column of recordings")]
    public required string AudioKeyColumnName { get; set; }

    /// <summary>
    /// The folder that names are relative to; <see langword="null"/>, the default, where the column holds full paths.
    /// </summary>
    public string? AudioFolder { get; set; }

    /// <summary>How the files lie in the folder. The default is <see cref="AudioLayout.Any"/>.</summary>
    public AudioLayout Layout { get; set; } = AudioLayout.Any;

    /// <summary>
    /// The channel that is loaded (see <see cref="AudioLoadingOptions.Channel"/>), whose levels are looked at;
    /// <see langword="null"/>, the default, for the mean of all.
    /// </summary>
    [InRange("a channel, the first is 0, or null for the mean", Min = 0)]
    public int? Channel { get; set; }

    /// <summary>Name of the text column that says who speaks; empty, the default: not known.</summary>
    [IsText("a column name, or an empty text for none", MayBeEmpty = true)]
    public string SubjectColumnName { get; set; } = "";

    /// <summary>
    /// Names of the label columns: text, keys, Booleans, numbers, and vectors of numbers (each slot is a label). The
    /// default is none.
    /// </summary>
    [IsText("a list of column names")]
    public IReadOnlyList<string> LabelColumnNames { get; set; } = [];

    /// <summary>
    /// Names of text columns (language, task, sex) by whose values labels, lengths and levels are counted. The default
    /// is none.
    /// </summary>
    [IsText("a list of column names")]
    public IReadOnlyList<string> GroupColumnNames { get; set; } = [];

    /// <summary>
    /// Name of a vector column, such as <c>EncodeSpeech</c> makes, by whose two principal components the report draws
    /// the clips (<see cref="SpeechDataReport.Map"/>); empty, the default: no map.
    /// </summary>
    [IsText("a column name, or an empty text for none", MayBeEmpty = true)]
    public string EmbeddingColumnName { get; set; } = "";

    /// <summary>
    /// Name of a vector column of speakers' embeddings, as <c>EmbedSpeaker</c> makes it, by which subjects are found
    /// who sound like one another: perhaps one person under two identifiers. Needs <see cref="SubjectColumnName"/>.
    /// Empty, the default: not looked at.
    /// </summary>
    [IsText("a column name, or an empty text for none", MayBeEmpty = true)]
    public string SpeakerColumnName { get; set; } = "";

    /// <summary>
    /// The encoder that is to be trained (see <c>SpeechEncodingOptions.Encoder</c>): clips shorter than its receptive
    /// field are found, and those that are too long by <see cref="LongAudio"/>. Only its configuration is read, but an
    /// encoder on the Hub is downloaded as a whole. Empty, the default: not looked at.
    /// </summary>
    [IsText("an encoder, or an empty text for none", MayBeEmpty = true)]
    public string Encoder { get; set; } = "";

    /// <summary>
    /// What training does with clips that are longer than <see cref="Encoder"/> is given at once: the options of the
    /// trainer. With <see cref="LongAudioRule.Error"/> and <see cref="LongAudioRule.Truncate"/> such clips are found;
    /// with windows, the default, and pieces none is too long.
    /// </summary>
    public LongAudioOptions LongAudio { get; set; } = new();

    /// <summary>Shortest clip, in seconds; 0, the default, for no limit but the encoder's.</summary>
    [InRange("0 s or more", Min = 0)]
    public double MinSeconds { get; set; }

    /// <summary>
    /// Longest clip, in seconds, more than <see cref="MinSeconds"/>; <see cref="double.PositiveInfinity"/>, the
    /// default, for no limit but the encoder's (see <see cref="LongAudio"/>).
    /// </summary>
    [InRange("0 s or more", Min = 0, MayBeInfinite = true)]
    public double MaxSeconds { get; set; } = double.PositiveInfinity;

    /// <summary>
    /// Whether voices are measured (the first minute of each clip, about 2 % of its length), so that recordings in
    /// which acoustic measures lie are found: band limits, telephone, reverberation, little voice, pitch at the edge of
    /// its range, unlike levels; and so that the 54 measures are compared by label
    /// (<see cref="SpeechDataReport.Measures"/>) and clips far from the others are named. The default is
    /// <see langword="false"/>.
    /// </summary>
    public bool MeasureVoice { get; set; }

    /// <summary>
    /// How intervals of measures are made. The default is 1000 resamples of subjects, percentiles.
    /// </summary>
    public SubjectBootstrapOptions Resampling { get; set; } =
        new() { Resamples = 1000, Method = IntervalMethod.Percentile };

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate()
    {
        OptionModel.Of(typeof(SpeechDataCheckOptions)).Validate(this);
        OptionChecks.Check(SpeakerColumnName.Length == 0 || SubjectColumnName.Length > 0, nameof(SubjectColumnName),
            $"a column, because {nameof(SpeakerColumnName)} is set", SubjectColumnName);
        OptionChecks.Check(MaxSeconds > MinSeconds, nameof(MaxSeconds),
            FormattableString.Invariant($"more than {nameof(MinSeconds)}, {MinSeconds} s"), MaxSeconds);
    }
}

/// <summary>How far a check of the data is.</summary>
/// <param name="Clips">Clips looked at.</param>
/// <param name="Total">Clips in all.</param>
public readonly record struct SpeechDataProgress(int Clips, int Total);
