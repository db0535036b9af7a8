namespace SpeechML.Data.Onnx;

/// <summary>
/// Names in the ONNX files that SpeechML writes, by which SpeechML.Onnx runs parts of a graph. Those of values begin
/// with <see cref="Own"/>, so that no column has one.
/// </summary>
internal static class OnnxParts
{
    public const string Own = "speechml.";

    public const string AudioInput = "audio";
    public const string LengthsInput = "lengths";
    public const string FeaturesInput = "features";

    /// <summary>(batch, samples): normalised, by the nodes in the scope <see cref="Normalization"/>.</summary>
    public const string Waveform = Own + "waveform";

    /// <summary>(batch, frames, size): what is pooled.</summary>
    public const string Frames = Own + "frames";

    /// <summary>(batch): frames that count.</summary>
    public const string FrameLengths = Own + "frame_lengths";

    /// <summary>(batch, frames, 1): a learned pooling's scores of frames.</summary>
    public const string FrameScores = Own + "frame_scores";

    /// <summary>(batch, size). Behind it are the scopes <see cref="Head"/> and <see cref="Output"/>.</summary>
    public const string Pooled = Own + "pooled";

    /// <summary>(batch, outputs). The nodes behind it are in the scope <see cref="Output"/>.</summary>
    public const string Logits = Own + "logits";

    /// <summary>The output with the frames of each clip that count.</summary>
    public const string FrameLengthsOutput = "FrameLengths";

    public const string Normalization = "normalize";
    public const string Head = "head";
    public const string Output = "output";

    /// <summary>Keys of <c>metadata_props</c>.</summary>
    public const string FormatKey = Own + "format";
    public const string DescriptionKey = Own + "description";
    public const string ManifestKey = Own + "manifest";
    public const string LabelsKey = Own + "labels";
    public const string FeaturesKey = Own + "features";
    public const string SampleRateKey = Own + "sample_rate";
}
