using Microsoft.ML.OnnxRuntime;

namespace SpeechML.Onnx.Running;

/// <summary>A session of ONNX Runtime.</summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;

    /// <param name="model">The model.</param>
    /// <param name="folder">Where the file with its weights is; <see langword="null"/> without one.</param>
    /// <param name="gpu">The number of the CUDA device; <see langword="null"/>: the CPU.</param>
    /// <param name="fallback">Whether the CPU is used where there is no such device.</param>
    /// <param name="threads">Threads of an operator; 0: as many as there are cores.</param>
    public OnnxSession(byte[] model, string? folder, int? gpu, bool fallback, int threads = 0)
    {
        string? why = null;
        if (gpu is { } device && (_session = OnDevice(model, folder, threads, device, out why)!) is not null)
        {
            return;
        }
        // A model that is not to be run is an error of its own, here.
        using SessionOptions options = Options(folder, threads);
        _session = new InferenceSession(model, options);
        if (gpu is not null && !fallback)
        {
            _session.Dispose();
            throw new InvalidOperationException(
                $"ONNX Runtime: expected CUDA device {gpu} (GpuDeviceId), got none: {why!.TrimEnd('.')}. Reference " +
                "Microsoft.ML.OnnxRuntime.Gpu, or set FallbackToCpu.");
        }
    }

    public IReadOnlyDictionary<string, NodeMetadata> Inputs => _session.InputMetadata;

    public IReadOnlyDictionary<string, NodeMetadata> Outputs => _session.OutputMetadata;

    /// <summary>Runs the model; several threads may.</summary>
    public IReadOnlyList<OrtValue> Run(
        IReadOnlyList<(string Name, OrtValue Value)> inputs, IReadOnlyList<string> outputs)
    {
        using var options = new RunOptions();
        return [.. _session.Run(options, [.. inputs.Select(i => i.Name)], [.. inputs.Select(i => i.Value)], outputs)];
    }

    public void Dispose() => _session.Dispose();

    /// <summary>A session on a CUDA device; <see langword="null"/>, and why, where there is none.</summary>
    private static InferenceSession? OnDevice(byte[] model, string? folder, int threads, int device, out string why)
    {
        using SessionOptions options = Options(folder, threads);
        try
        {
            options.AppendExecutionProvider_CUDA(device);
            why = "";
            return new InferenceSession(model, options);
        }
        catch (Exception error) when (error is OnnxRuntimeException or EntryPointNotFoundException)
        {
            why = error.Message;
            return null;
        }
    }

    private static SessionOptions Options(string? folder, int threads)
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING,
            IntraOpNumThreads = threads,
        };
        // A thread that waits leaves its core to decoding, and to other sessions.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        if (folder is not null)
        {
            options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", folder);
        }
        return options;
    }
}
