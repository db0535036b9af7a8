using SpeechML.TestSupport;

namespace SpeechML.Tool.Tests;

/// <summary>A run of a second on the repository's recordings: languages told apart by a tiny random encoder.</summary>
internal static class TinyRun
{
    /// <summary>Data and model by options alone.</summary>
    public static string[] Arguments { get; } =
    [
        "--metadata-file", Path.Combine(RepositoryFiles.Prompts, "metadata.csv"),
        "--audio-folder", RepositoryFiles.Prompts, "--audio-key", "original_audio_id", "--subject", "subject",
        "--stratify-columns", "language", "--max-clips", "24", "--max-seconds", "0.5",
        "--task", "Multiclass", "--label", "language", "--resamples", "0", "--worst-clips", "0",
        "--encoder", RepositoryFiles.TinyEncoder("hubert-base-like"), "--epochs", "2", "--freezing", "all",
        "--layers", "last",
        "--split.seed", "1",
    ];

    /// <summary>Plain models beside the run take half its time.</summary>
    public static string[] WithoutBaselines { get; } = ["--baselines", "false"];

    private static readonly Lazy<Scratch> s_scratch = new(() => new Scratch());

    private static readonly Lazy<string> s_run = new(() =>
    {
        string folder = s_scratch.Value.At("run");
        ToolHost.Succeed(["train", .. Arguments, "--output", folder, "--quiet"]);
        return folder;
    });

    /// <summary>The folder of a run that is trained once for all tests.</summary>
    public static string Folder => s_run.Value;

    public static void Clean()
    {
        if (s_scratch.IsValueCreated)
        {
            s_scratch.Value.Dispose();
        }
    }
}

/// <summary>Removes what the tests shared.</summary>
[TestClass]
public static class TinyRunCleanup
{
    [AssemblyCleanup]
    public static void Clean()
    {
        ToolHost.Stop();
        TinyRun.Clean();
    }
}
