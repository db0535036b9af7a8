using SpeechML.Encoders.Native;
using SpeechML.TestSupport;
using TorchSharp;

namespace SpeechML.Encoders.Tests.Native;

/// <summary>
/// TorchSharp's methods that make a <see cref="Scalar"/> themselves do not keep it alive during the native call
/// (docs/decisions/0002). None of them, direct or through others
/// of TorchSharp's, may be called by the library: such a call fails about once in a few thousand steps, and only under
/// load.
/// </summary>
[TestClass]
public sealed class ScalarLifetimeTests
{
    [TestMethod]
    public void Library_CallsOfTorchSharp_NoneMakesAScalarOfItsOwn()
    {
        Dictionary<string, HashSet<string>> torchSharp = CallGraph.Read(typeof(torch).Assembly.Location);
        var makers = torchSharp.Where(m => !MakesScalar(m.Key) && m.Value.Any(MakesScalar)).Select(m => m.Key)
            .ToHashSet();
        Assert.IsTrue(makers.Contains("TorchSharp.torch/Tensor::square()"),
            "The scan no longer finds a method that is known to make a scalar.");
        int before;
        do
        {
            before = makers.Count;
            makers.UnionWith(torchSharp.Where(m => m.Value.Overlaps(makers)).Select(m => m.Key).ToList());
        }
        while (makers.Count > before);

        string[] calls = [.. CallGraph.Read(typeof(Scalars).Assembly.Location)
            .SelectMany(m => m.Value.Where(makers.Contains).Select(c => $"{m.Key} calls {c}"))];
        Assert.IsEmpty(calls, string.Join("\n", calls));
    }

    // What gives the scalar to its caller; the caller can hold it.
    private static bool MakesScalar(string method) =>
        method.StartsWith("TorchSharp.Scalar::op_Implicit", StringComparison.Ordinal) ||
        method.StartsWith("TorchSharp.Scalar::.ctor", StringComparison.Ordinal) ||
        method == "TorchSharp.torch/Tensor::ToScalar()" ||
        method.StartsWith("TorchSharp.ScalarExtensionMethods::ToScalar", StringComparison.Ordinal);
}
