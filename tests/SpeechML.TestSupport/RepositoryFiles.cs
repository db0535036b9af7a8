using System.Reflection;

namespace SpeechML.TestSupport;

/// <summary>Files of the repository that tests read: samples, fixtures, documents.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = Metadata("RepositoryRoot");

    /// <summary>The program that loads a model zip in a process of its own.</summary>
    public static string ModelLoader { get; } = Metadata("ModelLoader");

    /// <summary>The sample whose processes share a sweep.</summary>
    public static string SweepCluster { get; } = Metadata("SweepCluster");

    /// <summary>The command-line tool.</summary>
    public static string Tool { get; } = Metadata("Tool");

    /// <summary>The program that runs command lines of the tool one after another.</summary>
    public static string ToolHost { get; } = Metadata("ToolHost");

    /// <summary>The sample that scores uploads.</summary>
    public static string ScoringService { get; } = Metadata("ScoringService");

    /// <summary>The sample that joins a recording and its transcript.</summary>
    public static string SpeechAndText { get; } = Metadata("SpeechAndText");

    /// <summary>The sample that scores windows of a provider.</summary>
    public static string ScoreProvider { get; } = Metadata("ScoreProvider");

    /// <summary>The sample with a program for each task.</summary>
    public static string Tasks { get; } = Metadata("Tasks");

    /// <summary>The .NET SDK that built the tests.</summary>
    public static string Sdk { get; } = Metadata("Sdk");

    /// <summary>The tests read them where they lie: no project copies them.</summary>
    public static string Fixtures { get; } = Path.Combine(Root, "tests", "SpeechML.TestSupport", "Fixtures");

    public static string Prompts { get; } = Path.Combine(Root, "samples", "data", "prompts");

    public static string WhisperBase { get; } = Path.Combine(Root, "samples", "models", "whisper-base-encoder");

    /// <summary>
    /// A tiny random encoder in Hugging Face layout, from the repository's own fixtures whatever <c>SPEECHML_GOLDEN</c>
    /// says.
    /// </summary>
    public static string TinyEncoder(string name) =>
        Path.Combine(Fixtures, "golden", "encoders", name);

    private static string Metadata(string key) =>
        typeof(RepositoryFiles).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == key).Value!;
}
