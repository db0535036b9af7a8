using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// The first file of a configured run, <c>load.json</c>: which clips, how they are divided, what is done to the audio.
/// </summary>
public sealed record SpeechLoadConfig
{
    /// <summary>The metadata (CSV or JSON). Relative paths are relative to the current directory.</summary>
    [IsText("the path of a CSV or JSON file")]
    public required string MetadataFile { get; set; }

    /// <summary>What the metadata's columns mean.</summary>
    public required SpeechMetadataColumns Columns { get; set; }

    /// <summary>The tasks to use; empty, the default, for all.</summary>
    public IReadOnlyList<string> Tasks { get; set; } = [];

    /// <summary>
    /// The rated features to use; empty, the default, for all of <see cref="SpeechMetadataColumns.Features"/>. Where
    /// those are empty, these are the rated features.
    /// </summary>
    public IReadOnlyList<string> Features { get; set; } = [];

    /// <summary>
    /// How many clips to use at most, in balance over tasks and features and drawn by the split's seed; <see
    /// langword="null"/>, the default, for all. For trying whether a run works.
    /// </summary>
    [InRange("at least 1 clip, or null", Min = 1)]
    public int? MaxClips { get; set; }

    /// <summary>Smallest rating that is positive. The default is 2.</summary>
    [InRange("a rating")]
    public double RatingThreshold { get; set; } = 2;

    /// <summary>
    /// The folder that names of clips are relative to; empty, the default, where they are full paths.
    /// </summary>
    public string AudioFolder { get; set; } = "";

    /// <summary>Layout of the folder, and what to do with files that are cut off or silent.</summary>
    public AudioLoadingOptions Audio { get; set; } = new();

    /// <summary>How clips are divided by subject, where <see cref="SplitFile"/> is empty.</summary>
    public SubjectSplitOptions Split { get; set; } = new();

    /// <summary>
    /// Columns whose values are balanced beside the features, the tasks and a label of texts. The default is none.
    /// </summary>
    public IReadOnlyList<string> StratifyColumns { get; set; } = [];

    /// <summary>A saved split to use instead (CSV or JSON). The default is empty: none.</summary>
    public string SplitFile { get; set; } = "";

    /// <summary>The sample rate that audio is brought to (Hz). The default is 16000.</summary>
    [InRange("at least 1 Hz", Min = 1)]
    public int SampleRate { get; set; } = 16_000;

    /// <summary>Cut silence by level; <see langword="null"/> for no.</summary>
    public SilenceTrimmingOptions? TrimSilence { get; set; }

    /// <summary>Cut what is before and after voice; <see langword="null"/> for no.</summary>
    public VoiceActivityOptions? TrimToVoice { get; set; }

    /// <summary>Seconds left out at the beginning of each clip, after trimming. The default is 0.</summary>
    [InRange("0 s or more", Min = 0)]
    public double OffsetSeconds { get; set; }

    /// <summary>Seconds kept at most of each clip; <see langword="null"/>, the default, for all.</summary>
    [InRange("a time above 0 s, or null", Above = 0)]
    public double? MaxSeconds { get; set; }

    /// <summary>How the level is changed, last; <see langword="null"/>, the default, for not at all.</summary>
    public AudioNormalization? Normalize { get; set; }

    /// <summary>
    /// Random changes of the training clips, one after the other (see <see cref="AudioAugmentation.ToJson"/>); empty,
    /// the default, for none.
    /// </summary>
    public IReadOnlyList<AudioAugmentation> Augmentation { get; set; } = [];

    /// <summary>
    /// Seed of the random changes. <see langword="null"/>, the default, for that of the <c>MLContext</c>, or 0 where it
    /// has none.
    /// </summary>
    [InRange("any whole number")]
    public int? AugmentationSeed { get; set; }

    /// <summary>
    /// The same with full paths, so that it means the same wherever it is read. Addresses with a scheme (<c>gs://</c>)
    /// stay as they are.
    /// </summary>
    public SpeechLoadConfig WithFullPaths() =>
        this with { MetadataFile = Full(MetadataFile), AudioFolder = Full(AudioFolder), SplitFile = Full(SplitFile) };

    private static string Full(string path) =>
        path.Length == 0 || path.Contains("://", StringComparison.Ordinal) ? path : Path.GetFullPath(path);
}
