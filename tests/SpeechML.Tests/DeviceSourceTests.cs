using System.Text.RegularExpressions;
using SpeechML.TestSupport;

namespace SpeechML.Tests;

/// <summary>
/// What runs in a step of training makes its tensors where the network is, and reads none: held by the source, for what
/// torch would do without a word.
/// </summary>
[TestClass]
public sealed partial class DeviceSourceTests
{
    private static readonly string[] s_folders =
    [
        "src/SpeechML/Model", "src/SpeechML/Training", "src/SpeechML.Encoders/Layers",
        "src/SpeechML.Encoders/Families", "src/SpeechML.Encoders/Adapters",
    ];

    [TestMethod]
    public void Factories_InSteps_NameTheirDevice()
    {
        // Copied to where the weights are; a counter that is read at each step; the start of a solved head; a mark in
        // the weights of a folder.
        string[] allowed =
        [
            "LayerMix.cs: tensor(shares)", "ParameterOptimizer.cs: zeros([], int64)", "LinearHead.cs: zeros(1)",
            "ExtraInput.cs: tensor(mean)", "ExtraInput.cs: tensor(factor)", "ExtraInput.cs: tensor(signs)",
            "SpeechModelFolder.cs: tensor(false)",
        ];

        CollectionAssert.AreEquivalent(allowed, Sources().SelectMany(s => Factory().Matches(s.Text)
            .Select(m => Call(s.Text, m.Index)).Where(call => !Place().IsMatch(call))
            .Select(call => $"{s.Name}: {call}")).ToArray());
    }

    [TestMethod]
    public void Reads_InSteps_AreInOnePlace()
    {
        // Loading and saving, explanations and reports, activations that are kept, windows of recordings that are too
        // long for the encoder, and what is on the CPU anyway.
        string[] allowed =
        [
            "DeviceReads.cs", "Weights.cs", "ModelWeights.cs", "LayerMix.cs", "SpeechModel.cs", "ActivationSource.cs",
            "GradientClipping.cs", "ParameterOptimizer.cs", "TrainingOptimizer.cs", "RunningPooling.cs",
            "SpeechModelFolder.cs", "SpeechModel.Initial.cs", "ExtraInput.cs", "PositionalKernel.cs",
        ];

        CollectionAssert.AreEquivalent(
            allowed, Sources().Where(s => Read().IsMatch(Comment().Replace(s.Text, ""))).Select(s => s.Name).ToArray());
    }

    // Without the probe of layers: linear models that are solved once, on the CPU; and what writes folders for Python.
    private static IEnumerable<(string Name, string Text)> Sources() => s_folders
        .SelectMany(f => Directory.EnumerateFiles(
            Path.Combine(RepositoryFiles.Root, f), "*.cs", SearchOption.AllDirectories))
        .Where(path => Path.GetFileName(Path.GetDirectoryName(path)) is not ("Probing" or "HuggingFace"))
        .Select(path => (Path.GetFileName(path), File.ReadAllText(path)));

    /// <summary>A call from its name to its closing bracket.</summary>
    private static string Call(string text, int start)
    {
        int end = text.IndexOf('(', start) + 1;
        for (int depth = 1; depth > 0; end++)
        {
            depth += text[end] == '(' ? 1 : text[end] == ')' ? -1 : 0;
        }
        return text[start..end];
    }

    [GeneratedRegex(@"(?<![\w.])(zeros|ones|empty|full|tensor|rand|randn|arange|eye)\(")]
    private static partial Regex Factory();

    [GeneratedRegex(@"[dD]evice|META|CPU")]
    private static partial Regex Place();

    [GeneratedRegex(@"\.(item<|cpu\(\)|ToSingle\(|ToDouble\(|ToInt32\(|ToInt64\(|ToBoolean\(|data<|bytes\b)")]
    private static partial Regex Read();

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();
}
