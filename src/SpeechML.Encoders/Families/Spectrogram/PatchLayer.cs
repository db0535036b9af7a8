using SpeechML.Encoders.Layers;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Families.Spectrogram;

/// <summary>A pre-norm transformer layer with the names of ViT (Dosovitskiy et al. 2021).</summary>
internal sealed class PatchLayer : EncoderLayer
{
    private readonly double _dropout;
    private readonly Activation _activation;

    [ComponentName(Name = "attention")]
    private readonly PatchAttention _attention;

    [ComponentName(Name = "intermediate")]
    private readonly DenseMap _up;

    [ComponentName(Name = "output")]
    private readonly DenseMap _down;

    [ComponentName(Name = "layernorm_before")]
    private readonly LayerNormalization _before;

    [ComponentName(Name = "layernorm_after")]
    private readonly LayerNormalization _after;

    public PatchLayer(PatchConfig config)
        : base("layer")
    {
        _dropout = config.HiddenDropout;
        _activation = config.Activation;
        _attention = new PatchAttention(config);
        _up = new DenseMap(config.HiddenSize, config.FeedForwardSize);
        _down = new DenseMap(config.FeedForwardSize, config.HiddenSize);
        _before = new LayerNormalization(config.HiddenSize, config.LayerNormEpsilon);
        _after = new LayerNormalization(config.HiddenSize, config.LayerNormEpsilon);
    }

    public override SelfAttention Attention => _attention;

    public override Tensor AttentionInput(Tensor hidden) => _before.forward(hidden);

    public override Tensor Run(Tensor hidden, Tensor? keyMask, Tensor? positions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = _attention.Attend(AttentionInput(hidden), keyMask, positions);
        attended = TensorMath.Add(TensorMath.Dropout(attended, _dropout, training), hidden);
        Tensor inner = _activation.Between(_up.Map, _down.Map, _after.forward(attended), dropout: 0, training);
        return TensorMath.Add(TensorMath.Dropout(inner, _dropout, training), attended).MoveToOuterDisposeScope();
    }
}

/// <summary>A linear map that lies one level deeper in the checkpoint.</summary>
internal sealed class DenseMap : nn.Module
{
    [ComponentName(Name = "dense")]
    private readonly Projection _map;

    public DenseMap(long inputs, long outputs)
        : base(nameof(DenseMap)) => _map = new Projection(inputs, outputs);

    public Projection Map => _map;
}

/// <summary>Self-attention with the names of ViT.</summary>
internal sealed class PatchAttention : HeadedAttention
{
    [ComponentName(Name = "attention")]
    private readonly InputMaps _maps;

    [ComponentName(Name = "output")]
    private readonly DenseMap _output;

    public PatchAttention(PatchConfig config)
        : base(config.HiddenSize, config.Heads, config.AttentionDropout)
    {
        _maps = new InputMaps(config.HiddenSize, config.AttentionBias);
        _output = new DenseMap(config.HiddenSize, config.HiddenSize);
    }

    protected override Projection Query => _maps.Query;

    protected override Projection Key => _maps.Key;

    protected override Projection Value => _maps.Value;

    protected override Projection Output => _output.Map;

    private sealed class InputMaps : nn.Module
    {
        [ComponentName(Name = "query")]
        private readonly Projection _query;

        [ComponentName(Name = "key")]
        private readonly Projection _key;

        [ComponentName(Name = "value")]
        private readonly Projection _value;

        public InputMaps(long hidden, bool bias)
            : base("attention")
        {
            _query = new Projection(hidden, hidden, bias);
            _key = new Projection(hidden, hidden, bias);
            _value = new Projection(hidden, hidden, bias);
        }

        public Projection Query => _query;

        public Projection Key => _key;

        public Projection Value => _value;
    }
}
