using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;

namespace SpeechML.Onnx.Tests;

/// <summary>What ONNX Runtime logs, from warnings up.</summary>
[TestClass]
public static class OrtLog
{
    internal static ConcurrentQueue<string> Messages { get; } = new();

    private static EnvironmentCreationOptions s_options = new()
    {
        logId = "tests",
        logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING,
        loggingFunction = (_, severity, _, _, location, message) =>
            Messages!.Enqueue($"{severity} {location}: {message}"),
    };

    // Before the first session, which would make an environment of its own.
    [AssemblyInitialize]
    public static void Begin(TestContext context) => _ = OrtEnv.CreateInstanceWithOptions(ref s_options);
}
