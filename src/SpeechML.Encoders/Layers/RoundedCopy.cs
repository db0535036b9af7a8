using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>
/// A weight in 16 bits beside the float32 one. It is made where no call is in flight and only read by calls, so that
/// several threads may encode; one that is older than its weight is not used. Where libtorch does not tell a tensor's
/// version there is none, and the weight is rounded at each use. From the first product without gradient on it lies in
/// oneDNN's order, until somebody takes it plain.
/// </summary>
internal sealed class RoundedCopy : IDisposable
{
    private readonly Lock _gate = new();
    private Tensor? _copy;
    private PackedTensor? _packed;
    private bool _stays;
    private IntPtr _of;
    private long _version;

    /// <summary>Whether products read it in oneDNN's order now.</summary>
    public bool IsPacked => _packed is not null;

    /// <summary>Replaces the copy.</summary>
    public void Make(Tensor weight, ScalarType type)
    {
        Dispose();
        _stays = false;
        if (TensorVersion.Of(weight) is { } version)
        {
            using IDisposable still = no_grad();
            _copy = weight.to(type).DetachFromDisposeScope();
            (_of, _version) = (weight.Handle, version);
        }
    }

    /// <summary>
    /// The weight in a type: the copy, plain from now on, or one that is made now and is of the current dispose scope.
    /// A weight that learns is rounded in the graph.
    /// </summary>
    public Tensor Of(Tensor weight, ScalarType type)
    {
        lock (_gate)
        {
            if ((weight.requires_grad && is_grad_enabled()) || !IsOf(weight, type))
            {
                return weight.to(type);
            }
            _stays = true;
            if (_packed is not null)
            {
                using IDisposable still = no_grad();
                _copy = weight.to(type).DetachFromDisposeScope();
                ReleasePacked();
            }
            return _copy!;
        }
    }

    /// <summary>The product with the copy in oneDNN's order; nothing needs a gradient.</summary>
    /// <param name="input">bfloat16 on the CPU, contiguous.</param>
    /// <param name="weight">The weight that it is a copy of.</param>
    /// <param name="bias">The bias in bfloat16, or none.</param>
    /// <param name="gelu">Whether GELU follows.</param>
    /// <returns><see langword="null"/> where there is none, or it was taken plain.</returns>
    public Tensor? Run(Tensor input, Tensor weight, Tensor? bias, bool gelu)
    {
        PackedTensor packed;
        lock (_gate)
        {
            if (_stays || !IsOf(weight, input.dtype))
            {
                return null;
            }
            if (_packed is null)
            {
                using DisposeScope scope = NewDisposeScope();
                using IDisposable still = no_grad();
                if (OneDnn.Pack(_copy!) is not { } made)
                {
                    _stays = true;
                    return null;
                }
                _packed = new PackedTensor(made.DetachFromDisposeScope());
                _copy!.Dispose();
                _copy = null;
            }
            packed = _packed;
            packed.Hold();
        }
        return packed.Product(input, bias, gelu);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _copy?.Dispose();
            _copy = null;
            ReleasePacked();
        }
    }

    private void ReleasePacked()
    {
        _packed?.Release();
        _packed = null;
    }

    /// <summary>Whether there is a copy of a weight as it is now.</summary>
    private bool IsOf(Tensor weight, ScalarType type) =>
        (_copy ?? _packed?.Tensor) is { } kept && kept.dtype == type && _of == weight.Handle
            && _version == TensorVersion.Of(weight);
}
