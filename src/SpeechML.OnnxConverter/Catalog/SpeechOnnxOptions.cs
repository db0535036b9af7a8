namespace SpeechML;

/// <summary>How a model is written as ONNX.</summary>
public sealed record SpeechOnnxOptions
{
    /// <summary>
    /// Whether weights are float16: half the file, and scores that differ in the third digit. Everything is computed in
    /// float32 all the same. The default is <see langword="false"/>.
    /// </summary>
    public bool HalfWeights { get; set; }

    /// <summary>
    /// Whether the frames that are pooled are outputs too: <c>Frames</c>, float32 (batch, frames, size), and
    /// <c>FrameLengths</c>, int64 (batch), the frames of each clip that count. The default is <see langword="false"/>.
    /// </summary>
    public bool Frames { get; set; }
}
