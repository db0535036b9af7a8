using Microsoft.ML.TorchSharp;

namespace SpeechML.Tests.TextAndSpeech;

/// <summary>
/// Microsoft.ML.TorchSharp was built against TorchSharp 0.102.7 and runs on ours: what it calls there must be here. The
/// same for our own assemblies, should a user's TorchSharp be a later one than they were built with.
/// </summary>
[TestClass]
public sealed class TorchSharpReferenceTests
{
    private const string Text = "Microsoft.ML.TorchSharp";

    // A parameter of it changed; only object detection calls it.
    private const string Interpolate = "TorchSharp.torch+nn+functional: static TorchSharp.torch+Tensor interpolate(";

    [TestMethod]
    public void References_OfMLNetsTextTrainers_AreInTorchSharpButOne()
    {
        using var references = new TorchSharpReferences();

        string[] missing = references.Missing(Text);

        Assert.IsGreaterThan(250, TorchSharpReferences.Count(Text));
        Assert.HasCount(1, missing, string.Join('\n', missing));
        Assert.StartsWith(Interpolate, missing[0]);
    }

    [TestMethod]
    [DataRow("SpeechML.Encoders", 150)]
    [DataRow("SpeechML", 150)]
    public void References_OfOurs_AreInTorchSharp(string assembly, int least)
    {
        using var references = new TorchSharpReferences();

        string[] missing = references.Missing(assembly);

        Assert.IsEmpty(missing, string.Join('\n', missing));
        Assert.IsGreaterThan(least, TorchSharpReferences.Count(assembly));
    }

    /// <summary>A type that no longer overrides what its base wants would fail when it is loaded.</summary>
    [TestMethod]
    public void Types_OfMLNetsTextTrainers_Load() =>
        Assert.IsGreaterThan(100, typeof(TorchSharpCatalog).Assembly.GetTypes().Length);
}
