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
        // Copied to the weights' device; a counter that is read at each step.
        string[] allowed = ["LayerMix.cs: tensor(shares)", "ParameterOptimizer.cs: zeros([], int64)"];

        CollectionAssert.AreEquivalent(allowed, Sources().SelectMany(s => Factory().Matches(s.Text)
            .Select(m => Call(s.Text, m.Index)).Where(call => !Place().IsMatch(call))
            .Select(call => $"{s.Name}: {call}")).ToArray());
    }

    [TestMethod]
    public void Reads_InSteps_AreInOnePlace()
    {
        // Loading and saving, explanations and reports, activations that are kept, and what is on the CPU anyway.
        string[] allowed =
        [
            "DeviceReads.cs", "Weights.cs", "ModelWeights.cs", "LayerMix.cs", "SpeechModel.cs", "ActivationSource.cs",
            "GradientClipping.cs", "ParameterOptimizer.cs", "TrainingOptimizer.cs",
        ];

        CollectionAssert.AreEquivalent(
            allowed, Sources().Where(s => Read().IsMatch(Comment().Replace(s.Text, ""))).Select(s => s.Name).ToArray());
    }

    private static IEnumerable<(string Name, string Text)> Sources() => s_folders
        .SelectMany(f => Directory.EnumerateFiles(
            Path.Combine(RepositoryFiles.Root, f), "*.cs", SearchOption.AllDirectories))
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
