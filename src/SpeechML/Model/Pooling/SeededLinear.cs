using SpeechML.Encoders.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Model.Pooling;

/// <summary>
/// Linear layers initialised from a generator of their own, so that neither the global generator nor the order of
/// construction matters.
/// </summary>
internal static class SeededLinear
{
    // Fits on several threads: the global generator is put back as one step.
    private static readonly Lock s_globalGenerator = new();

    /// <summary>
    /// A linear layer with PyTorch's default initialisation: weight and bias uniform in ±1/sqrt(inputs) (Kaiming
    /// uniform with a = sqrt 5). The global
    /// generator is left as it was.
    /// </summary>
    public static Linear Create(long inputs, long outputs, Generator generator)
    {
        if (Weights.AreShapesOnly)
        {
            return nn.Linear(inputs, outputs, device: Weights.Device);
        }
        using DisposeScope scope = NewDisposeScope();
        Linear layer;
        lock (s_globalGenerator)
        {
            Tensor globalState = random.get_rng_state();
            layer = nn.Linear(inputs, outputs);
            random.set_rng_state(globalState);
        }
        double bound = 1 / Math.Sqrt(inputs);
        using (no_grad())
        {
            layer.weight.uniform_(-bound, bound, generator);
            layer.bias!.uniform_(-bound, bound, generator);
        }
        return layer;
    }
}
