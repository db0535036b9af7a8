using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Kernels;

/// <summary>
/// The random numbers of dropout in a forward pass: a generator of its own, so that fits on other threads draw from
/// others. It holds for the thread that began it, which is the one that runs the pass; backward passes draw nothing.
/// Without one, dropout draws from torch's global generator.
/// </summary>
internal sealed class DropoutStream : IDisposable
{
    [ThreadStatic]
    private static DropoutStream? t_current;

    private readonly DropoutStream? _outer = t_current;
    private readonly int _seed;
    private readonly Generator _cpu;
    private Generator? _accelerator;

    private DropoutStream(int seed)
    {
        _seed = seed;
        _cpu = new Generator((ulong)seed);
    }

    /// <summary>Dropout on this thread draws from a new generator until the result is disposed.</summary>
    public static DropoutStream Begin(int seed) => t_current = new DropoutStream(seed);

    /// <summary>The generator for masks on a device; <see langword="null"/> for torch's global one.</summary>
    public static Generator? For(Device device) => t_current?.Of(device);

    public void Dispose()
    {
        t_current = _outer;
        _cpu.Dispose();
        _accelerator?.Dispose();
    }

    private Generator Of(Device device) =>
        device.type == DeviceType.CPU ? _cpu : _accelerator ??= new Generator((ulong)_seed, device);
}
