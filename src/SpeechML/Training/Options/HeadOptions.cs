using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Common;

namespace SpeechML;

/// <summary>
/// The shape of the layers between the pooled vector and the outputs. The default is one linear layer.
/// </summary>
public sealed record HeadOptions
{
    /// <summary>
    /// Layers before the output layer: each is linear, layer norm (optional), activation, dropout. 0: the output layer
    /// alone.
    /// </summary>
    [Choice(new object[] { 0, 1, 2 }, 0)]
    public int HiddenLayers { get; set; }

    /// <summary>Width of the hidden layers; 0 for the size of the pooled vector.</summary>
    [Choice(new object[] { 0, 64, 256 }, 0)]
    [ActiveWhen(nameof(HiddenLayers), Above = 0)]
    public int BottleneckSize { get; set; }

    /// <summary>Layer norm after each hidden linear layer; without hidden layers, on the pooled vector.</summary>
    [BooleanChoice(false)]
    public bool LayerNorm { get; set; }

    /// <summary>
    /// Dropout after each hidden layer's activation; without hidden layers, on the pooled vector. In [0, 1).
    /// </summary>
    [Range(0.0, 0.5, 0.0)]
    public double Dropout { get; set; }

    /// <summary>The activation of the hidden layers.</summary>
    [Choice(new object[] { HeadActivation.Relu, HeadActivation.Gelu, HeadActivation.Tanh, HeadActivation.Sigmoid },
        HeadActivation.Gelu)]
    [ActiveWhen(nameof(HiddenLayers), Above = 0)]
    public HeadActivation Activation { get; set; } = HeadActivation.Gelu;

    /// <summary>
    /// One stack of layers per target instead of one for all. Without hidden layers both are the same function.
    /// </summary>
    public bool PerTarget { get; set; }

    /// <summary>
    /// Transformer layers of the head's own over the frames (padding masked), before they are pooled; they drop out as
    /// <see cref="Dropout"/> says. 0 for none.
    /// </summary>
    public int FrameLayers { get; set; }

    /// <summary>
    /// With <see cref="FrameLayers"/>: attention heads of each layer; must divide the size of a frame's vector.
    /// </summary>
    public int FrameAttentionHeads { get; set; } = 4;

    /// <summary>Refuses values outside their range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option, what it must be and what it is.</exception>
    internal void Validate()
    {
        if (HiddenLayers < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(HiddenLayers), HiddenLayers,
                $"Head option {nameof(HiddenLayers)} must be at least 0.");
        }
        if (BottleneckSize < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(BottleneckSize), BottleneckSize,
                $"Head option {nameof(BottleneckSize)} must be at least 0.");
        }
        if (FrameLayers < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(FrameLayers), FrameLayers,
                $"Head option {nameof(FrameLayers)} must be at least 0.");
        }
        if (FrameAttentionHeads < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(FrameAttentionHeads), FrameAttentionHeads,
                $"Head option {nameof(FrameAttentionHeads)} must be at least 1.");
        }
        if (!(Dropout >= 0 && Dropout < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Dropout), Dropout,
                $"Head option {nameof(Dropout)} must be in [0, 1).");
        }
        if (!Enum.IsDefined(Activation))
        {
            throw new ArgumentOutOfRangeException(nameof(Activation), Activation,
                $"Head option {nameof(Activation)} must be one of {string.Join(", ", Enum.GetNames<HeadActivation>())}.");
        }
    }
}
