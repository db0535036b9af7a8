using SpeechML.Encoders.Native;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>
/// A weight in 16 bits beside the float32 one. It is made where no call is in flight and only read by calls, so that
/// several threads may encode; one that is older than its weight is not used. Where libtorch does not tell a tensor's
/// version there is none, and the weight is rounded at each use.
/// </summary>
internal sealed class RoundedCopy : IDisposable
{
    private Tensor? _copy;
    private IntPtr _of;
    private long _version;

    /// <summary>Replaces the copy.</summary>
    public void Make(Tensor weight, ScalarType type)
    {
        Dispose();
        if (TensorVersion.Of(weight) is { } version)
        {
            using IDisposable still = no_grad();
            _copy = weight.to(type).DetachFromDisposeScope();
            (_of, _version) = (weight.Handle, version);
        }
    }

    /// <summary>
    /// The weight in a type: the copy, or one that is made now and is of the current dispose scope. A weight that
    /// learns is rounded in the graph.
    /// </summary>
    public Tensor Of(Tensor weight, ScalarType type) =>
        _copy is { } copy && copy.dtype == type && !(weight.requires_grad && is_grad_enabled())
            && _of == weight.Handle && _version == TensorVersion.Of(weight)
            ? copy : weight.to(type);

    public void Dispose()
    {
        _copy?.Dispose();
        _copy = null;
    }
}
