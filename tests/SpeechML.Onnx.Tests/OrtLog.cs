using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;

namespace SpeechML.Onnx.Tests;

/// <summary>What ONNX Runtime logs, from warnings up.</summary>
[TestClass]
public static class OrtLog
{
    private static readonly ConcurrentQueue<(string Session, string Message)> s_messages = new();

    private static EnvironmentCreationOptions s_options = new()
    {
        logId = "tests",
        logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING,
        loggingFunction = (_, severity, _, session, location, message) =>
            s_messages!.Enqueue((session, $"{severity} {location}: {message}")),
    };

    /// <summary>The messages of the session whose <c>LogId</c> is given.</summary>
    internal static string[] Of(string session) =>
        [.. s_messages.Where(m => m.Session.Contains(session, StringComparison.Ordinal)).Select(m => m.Message)];

    // Before the first session, which would make an environment of its own.
    [AssemblyInitialize]
    public static void Begin(TestContext context) => _ = OrtEnv.CreateInstanceWithOptions(ref s_options);
}
