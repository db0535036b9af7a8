using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using SpeechML.Benchmarks.Workers;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks.Peers;

/// <summary>
/// The graph that SpeechML.OnnxConverter writes, on ONNX Runtime: from samples to the last hidden state.
/// </summary>
internal static class OurGraphWork
{
    private const string Output = "Features";

    public static IWork Inference(string model, int clips) =>
        Create(model, [.. Enumerable.Range(0, clips).Select(i => PeerAudio.Clip(i, 10))]);

    /// <summary>With its log-mel spectrogram, which the peer's graph is given.</summary>
    public static IWork Whisper() => Create("whisper-base", [PeerAudio.Clip(0, 30)]);

    private static Work Create(string model, float[][] clips)
    {
        using var options = new SessionOptions { IntraOpNumThreads = get_num_threads() };
        var session = new InferenceSession(FileOf(model), options);
        float[] audio = [.. clips.SelectMany(c => c)];
        long[] lengths = Array.ConvertAll(clips, c => (long)c.Length);
        return new Work(
            () => _ = Run(session, audio, lengths, _ => 0),
            () => Run(session, audio, lengths, value => value.GetTensorDataAsSpan<float>().ToArray()), session);
    }

    private static T Run<T>(InferenceSession session, float[] audio, long[] lengths, Func<OrtValue, T> read)
    {
        using OrtValue samples = OrtValue.CreateTensorValueFromMemory(
            audio, [lengths.Length, audio.Length / lengths.Length]);
        using OrtValue counts = OrtValue.CreateTensorValueFromMemory(lengths, [lengths.Length]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> values =
            session.Run(options, ["audio", "lengths"], [samples, counts], [Output]);
        return read(values[0]);
    }

    private static string FileOf(string model) => Path.Combine(PeerFiles.Cache, $"{model}.ours.onnx");

    /// <summary>Writes the graph, on which a session stands that has nothing else in memory.</summary>
    public static void Export(string model)
    {
        string path = FileOf(model);
        var mlContext = new MLContext(seed: 1);
        IDataView none = mlContext.Data.LoadFromEnumerable(Array.Empty<Row>());
        using SpeechEncodingTransformer encoder = mlContext.Transforms.EncodeSpeech(
            Output, new SpeechEncodingOptions
            {
                Encoder = PeerFiles.Checkpoint(model),
                Output = SpeechFeatureOutput.Frames,
            }, "Audio").Fit(none);
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        mlContext.Speech().SaveOnnx(encoder, temporary);
        File.Move(temporary, path, overwrite: true);
    }

    private sealed class Row
    {
        public MLAudio? Audio { get; set; }
    }
}
