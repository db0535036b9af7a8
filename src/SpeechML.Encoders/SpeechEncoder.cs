using System.Globalization;
using SpeechML.Audio.Common;
using SpeechML.Audio.Options;
using SpeechML.Encoders;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML;

/// <summary>
/// A pretrained speech encoder as a TorchSharp module. Parameters have the names of the Hugging Face checkpoint,
/// without the task's prefix
/// (<c>encoder.layers.0.attention.q_proj.weight</c>, ...). Layers above <see cref="BuiltLayers"/> do not exist, nor
/// does a final layer norm that
/// comes after them.
/// </summary>
public abstract class SpeechEncoder : nn.Module
{
    private readonly EncoderSource _source;
    private readonly ModuleLifetime _lifetime;

    /// <summary>Creates the base.</summary>
    /// <param name="name">The module's name.</param>
    /// <param name="builtLayers">Transformer layers that are built.</param>
    /// <param name="source">What the encoder was built from.</param>
    private protected SpeechEncoder(string name, int builtLayers, EncoderSource source)
        : base(name)
    {
        BuiltLayers = builtLayers;
        _source = source;
        _lifetime = new ModuleLifetime(
            "speech encoder", "It can neither encode nor be saved any more: load it again.",
            () => base.Dispose(disposing: true));
    }

    /// <summary>The encoder's facts.</summary>
    public abstract EncoderConfig Config { get; }

    /// <summary>Transformer layers that were built: all, or only those up to the highest one in use.</summary>
    public int BuiltLayers { get; }

    /// <summary>
    /// The text of the <c>config.json</c> that it was built from; <see cref="EncoderLoader.Create"/> builds the same
    /// encoder from it.
    /// </summary>
    public string ConfigJson => _source.ConfigJson;

    /// <summary>What its feature extractor does beyond what <see cref="ConfigJson"/> says.</summary>
    public FeatureExtractorSettings Features => _source.Features;

    /// <summary>How much audio a Whisper encoder is shown for a short clip; of no effect on other encoders.</summary>
    public WhisperContext Context => _source.Context;

    /// <summary>
    /// The arithmetic of the encoder's products, as it was asked for. The default is
    /// <see cref="SpeechPrecision.Float32"/>.
    /// </summary>
    public SpeechPrecision Precision { get; private set; }

    /// <summary>Where the weights are.</summary>
    internal Device WeightDevice => modules().OfType<ProductModule>().First().WeightForm.device;

    /// <summary>Samples from one step of the last axis of its input features to the next: 1 of waveforms.</summary>
    internal virtual int InputHop => 1;

    /// <summary>
    /// Sets the arithmetic of the encoder's products. The weights stay float32; beside each a rounded copy is kept
    /// until the encoder is disposed or this is called again, half its size. Hidden states have 16 bits per value where
    /// the encoder's layers give them so. Not while another thread encodes.
    /// </summary>
    /// <param name="precision">The arithmetic; <see cref="SpeechPrecision.Auto"/> goes by the encoder and by where it
    /// is now.</param>
    /// <exception cref="ArgumentOutOfRangeException">The precision is not defined.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public void UsePrecision(SpeechPrecision precision)
    {
        if (!Enum.IsDefined(precision))
        {
            throw new ArgumentOutOfRangeException(
                nameof(precision),
                $"Precision: expected one of {string.Join(", ", Enum.GetNames<SpeechPrecision>())}, got {precision}.");
        }
        using ModuleLifetime.Use use = BeginUse();
        ScalarType? type = EncoderPrecision.TypeOf(precision, WeightDevice, Config.HiddenSize);
        EncoderPrecision.Apply(this, _ => type, trains: false);
        Precision = precision;
    }

    /// <summary>Refuses masks that the encoder cannot make.</summary>
    /// <exception cref="ArgumentException">The encoder makes no masks, or its checkpoint has no vector for masked
    /// frames.</exception>
    internal virtual void CheckMasking(SpecAugmentOptions options) => OptionChecks.Check(
        !options.IsOn, nameof(SpecAugmentOptions), $"no masks, because {GetType().Name} cannot make them", options);

