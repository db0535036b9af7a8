using SpeechML.Audio.Common;
using SpeechML.Encoders.Layers;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Whisper;

/// <summary>The encoder of Whisper (Radford et al. 2022).</summary>
internal sealed class WhisperEncoder : SpeechEncoder
{
    private readonly WhisperConfig _config;
    private readonly LogMelSpectrogram _features;

    [ComponentName(Name = "conv1")]
    private readonly TimeConvolution _first;

    [ComponentName(Name = "conv2")]
    private readonly TimeConvolution _second;

    [ComponentName(Name = "embed_positions")]
    private readonly PositionTable _positions;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<EncoderLayer> _layers;

    [ComponentName(Name = "layer_norm")]
    private readonly LayerNormalization? _norm;

    /// <param name="config">The encoder's facts.</param>
    /// <param name="source">Where the facts are from.</param>
    /// <param name="layers">Layers to build.</param>
    /// <param name="attention">Makes the attention of a layer.</param>
    public WhisperEncoder(WhisperConfig config, EncoderSource source, int layers, Func<int, SelfAttention> attention)
        : base(config.ModelType, layers, source)
    {
        _config = config;
        _features = new LogMelSpectrogram(config.Mels, config.SampleRate, config.MaxMelFrames);
        _first = new TimeConvolution(config.Mels, config.HiddenSize, kernel: 3, stride: 1, padding: 1, bias: true);
        _second = new TimeConvolution(
            config.HiddenSize, config.HiddenSize, kernel: 3, stride: WhisperConfig.MelFramesPerFrame, padding: 1,
            bias: true);
        _positions = new PositionTable(config.Positions, config.HiddenSize);
        _layers = new ModuleList<EncoderLayer>(
            [.. Enumerable.Range(0, layers).Select(layer => new WhisperLayer(config, attention(layer)))]);
        _norm = layers == config.LayerCount ? new LayerNormalization(config.HiddenSize, WhisperConfig.LayerNormEpsilon)
            : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override EncoderConfig Config => _config;

    /// <inheritdoc/>
    internal override int InputHop => LogMelSpectrogram.Hop;

    internal IReadOnlyList<EncoderLayer> Layers => [.. _layers];

    /// <summary>
    /// Mel frames of silence that the encoder sees after a clip when <see cref="WhisperContext.Trimmed"/>: one second.
    /// </summary>
    private int MarginMelFrames =>
        _config.SampleRate / LogMelSpectrogram.Hop / WhisperConfig.MelFramesPerFrame * WhisperConfig.MelFramesPerFrame;

    /// <inheritdoc/>
    public override EncoderInput Prepare(IReadOnlyList<float[]> clips)
    {
        CheckClips(clips);
        using ModuleLifetime.Use use = BeginUse();
        long[] speech = [.. clips.Select(clip => _features.SpeechFrames(clip.LongLength))];
        int frames = (int)speech.Max(VisibleMelFrames);
        float[] batch = new float[clips.Count * _config.Mels * frames];
        Parallel.For(0, clips.Count, clip =>
            _features.Compute(clips[clip], (int)VisibleMelFrames(speech[clip]),
                batch.AsSpan(clip * _config.Mels * frames, _config.Mels * frames), frames));
        return ToInput(batch, [clips.Count, _config.Mels, frames], speech, _first.Weight);
    }

    /// <inheritdoc/>
    public override long AttendedFrames(long validFrames) => Context == WhisperContext.Exact30Seconds
        ? _config.Positions
        : Math.Min(validFrames + (MarginMelFrames / WhisperConfig.MelFramesPerFrame), _config.Positions);

    /// <inheritdoc/>
    public override (Tensor Hidden, long[] Lengths) Embed(EncoderInput input) => Embed(input, null);

    /// <inheritdoc/>
    internal override (Tensor Hidden, long[] Lengths) Embed(EncoderInput input, FeatureMasking? masks)
    {
        using ModuleLifetime.Use use = BeginUse();
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Convolve(masks is null ? input : input with { Values = Mask(input, masks) });
        hidden = TensorMath.Add(hidden, _positions.First(hidden.shape[1]));
        return (TensorMath.Dropout(hidden, _config.Dropout, training).MoveToOuterDisposeScope(),
            [.. input.Lengths.Select(WhisperConfig.FramesOf)]);
    }

    /// <inheritdoc/>
    internal override void CheckMasking(SpecAugmentOptions options)
    {
        // Whisper masks its input features: any of them can be 0.
    }

    /// <inheritdoc/>
    public override EncodedFrames RunLayers(
        Tensor hidden, long[] lengths, int first = 0, IReadOnlySet<int>? keep = null, Tensor? prompt = null)
    {
        keep = LayerStack.Keep(first, BuiltLayers, keep);
        using ModuleLifetime.Use use = BeginUse();
        using DisposeScope scope = NewDisposeScope();
        // Exact: attention also sees the silence after a clip, as in training; Trimmed: the margin of it.
        long[]? attended = Context == WhisperContext.Exact30Seconds ? null : [.. lengths.Select(AttendedFrames)];
        Dictionary<int, Tensor> states = LayerStack.Run(Layers, hidden, first, keep, attended, prompt);
        if (!states.TryGetValue(_config.LayerCount, out Tensor? last))
        {
            return ToCallersScope(states, null, lengths);
        }
        // Hugging Face's last hidden state is already normed; a caller that hands it in has it so.
        if (first < _config.LayerCount)
        {
            last = _norm!.forward(last);
            states[_config.LayerCount].Dispose();
            states[_config.LayerCount] = last;
        }
        return ToCallersScope(states, last.alias(), lengths);
    }

    /// <summary>
    /// SpecAugment as <c>_mask_input_features</c> of Hugging Face's transformers, over the frames that hold speech.
    /// </summary>
    private static Tensor Mask(EncoderInput input, FeatureMasking masking)
    {
        Tensor values = input.Values;
        Tensor? frames = masking.Frames(input.Lengths, values.shape[2], values.device);
        if (frames is not null)
        {
            values = values.masked_fill(frames.unsqueeze(1), Scalars.Of(0));
        }
        Tensor? features = masking.Features(input.Lengths.Length, values.shape[1], values.device);
        return features is null ? values : values.masked_fill(features.unsqueeze(2), Scalars.Of(0));
    }

    /// <summary>The two convolutions: (batch, mels, mel frames) to (batch, frames, hidden), before positions.</summary>
    internal Tensor Convolve(EncoderInput input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? padded = Context == WhisperContext.Exact30Seconds
            ? null
            : FrameMask.Valid([.. input.Lengths.Select(VisibleMelFrames)], input.Values.shape[2],
                input.Values.device)?.logical_not().unsqueeze(1);
        if (_first.Frames(input.Values.transpose(1, 2), gelu: true) is { } first)
        {
            first = padded is null ? first : first.masked_fill(padded.transpose(1, 2), Scalars.Of(0));
            if (_second.Frames(first, gelu: true) is { } second)
            {
                return second.MoveToOuterDisposeScope();
            }
        }
        Tensor once = TensorMath.Gelu(_first.forward(input.Values));
        if (padded is not null)
        {
            // A clip alone ends here, and the second convolution pads it with zeros.
            once = once.masked_fill(padded, Scalars.Of(0));
        }
        Tensor twice = TensorMath.Gelu(_second.forward(once));
        return twice.transpose(1, 2).MoveToOuterDisposeScope();
    }

    private long VisibleMelFrames(long speech) =>
        Context == WhisperContext.Exact30Seconds ? _config.MaxMelFrames
            : Math.Min(speech + MarginMelFrames, _config.MaxMelFrames);

    /// <summary>The stored positions; sinusoids, but checkpoints round them.</summary>
    private sealed class PositionTable : nn.Module
    {
        [ComponentName(Name = "weight")]
        private readonly Parameter _weight;

        public PositionTable(long positions, long hidden)
            : base("embed_positions")
        {
            _weight = Weights.Empty(positions, hidden);
        }

        /// <summary>(frames, hidden).</summary>
        public Tensor First(long frames) => _weight.narrow(0, 0, frames);
    }
}
