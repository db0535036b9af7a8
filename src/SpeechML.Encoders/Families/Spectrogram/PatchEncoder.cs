using SpeechML.Audio.Common;
using SpeechML.Encoders.Features;
using SpeechML.Encoders.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Spectrogram;

/// <summary>
/// The Audio Spectrogram Transformer (Gong et al. 2021): ViT on patches of a log-mel spectrogram. Its hidden states
/// are tokens; a frame is the mean over the patches of one time.
/// </summary>
internal sealed class PatchEncoder : SpeechEncoder
{
    private readonly PatchConfig _config;
    private readonly PatchFeatures _features;

    [ComponentName(Name = "embeddings")]
    private readonly PatchEmbeddings _embeddings;

    [ComponentName(Name = "encoder")]
    private readonly LayerList _transformer;

    [ComponentName(Name = "layernorm")]
    private readonly LayerNormalization? _norm;

    /// <param name="config">The encoder's facts.</param>
    /// <param name="source">Where the facts are from.</param>
    /// <param name="layers">Layers to build.</param>
    public PatchEncoder(PatchConfig config, EncoderSource source, int layers)
        : base(config.ModelType, layers, source)
    {
        _config = config;
        _features = new PatchFeatures(config, source.Features);
        _embeddings = new PatchEmbeddings(config);
        _transformer = new LayerList([.. Enumerable.Range(0, layers).Select(_ => new PatchLayer(config))]);
        _norm = layers == config.LayerCount ? new LayerNormalization(config.HiddenSize, config.LayerNormEpsilon) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override EncoderConfig Config => _config;

    /// <inheritdoc/>
    internal override int InputHop => KaldiSpectrogram.Hop;

    internal override int ClassTokens => PatchConfig.ExtraTokens;

    /// <summary>What makes its input of samples.</summary>
    internal PatchFeatures Input => _features;

    internal PatchEmbeddings Embeddings => _embeddings;

    internal IReadOnlyList<EncoderLayer> Layers => _transformer.Layers;

    /// <inheritdoc/>
    public override EncoderInput Prepare(IReadOnlyList<float[]> clips)
    {
        // Longer clips are cut, as in Python.
        CheckClips(clips, cuts: true);
        using ModuleLifetime.Use use = BeginUse();
        long[] lengths = [.. clips.Select(clip => _config.FramesOf(clip.LongLength))];
        int size = checked(_config.Mels * _config.Frames);
        float[] batch = new float[checked(clips.Count * size)];
        Parallel.For(0, clips.Count, clip =>
            _features.Compute(clips[clip], (int)lengths[clip], batch.AsSpan(clip * size, size)));
        return ToInput(batch, [clips.Count, _config.Mels, _config.Frames], lengths, _embeddings.AnyWeight);
    }

    /// <summary>Attention sees all patches, whatever the clip's length.</summary>
    public override long AttendedFrames(long validFrames) => _config.Tokens;

    /// <summary>Means over the patches of one time, without the tokens before them.</summary>
    public override (Tensor Frames, long[] Lengths) FramesOf(Tensor state, long[] lengths, bool isLast = false)
    {
        ArgumentNullException.ThrowIfNull(state);
        using DisposeScope scope = NewDisposeScope();
        Tensor patches = state.narrow(1, PatchConfig.ExtraTokens, state.shape[1] - PatchConfig.ExtraTokens);
        return (patches.reshape(state.shape[0], _config.Bands, _config.Times, state.shape[2]).mean([1])
            .MoveToOuterDisposeScope(), lengths);
    }

    /// <inheritdoc/>
    public override (Tensor Hidden, long[] Lengths) Embed(EncoderInput input)
    {
        using ModuleLifetime.Use use = BeginUse();
        return (_embeddings.Run(input.Values), [.. input.Lengths.Select(frames =>
            frames < _config.PatchSize ? 0 : ((frames - _config.PatchSize) / _config.TimeStride) + 1)]);
    }

    /// <inheritdoc/>
    public override EncodedFrames RunLayers(
        Tensor hidden, long[] lengths, int first = 0, IReadOnlySet<int>? keep = null, Tensor? prompt = null)
    {
        keep = LayerStack.Keep(first, BuiltLayers, keep);
        using ModuleLifetime.Use use = BeginUse();
        using DisposeScope scope = NewDisposeScope();
        Dictionary<int, Tensor> states = LayerStack.Run(Layers, hidden, first, keep, attended: null, prompt);
        Tensor? last = states.TryGetValue(_config.LayerCount, out Tensor? final) ? _norm!.forward(final) : null;
        return ToCallersScope(states, last, lengths);
    }

    /// <summary>What the checkpoints call <c>encoder</c>.</summary>
    private sealed class LayerList : nn.Module
    {
        [ComponentName(Name = "layer")]
        private readonly ModuleList<EncoderLayer> _layers;

        public LayerList(EncoderLayer[] layers)
            : base("encoder") => _layers = new ModuleList<EncoderLayer>(layers);

        public IReadOnlyList<EncoderLayer> Layers => [.. _layers];
    }
}
