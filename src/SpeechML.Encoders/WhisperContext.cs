namespace SpeechML;

/// <summary>How much audio a Whisper encoder is shown for a short clip.</summary>
public enum WhisperContext
{
    /// <summary>Always 30 s, the rest silence: what Whisper was trained on and what Hugging Face computes.</summary>
    Exact30Seconds,

    /// <summary>
    /// The clip and one second of silence: about a tenth of the work on 3 s clips, nearly equal features.
    /// </summary>
    Trimmed,

    /// <summary>
    /// By the length of the clips that a trainer or featurizer is fitted on: <see cref="Trimmed"/> where half of the
    /// first 1,000 are at most 10 s long, else <see cref="Exact30Seconds"/>; the log says which. An encoder by itself
    /// takes it as <see cref="Exact30Seconds"/>.
    /// </summary>
    Auto,
}
