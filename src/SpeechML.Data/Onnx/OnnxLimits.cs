namespace SpeechML.Data.Onnx;

/// <summary>What an encoder takes, and what becomes of longer clips.</summary>
internal sealed record OnnxLimits
{
    /// <summary>The encoder's family, for messages.</summary>
    public required string Family { get; init; }

    /// <summary>Hz.</summary>
    public required int SampleRate { get; init; }

    /// <summary>The fewest samples of a clip.</summary>
    public required int MinSamples { get; init; }

    /// <summary>Samples that give one frame; absent where <see cref="MinSamples"/> do.</summary>
    public int? FirstFrame { get; init; }

    /// <summary>Samples that each further frame takes.</summary>
    public required int Hop { get; init; }

    /// <summary>Samples that are taken at once; absent without a limit.</summary>
    public long? Whole { get; init; }

    /// <summary>What becomes of longer clips.</summary>
    public required LongAudioRule Rule { get; init; }

    /// <summary>Samples of a window.</summary>
    public int Window { get; init; }

    /// <summary>Frames from one window to the next.</summary>
    public int Step { get; init; }

    /// <summary>Whether frames of all windows are pooled together, or else their probabilities averaged.</summary>
    public bool PoolsTogether { get; init; }

    /// <summary>Whether a recording is normalised before it is cut.</summary>
    public bool Normalizes { get; init; }

    /// <summary>Frames of so many samples.</summary>
    public long Frames(long samples) => (samples - (FirstFrame ?? MinSamples)) / Hop + 1;

    public bool IsLong(long samples) => samples > (Whole ?? long.MaxValue);

    public bool IsCut(long samples) => Rule == LongAudioRule.Windows && IsLong(samples);

    public string? Check() =>
        SampleRate is < 1 or > 1_000_000 ? $"sampleRate: {SampleRate}"
            : MinSamples < 1 ? $"minSamples: {MinSamples}"
            : FirstFrame < 1 || FirstFrame > MinSamples ? $"firstFrame: {FirstFrame}"
            : Hop < 1 ? $"hop: {Hop}"
            : Rule == LongAudioRule.RandomCrop ? $"rule: {Rule}"
            : Whole < MinSamples ? $"whole: {Whole}"
            : Rule == LongAudioRule.Windows && (Window < MinSamples || Window > (Whole ?? int.MaxValue))
                ? $"window: {Window}"
            : Rule == LongAudioRule.Windows && (Step < 1 || Step > Frames(Window)) ? $"step: {Step}"
            : null;
}
