using System.Text.RegularExpressions;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.SourceTree;

/// <summary>
/// The walk of <c>docs/contributing/README.md</c>: which files of <c>src</c> and <c>tools</c> make or ask for a part
/// that is there, so that one more takes its own file and a line. Encoder families: <c>EncoderFamilyTests</c>.
/// </summary>
[TestClass]
public sealed class WalkTests
{
    private static readonly Lazy<(string Name, string Text)[]> s_files = new(() =>
        [.. new[] { "src", "tools" }.Select(f => Path.Combine(RepositoryFiles.Root, f))
            .SelectMany(f => Directory.EnumerateFiles(f, "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(p => p is "bin" or "obj"))
            .Select(f => (Path.GetFileName(f), File.ReadAllText(f)))]);

    /// <param name="root">What the parts derive from.</param>
    /// <param name="lists">Files with the lists that make parts known.</param>
    /// <param name="beside">Files for what a part may also have: a graph of ONNX, a model of the Hub, the loss that a
    /// task is solved with, the composition of what a configuration file lists.</param>
    [TestMethod]
    [DataRow(typeof(FramePooling), "SpeechPooling", "PoolingGraph SpeechModel")]
    [DataRow(typeof(Loss), "BinaryLoss ClassificationLoss MultiLabelLoss OrdinalLoss RegressionLoss",
        "TaskGraph SpeechBinaryTrainer SpeechClassificationTrainer SpeechMultiLabelTrainer SpeechRegressionTrainer")]
    [DataRow(typeof(SweepTuner), "SweepTuner", "")]
    [DataRow(typeof(SweepPruner), "SweepPruner", "")]
    [DataRow(typeof(AudioAugmentation), "AudioAugmentation", "ConfiguredData")]
    public void Part_OfAKind_IsKnownToItsFileAndAList(Type root, string lists, string beside)
    {
        Type[] parts = [.. new[] { root.Assembly, typeof(SpeechTrainingOptions).Assembly }.Distinct()
            .SelectMany(a => a.GetTypes())
            .Where(t => t is { IsAbstract: false, IsNested: false, IsGenericType: false } && t.IsAssignableTo(root))];
        Assert.IsGreaterThan(0, parts.Length);
        string names = string.Join('|', parts.Select(p => p.Name));
        var use = new Regex($@"(?:\bnew |typeof\(|\bis (?:not )?|<)({names})\b");
        var own = new Regex($@"\bclass ({names})\b");
        string[] known = [.. $"{lists} {beside}".Split(' ').Select(f => f + ".cs")];
        string[] odd = [.. s_files.Value.Where(f => !known.Contains(f.Name)).SelectMany(f => use.Matches(f.Text)
            .Select(m => m.Groups[1].Value).Distinct().Where(_ => !own.IsMatch(f.Text))
            .Select(part => $"{f.Name} knows {part}"))];
        CollectionAssert.AreEqual(Array.Empty<string>(), odd, string.Join('\n', odd));
    }
}
