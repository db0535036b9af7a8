using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;
using SpeechML.Sweeps.Tests.Documents;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Packages;

/// <summary>
/// The packages as a user meets them: packed, restored from a folder into a program outside the repository, and run.
/// </summary>
[TestClass]
[TestCategory("Slow")]
public sealed class PackageTests
{
    private const string Program = """
        using Microsoft.ML;
        using SpeechML;

        var mlContext = new MLContext(seed: 1);
        Clip[] clips = [.. Directory.GetFiles(args[1], "*.wav", SearchOption.AllDirectories).Order().Take(8)
            .Select((f, i) => new Clip { Path = f, Label = i % 2 == 0 ? "one" : "two" })];
        IDataView train = mlContext.Data.LoadFromEnumerable(clips);
        var pipeline = mlContext.Transforms.LoadAudio("Audio", args[1], "Path")
            .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio",
                new SpeechClassificationOptions
                {
                    Layers = EncoderLayers.Last,
                    Encoder = args[0],
                    Epochs = 2,
                    BatchSize = 4,
                }))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        ITransformer model = pipeline.Fit(train);
        mlContext.Model.Save(model, train.Schema, "model.zip");
        ITransformer loaded = new MLContext().Model.Load("model.zip", out _);
        string[] one = Labels(model), two = Labels(loaded);
        Console.WriteLine($"clips={one.Length} same={one.SequenceEqual(two)}");

        string[] Labels(ITransformer scorer) =>
            [.. mlContext.Data.CreateEnumerable<Scored>(scorer.Transform(train), false).Select(s => s.PredictedLabel!)];

        sealed class Clip
        {
            public string? Path { get; set; }

            public string? Label { get; set; }
        }

        sealed class Scored
        {
            public string? PredictedLabel { get; set; }
        }
        """;

    private static Scratch? s_scratch;

    private static string Packages => s_scratch!.At("packages");

    [ClassInitialize]
    public static void Pack(TestContext _)
    {
        s_scratch = new Scratch();
        foreach (string project in Directory.GetDirectories(Path.Combine(RepositoryFiles.Root, "src")))
        {
            (int code, string said) = Run(
                RepositoryFiles.Root, "pack", project, "-c", "Release", "-v", "quiet", "-o", Packages);
            Assert.AreEqual(0, code, said);
        }
    }

    [ClassCleanup]
    public static void Clean() => s_scratch?.Dispose();

    [TestMethod]
    public void Packages_HaveReadmeNoticesAndPublicDocumentationOnly()
    {
        string[] files = Directory.GetFiles(Packages, "*.nupkg");
        Assert.IsGreaterThanOrEqualTo(9, files.Length);
        foreach (string file in files)
        {
            using ZipArchive zip = ZipFile.OpenRead(file);
            string readme = Text(zip, "README.md");
            StringAssert.StartsWith(readme, $"# {Path.GetFileName(file).Split(".0.")[0]}");
            Assert.DoesNotContain("{", readme.Split("```csharp")[0]);
            Assert.DoesNotContain("](docs", readme);
            Assert.IsNotNull(zip.GetEntry("THIRD-PARTY-NOTICES.txt"), file);
            Assert.IsNotNull(zip.GetEntry("icon.png"), file);
            bool hasCode = zip.Entries.Any(e => e.FullName.StartsWith("lib/", StringComparison.Ordinal)
                && e.Name.EndsWith(".dll", StringComparison.Ordinal));
            Assert.AreEqual(hasCode, File.Exists(Path.ChangeExtension(file, ".snupkg")), $"symbols of {file}");
            if (zip.Entries.FirstOrDefault(e => e.Name.EndsWith(".xml", StringComparison.Ordinal)
                && e.FullName.StartsWith("lib/", StringComparison.Ordinal)) is { } documentation)
            {
                // A member is documented as T:Name or M:Name.Member(...); Name must be a type that users can see.
                HashSet<string> visible = [.. Assembly.Load(Path.GetFileNameWithoutExtension(documentation.Name))
                    .GetExportedTypes().Select(t => t.FullName!.Replace('+', '.'))];
                string[] internals = [.. XDocument.Parse(Text(zip, documentation.FullName)).Descendants("member")
                    .Select(m => m.Attribute("name")!.Value)
                    .Where(n => !visible.Contains(n[0] == 'T' ? n[2..] : n[2..n.Split('(')[0].LastIndexOf('.')]))];
                Assert.HasCount(0, internals, string.Join(", ", internals.Take(3)));
            }
        }
    }

    [TestMethod]
    public void Program_FromThePackages_FitsSavesLoadsPredicts()
    {
        string folder = Project("whole", "SpeechML.Cpu");
        (int code, string said) = Run(folder, "build", "-c", "Release", "-v", "quiet");
        Assert.AreEqual(0, code, said);
        Assert.IsFalse(Directory.EnumerateFiles(folder, "libtorch_python.so", SearchOption.AllDirectories).Any());
        Assert.IsFalse(Directory.Exists(Path.Combine(folder, "bin/Release/net10.0/runtimes/win-x64"))
            && OperatingSystem.IsLinux()
            && Directory.EnumerateFiles(Path.Combine(folder, "bin/Release/net10.0/runtimes/win-x64"), "torch_cpu.dll",
                SearchOption.AllDirectories).Any());
        (code, said) = Run(folder, "bin/Release/net10.0/whole.dll",
            RepositoryFiles.TinyEncoder("hubert-base-like"), RepositoryFiles.Prompts);
        Assert.AreEqual(0, code, said);
        StringAssert.Contains(said, "clips=8 same=True");
    }

