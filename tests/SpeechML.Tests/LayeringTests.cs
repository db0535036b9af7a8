using System.Text.RegularExpressions;
using SpeechML.Tests.Support;

namespace SpeechML.Tests;

/// <summary>The direction of the arrows in the architecture, read off the using lines.</summary>
[TestClass]
public sealed partial class LayeringTests
{
    private static readonly string[] s_knowMLNet = ["Transforms", "Trainers", "Catalog", "Sweeps", "Interop"];
    private static readonly string[] s_withoutTorch = ["Audio", "Data", "Storage", "Metrics", "Runs"];

    public static IEnumerable<object[]> Files()
    {
        string root = Path.Combine(RepositoryFiles.Root, "src", "SpeechML");
        return Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(root, f))
            .Where(f => !f.StartsWith("obj", StringComparison.Ordinal) && !f.StartsWith("bin", StringComparison.Ordinal))
            .GroupBy(f => f.Contains(Path.DirectorySeparatorChar) ? f.Split(Path.DirectorySeparatorChar)[0] : ".")
            .Select(g => new object[] { g.Key, g.ToArray() });
    }

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void Folder_UsingLines_FollowTheArrows(string folder, string[] files)
    {
        foreach (string file in files)
        {
            string text = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "src", "SpeechML", file));
            foreach (Match match in UsingLine().Matches(text))
            {
                string used = match.Groups[1].Value;
                // The search space's attributes on options are data about them, and need nothing of ML.NET.
                Assert.IsFalse(used.StartsWith("Microsoft.ML", StringComparison.Ordinal) && used != "Microsoft.ML.SearchSpace" && !s_knowMLNet.Contains(folder), $"{file} uses {used}: only {string.Join(", ", s_knowMLNet)} may.");
                Assert.IsFalse(used.StartsWith("TorchSharp", StringComparison.Ordinal) && s_withoutTorch.Contains(folder), $"{file} uses {used}: {string.Join(", ", s_withoutTorch)} may not.");
                Assert.IsFalse(
                    s_withoutTorch.Contains(folder) && (used is "SpeechML.Encoders" or "SpeechML.Transforms" or "SpeechML.Trainers" or "SpeechML.Catalog" || (used == "SpeechML.Training" && folder != "Runs")),
                    $"{file} uses {used}: an arrow that points back.");
                Assert.IsFalse(folder is "Encoders" or "Losses" or "Pooling" or "Heads" or "Features" && used is "SpeechML.Training" or "SpeechML.Transforms" or "SpeechML.Trainers" or "SpeechML.Catalog" && folder is not ("Training" or "Transforms" or "Trainers" or "Catalog" or "Sweeps"), $"{file} uses {used}: an arrow that points back.");
            }
            Assert.IsLessThanOrEqualTo(400, File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "src", "SpeechML", file)).Length, $"{file} has more than 400 lines.");
        }
    }

    [GeneratedRegex(@"^using (?:static )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingLine();
}
