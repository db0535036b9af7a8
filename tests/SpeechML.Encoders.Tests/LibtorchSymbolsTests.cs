using System.Runtime.InteropServices;
using SpeechML.Encoders.Native;
using TorchSharp;

namespace SpeechML.Encoders.Tests;

/// <summary>A new libtorch without one of these functions would be slower without a word.</summary>
[TestClass]
public sealed class LibtorchSymbolsTests
{
    public static IEnumerable<string> Names => LibtorchSymbols.All;

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Libtorch_HasTheFunction(string name)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            Assert.Inconclusive("Only libtorch for x64 Linux is asked for these functions.");
        }
        using var loaded = torch.zeros(1);
        Assert.IsTrue(LibtorchSymbols.TryLoad(out IntPtr library), LibtorchSymbols.Library);
        Assert.IsTrue(NativeLibrary.TryGetExport(library, name, out _),
            $"libtorch has no '{name}' any more: see src/SpeechML.Encoders/Kernels/README.md for what is lost and " +
            "what to do.");
    }
}
