using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>
/// Makes parameters and buffers without initialising them: a checkpoint or a state dict fills every one.
/// </summary>
internal static class Weights
{
    /// <summary>An uninitialised float32 parameter on the CPU that belongs to no dispose scope.</summary>
    public static Parameter Empty(params long[] shape)
    {
        // The parameter is another tensor over the same storage; without an owner the first would stay until a
        // collection.
        using Tensor values = empty(shape, dtype: ScalarType.Float32);
        var parameter = new Parameter(values);
        _ = parameter.DetachFromDisposeScope();
        return parameter;
    }

    /// <summary>An uninitialised buffer on the CPU that belongs to no dispose scope.</summary>
    public static Tensor EmptyBuffer(ScalarType type, params long[] shape) =>
        empty(shape, dtype: type).DetachFromDisposeScope();
}
