using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>
/// Makes parameters and buffers without initialising them: a checkpoint or a state dict fills every one.
/// </summary>
internal static class Weights
{
    [ThreadStatic]
    private static bool t_shapesOnly;

    /// <summary>
    /// Whether modules that this thread builds get tensors that have a shape and no memory (see
    /// <see cref="ShapesOnly"/>).
    /// </summary>
    public static bool AreShapesOnly => t_shapesOnly;

    /// <summary>Where modules are built: the CPU, or nowhere (see <see cref="ShapesOnly"/>).</summary>
    public static Device Device => t_shapesOnly ? META : CPU;

    /// <summary>
    /// Until it is disposed, modules that this thread builds have names and shapes but no memory. What a file says
    /// about a model's sizes is compared with the weights by such a module before a real one is made.
    /// </summary>
    public static IDisposable ShapesOnly()
    {
        var scope = new Scope(t_shapesOnly);
        t_shapesOnly = true;
        return scope;
    }

    /// <summary>An uninitialised float32 parameter on the CPU that belongs to no dispose scope.</summary>
    public static Parameter Empty(params long[] shape)
    {
        // The parameter is another tensor over the same storage; without an owner the first would stay until a
        // collection.
        using Tensor values = empty(shape, dtype: ScalarType.Float32, device: Device);
        var parameter = new Parameter(values);
        _ = parameter.DetachFromDisposeScope();
        return parameter;
    }

    /// <summary>An uninitialised buffer on the CPU that belongs to no dispose scope.</summary>
    public static Tensor EmptyBuffer(ScalarType type, params long[] shape) =>
        empty(shape, dtype: type, device: Device).DetachFromDisposeScope();

    /// <summary>
    /// Whether every value of a tensor is a number. Other types than floating-point ones always are.
    /// </summary>
    public static bool AreFinite(Tensor values)
    {
        if (!values.is_floating_point() || values.numel() == 0)
        {
            return true;
        }
        // NaN and infinity stay in a sum, which costs no copy; so may a sum of great finite numbers.
        using (Tensor sum = values.sum(ScalarType.Float32))
        {
            if (float.IsFinite(sum.item<float>()))
            {
                return true;
            }
        }
        using Tensor finite = values.isfinite();
        using Tensor all = finite.all();
        return all.item<bool>();
    }

    private sealed class Scope(bool before) : IDisposable
    {
        public void Dispose() => t_shapesOnly = before;
    }
}
