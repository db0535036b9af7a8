using SpeechML.Encoders.Native;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Model.Pooling;

/// <summary>
/// Sum of the valid frames weighted by softmax(score), <c>score = w·x + b</c> or, with tanh, <c>w·tanh(Vx + c) + b</c>.
/// Parameters
/// <c>score.weight</c> (1, hidden), <c>score.bias</c>, <c>hidden.weight</c> (hidden, hidden), <c>hidden.bias</c>.
/// </summary>
internal sealed class AttentionPooling : FramePooling
{
    [ComponentName(Name = "hidden")]
    private readonly Linear? _hidden;
    [ComponentName(Name = "score")]
    private readonly Linear _score;

    /// <summary>Creates the pooling.</summary>
    /// <param name="hidden">Size of a frame's vector.</param>
    /// <param name="tanh">Whether the score looks through a tanh layer.</param>
    /// <param name="seed">Seed of the initialisation.</param>
    public AttentionPooling(int hidden, bool tanh, long seed)
        : base(nameof(AttentionPooling), hidden)
    {
        using var generator = new Generator((ulong)seed);
        if (tanh)
        {
            _hidden = SeededLinear.Create(hidden, hidden, generator);
        }
        _score = SeededLinear.Create(hidden, 1, generator);
        RegisterComponents();
    }

    public override bool HasAttention => true;

    internal override RunningPooling BeginRunning() => new RunningAttention(Score);

    protected override Tensor Weigh(Tensor hidden, Tensor padding) =>
        Softmax(hidden.masked_fill(padding, Scalars.Of(0)), padding).squeeze(2);

    protected override Tensor Pool(Tensor hidden, Tensor padding, Tensor count)
    {
        Tensor frames = hidden.masked_fill(padding, Scalars.Of(0));
        return Softmax(frames, padding).transpose(1, 2).matmul(frames).squeeze(1);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hidden?.Dispose();
            _score.Dispose();
        }
        base.Dispose(disposing);
    }

    private Tensor Softmax(Tensor frames, Tensor padding) =>
        nn.functional.softmax(Score(frames).masked_fill(padding, Scalars.Of(double.NegativeInfinity)), 1);

    private Tensor Score(Tensor frames) =>
        _score.forward(_hidden is null ? frames : _hidden.forward(frames).tanh());
}
