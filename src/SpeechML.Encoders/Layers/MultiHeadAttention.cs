using TorchSharp.Utils;

namespace SpeechML.Encoders.Layers;

/// <summary>
/// Scaled dot-product self-attention with the names of wav2vec 2.0 and Whisper, without positions of its own.
/// </summary>
internal class MultiHeadAttention : HeadedAttention
{
    [ComponentName(Name = "q_proj")]
    private readonly Projection _query;

    [ComponentName(Name = "k_proj")]
    private readonly Projection _key;

    [ComponentName(Name = "v_proj")]
    private readonly Projection _value;

    [ComponentName(Name = "out_proj")]
    private readonly Projection _output;

    /// <param name="hidden">Size of a frame's vector.</param>
    /// <param name="heads">Heads; must divide <paramref name="hidden"/>.</param>
    /// <param name="keyBias">Whisper's key projection has no bias.</param>
    /// <param name="dropout">Probability of dropping a softmax weight in training.</param>
    public MultiHeadAttention(long hidden, long heads, bool keyBias, double dropout)
        : base(hidden, heads, dropout)
    {
        _query = new Projection(hidden, hidden);
        _key = new Projection(hidden, hidden, keyBias);
        _value = new Projection(hidden, hidden);
        _output = new Projection(hidden, hidden);
    }

    protected override Projection Query => _query;

    protected override Projection Key => _key;

    protected override Projection Value => _value;

    protected override Projection Output => _output;
}
