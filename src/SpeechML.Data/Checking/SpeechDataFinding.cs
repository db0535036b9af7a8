namespace SpeechML;

/// <summary>What can be wrong with data.</summary>
public enum SpeechDataProblem
{
    /// <summary>There is no file for a clip.</summary>
    MissingFile,

    /// <summary>The file is damaged, no audio, or cannot be opened.</summary>
    Unreadable,

    /// <summary>The file holds no samples.</summary>
    Empty,

    /// <summary>All samples are the same.</summary>
    Silent,

    /// <summary>The file ends before its header says.</summary>
    CutOff,

    /// <summary>The clip is shorter than the encoder's receptive field, or than asked for.</summary>
    TooShort,

    /// <summary>The clip is longer than the encoder takes, or than asked for.</summary>
    TooLong,

    /// <summary>The same samples under several names, or the same name several times.</summary>
    Duplicate,

    /// <summary>A subject has clips in several parts.</summary>
    SharedSubject,

    /// <summary>A label has a single class, in all data or in a part.</summary>
    OneClass,

    /// <summary>A subject under several spellings, all in one part; in several parts it is a
    /// <see cref="SharedSubject"/>.</summary>
    SimilarSubjects,

    /// <summary>A part with fewer than ten subjects.</summary>
    FewSubjects,

    /// <summary>A class under several spellings.</summary>
    SimilarValues,

    /// <summary>A class with less than one clip for 16 of the commonest.</summary>
    RareClass,

    /// <summary>Numbers that look like codes for "missing": 99, 999, -9.</summary>
    MissingCode,

    /// <summary>The channels cancel where their mean is taken.</summary>
    CancellingChannels,

    /// <summary>Samples lie beyond twice full scale.</summary>
    OutOfRange,

    /// <summary>The peaks lie below -46 dB of full scale.</summary>
    Quiet,

    /// <summary>The samples have a mean that is not 0.</summary>
    Offset,

    /// <summary>More than 0.1 % of the samples lie in runs of four or more at full scale.</summary>
    Clipped,

    /// <summary>The clips of two subjects sound like one person's.</summary>
    SimilarVoices,

    /// <summary>
    /// Nothing sounds in the upper part of what the sample rate could hold (found with
    /// <see cref="SpeechDataCheckOptions.MeasureVoice"/>).
    /// </summary>
    BandLimited,

    /// <summary>
    /// A telephone's band (8 kHz) or its 8 bits (found with <see cref="SpeechDataCheckOptions.MeasureVoice"/>).
    /// </summary>
    Telephone,

    /// <summary>
    /// Even the steepest falls of the level are slow: a room's echo (found with
    /// <see cref="SpeechDataCheckOptions.MeasureVoice"/>).
    /// </summary>
    Reverberant,

    /// <summary>
    /// Less than a second is voiced (found with <see cref="SpeechDataCheckOptions.MeasureVoice"/>).
    /// </summary>
    LittleVoice,

    /// <summary>
    /// The pitch lies at an end of the range in which it is looked for (found with
    /// <see cref="SpeechDataCheckOptions.MeasureVoice"/>).
    /// </summary>
    PitchAtEdge,

    /// <summary>
    /// Recordings differ by more than 20 dB in level: their intensities say more of gain than of voices (found with
    /// <see cref="SpeechDataCheckOptions.MeasureVoice"/>).
    /// </summary>
    UnlikeLevels,

    /// <summary>A part has no clip of a class that another part has.</summary>
    MissingClass,
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Problem">What.</param>
/// <param name="Name">The clip, subject or label.</param>
/// <param name="Message">What was expected and what was found, one sentence.</param>
/// <param name="Clips">The clips concerned.</param>
public sealed record SpeechDataFinding(
    SpeechDataProblem Problem, string Name, string Message, IReadOnlyList<string> Clips);
