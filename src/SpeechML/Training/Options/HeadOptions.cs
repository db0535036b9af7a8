using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// The shape of the layers between the pooled vector and the outputs. The default is one linear layer.
/// </summary>
public sealed record HeadOptions
{
    /// <summary>
    /// Layers before the output layer: each is linear, layer norm (optional), activation, dropout. 0, the default: the
    /// output layer alone.
    /// </summary>
    [Choice(new object[] { 0, 1, 2 }, 0)]
    [InRange("at least 0", Min = 0)]
    public int HiddenLayers { get; set; }

    /// <summary>Width of the hidden layers; 0, the default, for the size of the pooled vector.</summary>
    [Choice(new object[] { 0, 64, 256 }, 0)]
    [ActiveWhen(nameof(HiddenLayers), Above = 0)]
    [InRange("at least 0", Min = 0)]
    public int BottleneckSize { get; set; }

    /// <summary>
    /// Layer norm after each hidden linear layer; without hidden layers, on the pooled vector. The default is <see
    /// langword="false"/>.
    /// </summary>
    [BooleanChoice(false)]
    public bool LayerNorm { get; set; }

    /// <summary>
    /// Dropout after each hidden layer's activation; without hidden layers, on the pooled vector. In [0, 1). The
    /// default is 0.
    /// </summary>
    [Range(0.0, 0.5, 0.0)]
    [InRange("a probability from 0 to below 1", Min = 0, Below = 1)]
    public double Dropout { get; set; }

    /// <summary>The activation of the hidden layers. The default is GELU.</summary>
    [Choice(new object[] { HeadActivation.Relu, HeadActivation.Gelu, HeadActivation.Tanh, HeadActivation.Sigmoid },
        HeadActivation.Gelu)]
    [ActiveWhen(nameof(HiddenLayers), Above = 0)]
    public HeadActivation Activation { get; set; } = HeadActivation.Gelu;

    /// <summary>
    /// One stack of layers per target instead of one for all. Without hidden layers both are the same function. The
    /// default is <see langword="false"/>.
    /// </summary>
    public bool PerTarget { get; set; }

    /// <summary>
    /// Transformer layers of the head's own over the frames (padding masked), before they are pooled; they drop out as
    /// <see cref="Dropout"/> says. 0, the default, for none.
    /// </summary>
    [InRange("at least 0", Min = 0)]
    public int FrameLayers { get; set; }

    /// <summary>
    /// With <see cref="FrameLayers"/>: attention heads of each layer; must divide the size of a frame's vector. The
    /// default is 4.
    /// </summary>
    [InRange("at least 1", Min = 1)]
    [ActiveWhen(nameof(FrameLayers), Above = 0)]
    public int FrameAttentionHeads { get; set; } = 4;
}
