using SpeechML.Encoders.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Adapters;

/// <summary>The learned vectors of a soft prompt (see <see cref="SoftPromptOptions"/>).</summary>
internal sealed class SoftPrompt : nn.Module
{
    [ComponentName(Name = "embedding")]
    private readonly Parameter _embedding;

    /// <param name="options">How many, and what they are drawn from.</param>
    /// <param name="hidden">Size of a frame's vector.</param>
    /// <param name="seed">Seed of a generator of its own.</param>
    public SoftPrompt(SoftPromptOptions options, long hidden, long seed)
        : base(nameof(SoftPrompt))
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using var generator = new Generator((ulong)seed);
        Tensor values = empty(options.Tokens, hidden, device: Weights.Device);
        _ = Weights.AreShapesOnly ? values : options.Initialization == SoftPromptInitialization.Uniform
            ? values.uniform_(-options.InitialScale, options.InitialScale, generator)
            : values.normal_(0, options.InitialScale, generator);
        _embedding = new Parameter(values);
        _ = _embedding.DetachFromDisposeScope();
        RegisterComponents();
    }

    /// <summary>(tokens, hidden).</summary>
    public Parameter Embedding => _embedding;
}
