using System.Reflection;
using System.Text.RegularExpressions;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.SourceTree;

/// <summary>
/// What the compiler does not hold of the tree. These tests are here because this project references every assembly.
/// </summary>
[TestClass]
public sealed partial class StructureTests
{
    private const int MaxLines = 400;
    private const int MaxFiles = 20;
    private const int MaxCharacters = 120;

    private static readonly Assembly[] s_assemblies =
        [typeof(AudioAugmentation).Assembly, typeof(SubjectSplitOptions).Assembly, typeof(SpeechEncoder).Assembly,
            typeof(SpeechTrainingOptions).Assembly, typeof(SpeechSweep).Assembly, typeof(SpeechReport).Assembly,
            typeof(GoogleCloudStorage).Assembly, typeof(SpeechFFmpeg).Assembly, typeof(SpeechSilo).Assembly,
            typeof(SpeechOnnxOptions).Assembly, typeof(SpeechOnnxTransformer).Assembly];

    [TestMethod]
    [DataRow("SpeechML.Audio", "Microsoft.ML", "TorchSharp", "SpeechML")]
    [DataRow("SpeechML.Data", "TorchSharp", "SpeechML.Encoders", "")]
    [DataRow("SpeechML.Encoders", "Microsoft.ML", "SpeechML.Data", "")]
    [DataRow("SpeechML", "SpeechML.Sweeps", "SpeechML.Reports", "")]
    [DataRow("SpeechML.GoogleCloud", "Microsoft.ML", "TorchSharp", "SpeechML.Data")]
    [DataRow("SpeechML.FFmpeg", "Microsoft.ML", "TorchSharp", "SpeechML.Data")]
    [DataRow("SpeechML.Onnx", "TorchSharp", "SpeechML", "SpeechML.Encoders")]
    [DataRow("SpeechML.OnnxConverter", "SpeechML.Sweeps", "SpeechML.Reports", "SpeechML.Onnx")]
    [DataRow("SpeechML.Sweeps", "SpeechML.Reports", "SpeechML.Orleans", "")]
    public void Assembly_Compiled_DoesNotReferenceWhatIsAboveIt(string name, params string[] refused)
    {
        string[] references = [.. s_assemblies.Single(a => a.GetName().Name == name).GetReferencedAssemblies()
            .Select(r => r.Name!)];
        foreach (string prefix in refused.Where(r => r.Length > 0))
        {
            // "SpeechML" is one assembly, "Microsoft.ML" and the others stand for their family.
            Assert.IsFalse(
                references.Any(r => r == prefix ||
                    (prefix != "SpeechML" && r.StartsWith(prefix + ".", StringComparison.Ordinal))),
                $"{name} references {prefix}: {string.Join(", ", references)}");
        }
    }

    [TestMethod]
    public void PublicTypes_OfEveryAssembly_AreInTwoNamespaces()
    {
        string[] odd = [.. s_assemblies.SelectMany(a => a.GetExportedTypes())
            .Where(t => t.Namespace is not (nameof(SpeechML) or "Microsoft.ML")
                // What Orleans' source generator writes.
                && t.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) != true)
            .Select(t => t.FullName!)];
        CollectionAssert.AreEqual(Array.Empty<string>(), odd, string.Join('\n', odd));
    }

    [TestMethod]
    public void InternalTypes_OfSource_HaveTheNamespaceOfTheirFolder()
    {
        var odd = new List<string>();
        foreach (string file in Files("src", "tests", "tools"))
        {
            string source = File.ReadAllText(file);
            string? found = Namespace().Match(source) is { Success: true } m ? m.Groups[1].Value : null;
            string folder = Path.GetDirectoryName(file)!;
            string path = Path.GetRelativePath(RepositoryFiles.Root, folder);
            string expected = path[(path.IndexOf(Path.DirectorySeparatorChar) + 1)..]
                .Replace(Path.DirectorySeparatorChar, '.');
            // A tool's folder has the name of its command.
            expected = Regex.Replace(expected, @"^speechml\b", "SpeechML.Tool");
            bool isPublic = PublicType().IsMatch(source);
            // MLNetAccess.cs declares an attribute that the runtime looks for by its full name.
            if (found is not (null or "System.Runtime.CompilerServices") && found != expected
                && !(isPublic && found is nameof(SpeechML) or "Microsoft.ML"))
            {
                odd.Add($"{file}: expected namespace {expected}, got {found}");
            }
        }
        CollectionAssert.AreEqual(Array.Empty<string>(), odd, string.Join('\n', odd));
    }

    [TestMethod]
    public void Files_OfSource_AreShortAndFewInAFolder()
    {
        string[] files = [.. Files("src", "tests", "samples", "tools")];
        string[] odd = [.. files.Select(f => (File: f, Lines: File.ReadLines(f).Count()))
            .Where(f => f.Lines > MaxLines)
            .Select(f => $"{f.File}: expected at most {MaxLines} lines, got {f.Lines}"),
            .. files.GroupBy(f => Path.GetDirectoryName(f)).Where(g => g.Count() > MaxFiles)
            .Select(g => $"{g.Key}: expected at most {MaxFiles} files, got {g.Count()}")];
        CollectionAssert.AreEqual(Array.Empty<string>(), odd, string.Join('\n', odd));
    }

    [TestMethod]
    public void Lines_OfSource_AreShort()
    {
        string[] odd = [.. Files("src", "tests", "samples", "tools").SelectMany(f => File.ReadLines(f)
            .Select((line, i) => (Line: i + 1, line.Length))
            .Where(l => l.Length > MaxCharacters)
            .Select(l => $"{f}:{l.Line}: expected at most {MaxCharacters} characters, got {l.Length}"))];
        CollectionAssert.AreEqual(Array.Empty<string>(), odd, string.Join('\n', odd));
    }

    [TestMethod]
    public void Names_OfSource_AreTheWordsOfTheField()
    {
        string[] odd = [.. Files("src", "tools").SelectMany(f => OtherWord().Matches(File.ReadAllText(f))
            .Select(m => $"{f}: expected Min, Max, Exists, Resume, Evaluate or ActivationCache, got '{m.Value}'"))];
        CollectionAssert.AreEqual(Array.Empty<string>(), odd, string.Join('\n', odd));
    }

    private static IEnumerable<string> Files(params string[] folders) =>
        folders.SelectMany(f => Directory.EnumerateFiles(
            Path.Combine(RepositoryFiles.Root, f), "*.cs", SearchOption.AllDirectories))
        .Where(f => !Path.GetRelativePath(RepositoryFiles.Root, f).Split(Path.DirectorySeparatorChar)
            .Any(p => p is "obj" or "bin"));

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\bconst \w+ (Fewest|Most)[A-Z]\w*|\b(Is|Are)There\b|\bGoOn\b|\bJudged?[A-Z]\w*|\bFrozenWork\w*")]
    private static partial Regex OtherWord();

    [GeneratedRegex(@"^public ", RegexOptions.Multiline)]
    private static partial Regex PublicType();
}
