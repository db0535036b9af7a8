using System.Diagnostics;
using System.Runtime.InteropServices;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests.Packages;

/// <summary>The tool as a user has it: packed for this machine, installed from a folder of packages, and run.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class ToolPackageTests
{
    [TestMethod]
    public void Tool_InstalledFromItsPackage_TrainsAndScores()
    {
        using var scratch = new Scratch();
        string packages = scratch.At("packages"), tools = scratch.At("tools");
        Run(RepositoryFiles.Root, "dotnet", "pack", Path.Combine("tools", "speechml"), "-c", "Release", "-v", "quiet",
            "-o", packages, $"-p:ToolPlatforms={RuntimeInformation.RuntimeIdentifier}");
        File.WriteAllText(scratch.At("nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{scratch.At("cache")}" /></config>
              <packageSources><clear /><add key="local" value="{packages}" /></packageSources>
            </configuration>
            """);
        Run(scratch.Folder, "dotnet", "tool", "install", "SpeechML.Tool", "--prerelease", "--tool-path", tools);
        string speechml = Path.Combine(tools, OperatingSystem.IsWindows() ? "speechml.exe" : "speechml");

        StringAssert.Contains(Run(scratch.Folder, speechml, "--help"), "\n  predict ");
        Run(scratch.Folder, speechml, "train", "--metadata-file",
            Path.Combine(RepositoryFiles.Prompts, "metadata.csv"), "--audio-folder", RepositoryFiles.Prompts,
            "--audio-key", "original_audio_id", "--subject", "subject", "--stratify-columns", "language",
            "--task", "Multiclass", "--label", "language", "--max-clips", "24", "--max-seconds", "0.5", "--resamples",
            "0", "--encoder", RepositoryFiles.TinyEncoder("hubert-base-like"), "--layers", "last", "--freezing", "all",
            "--epochs", "1", "--output", "runs/1", "--quiet");
        string scores = Run(scratch.Folder, speechml, "predict", "--model", "runs/1", "--file",
            Path.Combine(RepositoryFiles.Prompts, "fr03-01.wav"));
        StringAssert.StartsWith(scores, "file,decision,probability:en,");
        Assert.HasCount(3, scores.Split('\n'));
    }

    private static string Run(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, $"{program} {string.Join(' ', arguments)}\n{said}{errors.Result}");
        return said;
    }
}
