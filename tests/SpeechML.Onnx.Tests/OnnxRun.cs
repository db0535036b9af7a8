using Microsoft.ML.OnnxRuntime;

namespace SpeechML.Onnx.Tests;

/// <summary>ONNX Runtime as any program would use it, at full optimisation; its warnings are collected.</summary>
internal sealed class OnnxRun : IDisposable
{
    private readonly string _name = $"run-{Guid.NewGuid():N}";
    private readonly InferenceSession _session;

    public OnnxRun(string path)
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL };
        options.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING;
        options.LogId = _name;
        options.IntraOpNumThreads = 1;
        _session = new InferenceSession(path, options);
    }

    public InferenceSession Session => _session;

    /// <summary>What ONNX Runtime said of this session, from warnings up.</summary>
    public string[] Warnings => OrtLog.Of(_name);

    /// <summary>The outputs by name; a warning fails.</summary>
    public Dictionary<string, (float[] Values, long[] Shape)> Run(params float[][] clips) => Run(clips, null);

    /// <summary>The outputs of clips with numbers beside them.</summary>
    public Dictionary<string, (float[] Values, long[] Shape)> Run(float[][] clips, float[][]? numbers)
    {
        int longest = clips.Max(c => c.Length);
        float[] batch = new float[clips.Length * longest];
        // Padding does not count, whatever it is.
        Array.Fill(batch, 0.5f);
        for (int i = 0; i < clips.Length; i++)
        {
            clips[i].CopyTo(batch, i * longest);
        }
        using OrtValue audio = OrtValue.CreateTensorValueFromMemory(batch, [clips.Length, longest]);
        using OrtValue lengths = OrtValue.CreateTensorValueFromMemory(
            Array.ConvertAll(clips, c => (long)c.Length), [clips.Length]);
        using OrtValue? features = numbers is null ? null : OrtValue.CreateTensorValueFromMemory(
            numbers.SelectMany(n => n).ToArray(), [clips.Length, numbers[0].Length]);
        using var options = new RunOptions();
        string[] names = [.. _session.OutputNames];
        using IDisposableReadOnlyCollection<OrtValue> values =
            _session.Run(options, features is null ? ["audio", "lengths"] : ["audio", "lengths", "features"],
                features is null ? [audio, lengths] : [audio, lengths, features], names);
        Assert.IsEmpty(Warnings, string.Join('\n', Warnings));
        return names.Zip(values).ToDictionary(
            p => p.First, p => (Floats(p.Second), p.Second.GetTensorTypeAndShape().Shape));
    }

    public void Dispose() => _session.Dispose();

    private static float[] Floats(OrtValue value)
    {
        switch (value.GetTensorTypeAndShape().ElementDataType)
        {
            case Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Bool:
                return [.. value.GetTensorDataAsSpan<bool>().ToArray().Select(b => b ? 1f : 0f)];
            case Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.UInt32:
                return [.. value.GetTensorDataAsSpan<uint>().ToArray().Select(v => (float)v)];
            case Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64:
                return [.. value.GetTensorDataAsSpan<long>().ToArray().Select(v => (float)v)];
            default:
                return value.GetTensorDataAsSpan<float>().ToArray();
        }
    }
}
