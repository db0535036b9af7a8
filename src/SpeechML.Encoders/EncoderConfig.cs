using SpeechML.Encoders;
namespace SpeechML;

/// <summary>
/// The facts of an encoder that the rest of the library needs, derived from its <c>config.json</c> and never stored
/// twice.
/// </summary>
public abstract record EncoderConfig
{
    /// <summary>Layers that a configuration may ask for; the largest published encoder has 48.</summary>
    private protected const int MaxLayers = 1000;

    /// <summary>
    /// The family as <c>config.json</c> names it (<c>model_type</c>): <c>hubert</c>, <c>whisper</c>, ...
    /// </summary>
    public required string ModelType { get; init; }

    /// <summary>Size of a frame's vector.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Transformer layers of the whole pretrained model.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Sample rate of the audio it takes, in Hz.</summary>
    public required int SampleRate { get; init; }

    /// <summary>
    /// Longest clip, in samples; longer ones must be cut first (the Audio Spectrogram Transformer ignores what is
    /// beyond). <see langword="null"/> where there is no limit.
    /// </summary>
    public abstract long? MaxSamples { get; }

    /// <summary>Shortest clip that yields a frame (the receptive field of the conv front end), in samples.</summary>
    public abstract long MinSamples { get; }

    /// <summary>Samples from one frame to the next.</summary>
    public abstract int Hop { get; }

    /// <summary>The parameters of the whole pretrained model in groups.</summary>
    internal abstract EncoderParameterGroups Groups { get; }

    /// <summary>
    /// Names of the linear maps in each layer that LoRA can adapt, attention first (<c>q_proj</c>, <c>k_proj</c>,
    /// <c>v_proj</c>, <c>out_proj</c>, ...).
    /// </summary>
    public abstract IReadOnlyList<string> AdaptableLinears { get; }

    /// <summary>Valid frames of a clip of that many samples.</summary>
    public abstract long FrameCount(long samples);
}
