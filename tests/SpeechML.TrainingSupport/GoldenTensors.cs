using System.Runtime.InteropServices;
using SpeechML.TestSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.TrainingSupport;

/// <summary>Reference tensors of one safetensors file, and the comparisons that the golden README recommends.</summary>
internal sealed class GoldenTensors(string path) : IDisposable
{
    private readonly SafetensorsFile _file = SafetensorsFile.Open(path);

    public IEnumerable<string> Names => _file.Entries.Keys.Order(StringComparer.Ordinal);

    public static GoldenTensors Open(params string[] parts) => new(Golden.At(parts));

    public bool Has(string name) => _file.Entries.ContainsKey(name);

    public Tensor Read(string name) => _file.Read(name);

    /// <summary>int16 samples as float: exactly value / 32768.</summary>
    public float[] Waveform(string name) =>
        [.. MemoryMarshal.Cast<byte, short>(_file.ReadBytes(name)).ToArray().Select(value => value / 32768f)];

    public float[] Floats(string name) => MemoryMarshal.Cast<byte, float>(_file.ReadBytes(name)).ToArray();

    public int[] Clips() =>
        [.. Names.Where(n => n.StartsWith("clip", StringComparison.Ordinal)
            && n.EndsWith(".waveform", StringComparison.Ordinal))
            .Select(n => int.Parse(n["clip".Length..^".waveform".Length],
                System.Globalization.CultureInfo.InvariantCulture)).Order()];

    public static float[] ToFloats(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        return values.detach().to(ScalarType.Float32).contiguous().data<float>().ToArray();
    }

    /// <summary>Every element within atol + rtol · |expected|.</summary>
    public void AreClose(string name, Tensor actual, double rtol, double atol)
    {
        using DisposeScope scope = NewDisposeScope();
        AssertClose(name, Read(name), actual, rtol, atol);
    }

    /// <summary>As <see cref="AreClose"/>, of what the references hold for some clips only.</summary>
    public void AreCloseWhereStored(string name, Tensor actual, double rtol, double atol)
    {
        if (Has(name))
        {
            AreClose(name, actual, rtol, atol);
        }
    }

    public static void AssertClose(string name, Tensor expected, Tensor actual, double rtol, double atol)
    {
        using DisposeScope scope = NewDisposeScope();
        CollectionAssert.AreEqual(expected.shape, actual.shape, name);
        float[] want = ToFloats(expected);
        float[] got = ToFloats(actual);
        double worst = double.NegativeInfinity;
        int at = 0;
        for (int i = 0; i < want.Length; i++)
        {
            double excess = Math.Abs((double)want[i] - got[i]) - (atol + rtol * Math.Abs(want[i]));
            if (double.IsNaN(excess) || excess > worst)
            {
                (worst, at) = (double.IsNaN(excess) ? double.PositiveInfinity : excess, i);
            }
        }
        Assert.IsTrue(worst <= 0,
            $"{name}: element {at} is {(want.Length > 0 ? got[at] : 0)}, expected {(want.Length > 0 ? want[at] : 0)}");
    }

    /// <summary>Largest difference within a share of the tensor's largest value.</summary>
    public void IsGradientClose(string name, Tensor actual, double share)
    {
        using DisposeScope scope = NewDisposeScope();
        AssertGradientClose(name, Read(name), actual, share);
    }

    /// <inheritdoc cref="IsGradientClose"/>
    public static void AssertGradientClose(string name, Tensor expected, Tensor actual, double share)
    {
        using DisposeScope scope = NewDisposeScope();
        CollectionAssert.AreEqual(expected.shape, actual.shape, name);
        double worst = (expected - actual).abs().max().item<float>();
        double largest = expected.abs().max().item<float>();
        Assert.IsTrue(worst <= share * largest, $"{name}: largest difference {worst}, allowed {share} of {largest}");
    }

    public void Dispose() => _file.Dispose();
}
