using SpeechML.Encoders;
using SpeechML.Heads;
using SpeechML.Pooling;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training;

/// <summary>Encoder, the hidden state in use, pooling over valid frames, head. Without a head it gives the pooled vector.</summary>
internal sealed class SpeechNetwork : nn.Module
{
    private readonly HashSet<int> _keep;

    public SpeechNetwork(SpeechEncoder encoder, int layer, FramePooling pooling, LinearHead? head)
        : base(nameof(SpeechNetwork))
    {
        Encoder = encoder;
        Layer = layer;
        Pooling = pooling;
        Head = head;
        _keep = [layer == SpeechTrainingOptions.LastLayer ? encoder.Config.LayerCount : layer];
        register_module("encoder", encoder);
        register_module("pooling", pooling);
        if (head is not null)
        {
            register_module("head", head);
        }
    }

    public SpeechEncoder Encoder { get; }

    /// <summary>The hidden state in use, or <see cref="SpeechTrainingOptions.LastLayer"/>.</summary>
    public int Layer { get; }

    public FramePooling Pooling { get; }

    public LinearHead? Head { get; }

    /// <summary>Number of the highest hidden state that is computed.</summary>
    public int TopLayer => Layer == SpeechTrainingOptions.LastLayer ? Encoder.BuiltLayers : Layer;

    /// <summary>Clips to outputs (batch, targets), or pooled vectors (batch, hidden) without a head.</summary>
    public Tensor FromAudio(IReadOnlyList<float[]> clips)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor hidden, long[] lengths) = Encoder.Embed(Encoder.Prepare(clips));
        return FromHidden(hidden, lengths, 0).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="FromAudio"/>, from hidden state <paramref name="first"/> (batch, frames, hidden) on.</summary>
    public Tensor FromHidden(Tensor hidden, long[] lengths, int first)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pooled = PoolFrom(hidden, lengths, first);
        return (Head is null ? pooled : Head.forward(pooled)).MoveToOuterDisposeScope();
    }

    /// <summary>The pooled vectors (batch, hidden) of hidden state <paramref name="first"/>.</summary>
    public Tensor PoolFrom(Tensor hidden, long[] lengths, int first)
    {
        using DisposeScope scope = NewDisposeScope();
        EncodedFrames frames = Encoder.RunLayers(hidden, lengths, first, _keep);
        Tensor used = Layer == SpeechTrainingOptions.LastLayer ? frames.LastHiddenState! : frames.HiddenStates[Layer];
        return Pooling.Pool(used, frames.Lengths).MoveToOuterDisposeScope();
    }

    /// <summary>Puts what trains into training mode, and all else (normalisation statistics, dropout in frozen layers) into evaluation mode.</summary>
    public void TrainUnfrozen()
    {
        train();
        foreach (nn.Module module in modules().Where(m => m.parameters(recurse: true).All(p => !p.requires_grad)))
        {
            if (module.parameters(recurse: true).Any())
            {
                module.eval();
            }
        }
    }
}