    [TestMethod]
    public void Program_WithoutLibTorch_SaysFirstWhatToAdd()
    {
        string folder = Project("without", "SpeechML");
        (int code, string said) = Run(folder, "build", "-c", "Release", "-v", "quiet");
        Assert.AreEqual(0, code, said);
        (code, said) = Run(folder, "bin/Release/net10.0/without.dll",
            RepositoryFiles.TinyEncoder("hubert-base-like"), RepositoryFiles.Prompts);
        Assert.AreNotEqual(0, code);
        string first = said.Split('\n').First(l => l.Length > 0);
        StringAssert.Contains(first, "libtorch, which does the computing, is missing");
        StringAssert.Contains(first, "Add one package to the application: SpeechML.Cpu");
        Assert.IsFalse(Directory.Exists(Path.Combine(folder, "bin/Release/net10.0/cpu")));
    }

    [TestMethod]
    public void FirstProgram_OfTheReadme_EndsInAMinuteAndPredicts()
    {
        CodeBlock program = CodeBlock.All().First(b => b.Page == "README.md");
        string folder = Project("first", "SpeechML.Cpu", string.Join('\n', program.Lines));
        (int code, string said) = Run(folder, "build", "-c", "Release", "-v", "quiet");
        Assert.AreEqual(0, code, said);
        string place = s_scratch!.At("place");
        Directory.CreateDirectory(place);
        Directory.CreateSymbolicLink(
            Path.Combine(place, "samples"), Path.Combine(RepositoryFiles.Root, "samples"));
        var clock = Stopwatch.StartNew();
        (code, said) = Run(place, Path.Combine(folder, "bin/Release/net10.0/first.dll"));
        Console.WriteLine($"{said}\n{clock.Elapsed.TotalSeconds:F0} s");
        Assert.AreEqual(0, code, said);
        Assert.IsLessThan(60, clock.Elapsed.TotalSeconds, "the first minute");
        string readme = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "README.md"));
        // What the README shows, but for the time that each line tells.
        string[] shown = [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split("  ")[0])];
        Assert.HasCount(3, shown, said);
        foreach (string line in shown)
        {
            StringAssert.Contains(readme, line);
        }
    }

    [TestMethod]
    public void Program_WithMLNetsTextTrainers_GetsTheRepairedCopy()
    {
        string folder = Project("text", "SpeechML.Cpu", """
            Console.WriteLine(typeof(Microsoft.ML.TorchSharp.TorchSharpCatalog).Assembly.Location);
            """, """<PackageReference Include="Microsoft.ML.TorchSharp" Version="0.23.1" />""");
        (int code, string said) = Run(folder, "build", "-c", "Release", "-v", "quiet");
        Assert.AreEqual(0, code, said);
        const string Name = "Microsoft.ML.TorchSharp.dll";
        byte[] used = File.ReadAllBytes(Path.Combine(folder, "bin/Release/net10.0", Name));
        CollectionAssert.AreEqual(
            File.ReadAllBytes(Path.Combine(folder, "obj/Release/net10.0/repaired", Name)), used);
        string[] original = Directory.GetFiles(
            Path.Combine(UserPackages, "microsoft.ml.torchsharp", "0.23.1"), Name, SearchOption.AllDirectories);
        Assert.AreNotEqual(0, original.Length);
        Assert.IsFalse(original.Any(o => File.ReadAllBytes(o).AsSpan().SequenceEqual(used)));
        (code, said) = Run(folder, "bin/Release/net10.0/text.dll");
        Assert.AreEqual(0, code, said);
    }

    private static string Project(string name, string package, string program = Program, string references = "")
    {
        string folder = s_scratch!.At(name);
        Directory.CreateDirectory(folder);
        string version = Directory.GetFiles(Packages, "SpeechML.Cpu.*.nupkg").Select(Path.GetFileNameWithoutExtension)
            .Single()!["SpeechML.Cpu.".Length..];
        File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{s_scratch.At("cache")}" /></config>
              <packageSources><add key="local" value="{Packages}" /></packageSources>
              <fallbackPackageFolders><add key="own" value="{UserPackages}" /></fallbackPackageFolders>
            </configuration>
            """);
        File.WriteAllText(Path.Combine(folder, $"{name}.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="{package}" Version="{version}" />{references}</ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), program);
        return folder;
    }

    private static string UserPackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static (int Code, string Said) Run(string folder, params string[] arguments)
    {
        (int code, string output, string error) = ChildProgram.Run(
            "dotnet", arguments, start => start.WorkingDirectory = folder);
        return (code, output + error);
    }

    private static string Text(ZipArchive zip, string entry)
    {
        using var reader = new StreamReader(zip.GetEntry(entry)!.Open());
        return reader.ReadToEnd();
    }
}
