using System.Numerics;
using System.Runtime.InteropServices;
using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// A long grouped convolution over time by overlap-save (Oppenheim, Schafer, Discrete-Time Signal Processing, section
/// 8.7): a product of spectra for each block of frames
/// instead of 128 taps for each frame. The kernel's spectrum is kept until the kernel's values change, so the kernel
/// must not
/// be learning; gradients pass to the input. Several threads may convolve at the same time.
/// </summary>
internal sealed class KernelSpectrum(int groups, int taps) : IDisposable
{
    // Twice the kernel: half of each block is new frames. A longer block saves little more time and its spectrum takes
    // more memory (this one: 37 MB for a base model).
    private const int TapsPerBlock = 2;

    // Below, torch's convolution is as fast.
    private const int MinTaps = 32;

    private readonly Lock _gate = new();
    private Tensor? _spectrum;
    private Vector<uint>[] _fingerprint = [];
    private (IntPtr Handle, long? Version)[] _versions = [];
    private long _written;

    private int BlockSize => taps * TapsPerBlock;

    /// <summary>New frames of each block.</summary>
    private int Hop => BlockSize - taps + 1;

    /// <summary>Whether it can and should be done so: float32 on the CPU, and a long kernel.</summary>
    public bool CanRun(Tensor channels) => taps >= MinTaps && TensorMemory.IsFloat32OnCpu(channels);

    /// <summary>
    /// What conv1d gives with half a kernel of zeros on both sides, cut to the input's length: (batch, channels,
    /// frames).
    /// </summary>
    public Tensor Convolve(Tensor channels, PositionalKernel kernel)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor spectrum = Of(kernel);
        (long batch, long width, long frames) = (channels.shape[0], channels.shape[1], channels.shape[2]);
        long blocks = (frames + Hop - 1) / Hop;
        long right = (blocks * Hop) + taps - 1 - frames - (taps / 2);
        Tensor padded = cat([zeros(batch, width, taps / 2), channels, zeros(batch, width, right)], 2);
        long bins = (BlockSize / 2) + 1;
        long perGroup = width / groups;
        Tensor input = fft.rfft(padded.unfold(2, BlockSize, Hop))
            .view(batch, groups, perGroup, blocks, bins).permute(1, 4, 0, 3, 2).reshape(
                groups * bins, batch * blocks, perGroup);
        Tensor output = input.bmm(spectrum)
            .view(groups, bins, batch, blocks, perGroup).permute(2, 0, 4, 3, 1).reshape(batch, width, blocks, bins);
        return fft.irfft(output, BlockSize).narrow(3, 0, Hop).reshape(batch, width, blocks * Hop).narrow(2, 0, frames)
            .add(kernel.Bias.view(1, -1, 1), Scalars.Of(1)).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _spectrum?.Dispose();
            _spectrum = null;
        }
    }

    /// <summary>
    /// The conjugate spectrum (a correlation), (groups × bins, inputs, outputs) of each group: a tensor of the caller's
    /// own over the kept values, which stay until the last caller lets go.
    /// </summary>
    private Tensor Of(PositionalKernel kernel)
    {
        // Before the values are read: a write in between is seen by the next call.
        long written = TensorVersion.Written;
        (IntPtr Handle, long? Version)[] versions =
            [.. kernel.parameters().Select(p => (p.Handle, TensorVersion.Of(p)))];
        bool areTold = Array.TrueForAll(versions, v => v.Version is not null);
        lock (_gate)
        {
            if (_spectrum is not null && areTold && written == _written && versions.AsSpan().SequenceEqual(_versions))
            {
                return _spectrum.alias();
            }
        }
        Vector<uint>[] fingerprint = [.. kernel.parameters().Select(Fingerprint)];
        lock (_gate)
        {
            (_versions, _written) = (versions, written);
            if (_spectrum is null || !fingerprint.AsSpan().SequenceEqual(_fingerprint))
            {
                Tensor made = Make(kernel);
                _spectrum?.Dispose();
                (_spectrum, _fingerprint) = (made, fingerprint);
            }
            return _spectrum.alias();
        }
    }

    private Tensor Make(PositionalKernel kernel)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor weight = kernel.Weight();
        (long width, long perGroup) = (weight.shape[0], weight.shape[1]);
        return fft.rfft(weight, BlockSize).conj().view(groups, width / groups, perGroup, -1).permute(0, 3, 2, 1)
            .reshape(-1, perGroup, width / groups).resolve_conj().contiguous().DetachFromDisposeScope();
    }

    /// <summary>
    /// Polynomials over the values, one for each lane of a vector. Weights are overwritten in place (checkpoints, the
    /// best epoch, steps between validations); they are read where neither versions nor our own writes tell that
    /// nothing changed.
    /// </summary>
    private static Vector<uint> Fingerprint(Tensor values)
    {
        ReadOnlySpan<Vector<uint>> vectors = MemoryMarshal.Cast<byte, Vector<uint>>(values.bytes);
        ReadOnlySpan<uint> all = MemoryMarshal.Cast<byte, uint>(values.bytes);
        Vector<uint> sum = Vector<uint>.Zero;
        foreach (Vector<uint> vector in vectors)
        {
            sum = (sum * 0x01000193u) + vector;
        }
        foreach (uint rest in all[(vectors.Length * Vector<uint>.Count)..])
        {
            sum = (sum * 0x01000193u) + new Vector<uint>(rest);
        }
        return sum;
    }
}