    /// <summary>
    /// Turns mono clips at <see cref="EncoderConfig.SampleRate"/> into one padded batch of this encoder's input
    /// features, on the device of its weights.
    /// </summary>
    /// <param name="clips">Samples of each clip in [-1, 1].</param>
    /// <exception cref="ArgumentException">No clips, or one that is too short or too long for the encoder.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public abstract EncoderInput Prepare(IReadOnlyList<float[]> clips);

    /// <summary>
    /// As <see cref="Prepare(IReadOnlyList{float[]})"/>, for windows of a long clip.
    /// </summary>
    /// <param name="clips">Samples of each window.</param>
    /// <param name="levelled">Whether they were brought to <see cref="LevelOf"/> the clip that they are from.</param>
    internal virtual EncoderInput Prepare(IReadOnlyList<float[]> clips, bool levelled) => Prepare(clips);

    /// <summary>
    /// Mean and scale that the encoder normalises a clip by, of which a window's own would be others;
    /// <see langword="null"/> where it does not.
    /// </summary>
    internal virtual (double Mean, double Scale)? LevelOf(ReadOnlySpan<float> samples) => null;

    /// <summary>
    /// The front end: from features to hidden state 0 (batch, frames, hidden), the input of the first layer.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public abstract (Tensor Hidden, long[] Lengths) Embed(EncoderInput input);

    /// <summary>As <see cref="Embed(EncoderInput)"/>, with the masks of SpecAugment.</summary>
    /// <param name="input">The features.</param>
    /// <param name="masks">The masks of a training step; <see langword="null"/> for none.</param>
    internal virtual (Tensor Hidden, long[] Lengths) Embed(EncoderInput input, FeatureMasking? masks) =>
        masks is null ? Embed(input) : throw new NotSupportedException(
            $"SpecAugment: expected an encoder that makes masks, got {GetType().Name}.");

