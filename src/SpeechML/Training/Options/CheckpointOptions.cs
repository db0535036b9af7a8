using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>Checkpoints, from which a training that was interrupted resumes.</summary>
public sealed record CheckpointOptions
{
    /// <summary>
    /// A folder of this training's own for checkpoints; empty, the default, for none. A training that finds its own
    /// checkpoint there (same options, data and initial weights) resumes from it; one that finds another's fails.
    /// </summary>
    [DoesNotAffectResult]
    [IsText("a folder, or an empty text for none", MayBeEmpty = true)]
    [FormerName("CheckpointFolder")]
    public string Folder { get; set; } = "";

    /// <summary>
    /// With <see cref="Folder"/>: epochs between checkpoints. The end of the training is always written. The default
    /// is 1.
    /// </summary>
    [DoesNotAffectResult]
    [InRange("at least 1", Min = 1)]
    [FormerName("CheckpointEveryEpochs")]
    public int EveryEpochs { get; set; } = 1;

    /// <summary>
    /// With <see cref="Folder"/>: optimizer steps between checkpoints within epochs; 0, the default, for none there.
    /// </summary>
    [DoesNotAffectResult]
    [InRange("0 (none within epochs) or more", Min = 0)]
    [FormerName("CheckpointEverySteps")]
    public int EverySteps { get; set; }
}
