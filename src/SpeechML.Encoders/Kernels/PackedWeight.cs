using SpeechML.Encoders.Checkpoints.Mapping;
using SpeechML.Encoders.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// A linear map's float32 weight in the order in memory that oneDNN's products read, in the place of the plain one: the
/// parameter then has its shape and NaN for values, and no memory. Whoever takes the parameter gets the plain weight
/// back first, and it stays so, as he may keep it; what is taken inside a <see cref="WeightAccess"/> may be packed
/// again when that ends. Products may run in several threads at once. Until it is packed the plain weight may lie in
/// its file (<see cref="Lend"/>); whoever takes it to keep, and what learns, gets memory of its own.
/// </summary>
internal sealed unsafe class PackedWeight(Parameter weight) : IDisposable
{
    private readonly Lock _gate = new();
    private PackedTensor? _packed;
    private int _plainUses, _takers;
    private volatile bool _stays;
    private volatile bool _learns;
    private volatile bool _isRounded;
    private volatile bool _isLent;
    private long? _lentVersion;
    private Tensor? _heldForProducts;

    /// <summary>Values of a weight from which on it is worth packing.</summary>
    public static long MinValues { get; set; } = 1 << 16;

    /// <summary>Whether the parameter has no memory of its own now.</summary>
    public bool IsPacked => _packed is not null;

    /// <summary>Whether the plain weight lies in a file.</summary>
    public bool IsLent => _isLent;

    /// <summary>Whether products without gradient may use it.</summary>
    public bool CanRun => !_stays && !_learns && !_isRounded && IsLarge && TensorMemory.IsFloat32OnCpu(weight);

    /// <summary>Whether it is worth packing, in whatever type.</summary>
    public bool IsLarge => FastPaths.Packing && FastPaths.Products && OneDnn.CanPack && weight.numel() >= MinValues;

    private long Bytes => weight.numel() * sizeof(float);

    /// <summary>Says what the weight is for from now on. No call may be in flight.</summary>
    /// <param name="learns">Whether steps change it, so that it stays plain until this is called again.</param>
    /// <param name="isRounded">Whether products take it in 16 bits.</param>
    public void Use(bool learns, bool isRounded)
    {
        lock (_gate)
        {
            (_learns, _isRounded) = (learns, isRounded);
            if (learns || isRounded)
            {
                Unpack();
            }
            if (learns)
            {
                Own();
            }
        }
    }

    /// <summary>Puts values that lie in a file in the place of the parameter's, which nobody has taken.</summary>
    /// <param name="mapped">float32 of the parameter's shape, in any alignment where <see cref="CanRun"/>: products
    /// then read the packed copy, or one in memory.</param>
    public void Lend(Tensor mapped)
    {
        lock (_gate)
        {
            using IDisposable still = no_grad();
            _ = weight.set_(mapped);
            (_isLent, _lentVersion) = (true, TensorVersion.Of(weight));
        }
    }

    /// <summary>
    /// Lets the pages of the file go that the plain weight lies in, once they were checked or products read another
    /// copy of them: they come again when they are read.
    /// </summary>
    public void LetPagesGo()
    {
        lock (_gate)
        {
            // What was written to mapped memory would be lost.
            if (_isLent && _lentVersion is { } version && version == TensorVersion.Of(weight))
            {
                MappedFile.Drop(TensorMemory.Address(weight), Bytes, comeAgain: true);
            }
        }
    }

    /// <summary>Gives the parameter its values back for a product, until what is returned is disposed.</summary>
    public PlainProduct BeginPlain()
    {
        Take(forProduct: true);
        lock (_gate)
        {
            _plainUses++;
        }
        return new PlainProduct(this);
    }

    /// <summary>Gives the parameter its values back, before it is handed out.</summary>
    /// <param name="forProduct">Whether a product reads it and nobody keeps it.</param>
    public void Take(bool forProduct = false)
    {
        if (_stays && !_isLent)
        {
            return;
        }
        lock (_gate)
        {
            Unpack();
            WeightAccess? access = WeightAccess.Current is { } current && current.Covers(this) ? current : null;
            if (forProduct ? _isLent && !MappedTensors.IsAligned(TensorMemory.Address(weight)) : access is null)
            {
                Own();
            }
            if (_stays)
            {
                return;
            }
            if (access is null)
            {
                _stays = true;
            }
            else if (access.Add(this))
            {
                _takers++;
            }
        }
    }

    /// <summary>Ends one <see cref="Take"/>.</summary>
    public void Return()
    {
        lock (_gate)
        {
            _takers--;
        }
    }

    /// <summary>The product with the weight, packed now unless somebody reads it; nothing needs a gradient.</summary>
    /// <param name="input">float32 on the CPU, contiguous.</param>
    /// <param name="bias">The bias, or none.</param>
    /// <param name="gelu">Whether GELU follows.</param>
    /// <returns><see langword="null"/> where oneDNN refuses.</returns>
    public Tensor? Run(Tensor input, Tensor? bias, bool gelu)
    {
        PackedTensor? packed;
        lock (_gate)
        {
            // Neither may be taken away while it is read.
            packed = _packed is not null || Pack() ? _packed : null;
            if (packed is null)
            {
                _plainUses++;
            }
            packed?.Hold();
        }
        if (packed is not null)
        {
            return packed.Product(input, bias, gelu);
        }
        using var plain = new PlainProduct(this);
        return OneDnn.Linear(input, weight, bias, gelu);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            Release();
            _heldForProducts?.Dispose();
            _heldForProducts = null;
            _stays = true;
        }
    }

    /// <summary>Copies what lies in a file to memory.</summary>
    private void Own()
    {
        if (!_isLent)
        {
            return;
        }
        using (NewDisposeScope())
        using (no_grad())
        {
            Tensor copy = weight.clone();
            MappedFile.Drop(TensorMemory.Address(weight), Bytes, comeAgain: true);
            if (_plainUses > 0)
            {
                _heldForProducts ??= weight.detach().DetachFromDisposeScope();
            }
            _ = weight.set_(copy);
        }
        _isLent = false;
    }

    private void EndPlain()
    {
        if (--_plainUses == 0)
        {
            _heldForProducts?.Dispose();
            _heldForProducts = null;
        }
    }

    private bool Pack()
    {
        if (_takers > 0 || _plainUses > 0 || !CanRun)
        {
            return false;
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        if (OneDnn.Pack(weight) is not { } packed)
        {
            _stays = true;
            return false;
        }
        _packed = new PackedTensor(packed.DetachFromDisposeScope());
        MappedFile.Drop(TensorMemory.Address(weight), Bytes);
        _isLent = false;
        _ = weight.set_(full([1], Scalars.Of(double.NaN), ScalarType.Float32).expand(weight.shape));
        return true;
    }

    private void Unpack()
    {
        if (_packed is not { } packed)
        {
            return;
        }
        using (NewDisposeScope())
        using (no_grad())
        {
            _ = weight.set_(packed.Tensor.to_dense());
        }
        Release();
    }

    /// <summary>Takes the packed copy away; products that read it now keep it until they end.</summary>
    private void Release()
    {
        _packed?.Release();
        _packed = null;
    }

    /// <summary>A product that reads the plain weight.</summary>
    public readonly struct PlainProduct(PackedWeight weight) : IDisposable
    {
        public void Dispose()
        {
            lock (weight._gate)
            {
                weight.EndPlain();
            }
        }
    }
}