    /// <summary>
    /// Runs the layers on hidden state <paramref name="first"/> (0 after <see cref="Embed(EncoderInput)"/>), as far as
    /// the highest number to keep.
    /// </summary>
    /// <param name="hidden">Hidden state <paramref name="first"/>, (batch, frames, hidden). It stays the
    /// caller's.</param>
    /// <param name="lengths">Valid frames of each clip.</param>
    /// <param name="first">The number of the hidden state given.</param>
    /// <param name="keep">
    /// Numbers of the hidden states to return; <see langword="null"/> for all built.
    /// <see cref="EncodedFrames.LastHiddenState"/> comes with the
    /// number of the whole model's last layer.
    /// </param>
    /// <param name="prompt">Vectors (tokens, hidden) put before the frames of every clip; only with hidden state 0.
    /// Attention sees them, the results are without them.</param>
    /// <exception cref="ArgumentException">A prompt with another hidden state than 0.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number that is below <paramref name="first"/> or not
    /// built.</exception>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public abstract EncodedFrames RunLayers(
        Tensor hidden, long[] lengths, int first = 0, IReadOnlySet<int>? keep = null, Tensor? prompt = null);

    /// <summary>The parameters and buffers by name, those of submodules too.</summary>
    /// <param name="destination">A dictionary to add them to; <see langword="null"/> for a new one.</param>
    /// <param name="prefix">What the names begin with; <see langword="null"/> for nothing.</param>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    public override Dictionary<string, Tensor> state_dict(
        Dictionary<string, Tensor>? destination = null, string? prefix = null)
    {
        _lifetime.ThrowIfFreed();
        return base.state_dict(destination, prefix);
    }

    /// <summary>The whole encoder: <see cref="Embed(EncoderInput)"/>, then <see cref="RunLayers"/>.</summary>
    public EncodedFrames Encode(EncoderInput input, IReadOnlySet<int>? keep = null)
    {
        using ModuleLifetime.Use use = BeginUse();
        (Tensor hidden, long[] lengths) = Embed(input);
        using (hidden)
        {
            return RunLayers(hidden, lengths, 0, keep);
        }
    }

    /// <summary>
    /// Frames of a clip that attention sees: its valid frames, and for Whisper the silence after them. Beyond, a hidden
    /// state holds nothing that matters.
    /// </summary>
    /// <param name="validFrames">The clip's valid frames.</param>
    public virtual long AttendedFrames(long validFrames) => validFrames;

    /// <summary>
    /// What is pooled of a hidden state: frames (batch, frames, hidden), each <see cref="EncoderConfig.Hop"/> after the
    /// one before, with the number of valid ones per clip. For most encoders it is the state itself; SEW's inner states
    /// have fewer frames, which are repeated, and a frame of the Audio Spectrogram Transformer is the mean over its
    /// patches.
    /// </summary>
    /// <param name="state">A hidden state, or the last one.</param>
    /// <param name="lengths">What <see cref="Embed(EncoderInput)"/> gave.</param>
    /// <param name="isLast">Whether it is <see cref="EncodedFrames.LastHiddenState"/>.</param>
    /// <returns>A tensor of its own, also where it is the state itself.</returns>
    public virtual (Tensor Frames, long[] Lengths) FramesOf(Tensor state, long[] lengths, bool isLast = false)
    {
        ArgumentNullException.ThrowIfNull(state);
        return (state.alias(), lengths);
    }

    /// <summary>Tokens before the frames of a hidden state, which classifiers of Python pool; 0 for most.</summary>
    internal virtual int ClassTokens => 0;

    /// <summary>Begins a call, until whose end the weights stay even where another thread disposes.</summary>
    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    internal ModuleLifetime.Use BeginUse() => _lifetime.Begin();

    /// <exception cref="ObjectDisposedException">The encoder was disposed.</exception>
    internal void ThrowIfDisposed() => _lifetime.ThrowIfDisposed();

    /// <summary>Frees the weights, as soon as no call is in flight.</summary>
    /// <param name="disposing">Whether the caller disposes, rather than the finalizer.</param>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _lifetime.Dispose();
        }
        else
        {
            base.Dispose(disposing: false);
        }
    }

    /// <summary>Refuses clips that the encoder cannot take.</summary>
    /// <param name="clips">The clips.</param>
    /// <param name="cuts">Whether the encoder cuts clips that are too long.</param>
    private protected void CheckClips(IReadOnlyList<float[]> clips, bool cuts = false)
    {
        if (clips.Count == 0)
        {
            throw new ArgumentException(
                $"Clips for encoder '{Config.ModelType}': expected at least one, got none.", nameof(clips));
        }
        for (int clip = 0; clip < clips.Count; clip++)
        {
            long samples = clips[clip].LongLength;
            if (samples < Config.MinSamples)
            {
                throw new ArgumentException(
                    $"Clip {clip} has {samples} samples; encoder '{Config.ModelType}' expects at least " +
                    $"{Config.MinSamples}, enough for one frame.", nameof(clips));
            }
            if (!cuts && samples > Config.MaxSamples)
            {
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture,
                    $"Clip {clip} has {samples} samples; encoder '{Config.ModelType}' expects at most " +
                    $"{Config.MaxSamples} ({(double)Config.MaxSamples / Config.SampleRate} s at {Config.SampleRate} " +
                    $"Hz)."), nameof(clips));
            }
        }
    }

    /// <summary>A batch on the device of the weights.</summary>
    private protected static EncoderInput ToInput(float[] batch, long[] shape, long[] lengths, Tensor weight)
    {
        using DisposeScope scope = NewDisposeScope();
        return new EncoderInput(AlignedTensor.Of(batch, shape).to(weight.device).MoveToOuterDisposeScope(), lengths);
    }

    /// <summary>Hands results to the caller's dispose scope.</summary>
    private protected static EncodedFrames ToCallersScope(Dictionary<int, Tensor> states, Tensor? last, long[] lengths)
    {
        foreach (Tensor state in states.Values)
        {
            _ = state.MoveToOuterDisposeScope();
        }
        return new EncodedFrames(states, last?.MoveToOuterDisposeScope(), lengths);
    }
}
