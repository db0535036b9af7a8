namespace SpeechML.Recordings;

/// <summary>A window of a long clip.</summary>
/// <param name="Start">Its first sample.</param>
/// <param name="Length">Its samples.</param>
/// <param name="From">Its first frame that is pooled.</param>
/// <param name="To">The frame after the last that is pooled; those before and after are context.</param>
internal readonly record struct AudioWindow(int Start, int Length, int From, int To)
{
    /// <summary>Frames that are pooled.</summary>
    public int Frames => To - From;
}
