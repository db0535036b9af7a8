using SpeechML.Encoders.Kernels;
using SpeechML.Model;
using TorchSharp.Modules;

namespace SpeechML.Explaining;

/// <summary>
/// Keeps gradients from the weights, where some kernels add them directly, until it is disposed. One path at a time
/// per model; scoring beside it is not touched.
/// </summary>
internal sealed class FrozenWeights : IDisposable
{
    private readonly SpeechModel _model;
    private readonly WeightAccess _access;
    private readonly List<Parameter> _learn;

    public FrozenWeights(SpeechModel model)
    {
        _model = model;
        model.GradientGate.Enter();
        _access = WeightAccess.Begin(model.Network);
        _learn = [.. model.Network.parameters().Where(p => p.requires_grad)];
        Set(false);
    }

    public void Dispose()
    {
        Set(true);
        _access.Dispose();
        _model.GradientGate.Exit();
    }

    private void Set(bool learns) => _learn.ForEach(p => p.requires_grad = learns);
}
