using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Training;

/// <summary>
/// The one place where training and evaluation read values of tensors. A GPU works behind the program, and a read waits
/// until it has caught up: a step may do so once, an evaluation twice.
/// </summary>
internal static class DeviceReads
{
    [ThreadStatic]
    private static Func<Tensor, double[]>? t_reader;

    /// <summary>Whether values are in the program's own memory, so that reading them waits for nothing.</summary>
    public static bool AreFree(Tensor tensor) => tensor.device_type == DeviceType.CPU;

    /// <summary>The type that sums are kept in: float64 where the device has it.</summary>
    public static ScalarType Precise(Tensor tensor) =>
        tensor.device_type == DeviceType.MPS ? ScalarType.Float32 : ScalarType.Float64;

    /// <summary>The values of a tensor in order.</summary>
    public static double[] Of(Tensor values)
    {
        if (t_reader is { } reader)
        {
            return reader(values);
        }
        using DisposeScope scope = NewDisposeScope();
        return values.detach().cpu().to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    /// <summary>
    /// Until the result is disposed, this thread reads by a function: to count reads, or where there is nothing to
    /// read.
    /// </summary>
    public static IDisposable By(Func<Tensor, double[]> reader)
    {
        var scope = new Scope(t_reader);
        t_reader = reader;
        return scope;
    }

    private sealed class Scope(Func<Tensor, double[]>? before) : IDisposable
    {
        public void Dispose() => t_reader = before;
    }
}
