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
}
