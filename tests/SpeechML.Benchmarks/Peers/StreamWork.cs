using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SpeechML.Benchmarks.Workers;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks.Peers;

/// <summary>
/// A service: several threads, each of which scores one clip after the other, through an engine of its own or a shared
/// session.
/// </summary>
internal static class StreamWork
{
    public const int Threads = 8;
    public const int Seconds = 3;

    private const string Model = "hubert-base";
    private const int ClipsOfThread = 4;

    /// <param name="batching">How they are put into batches; <see langword="null"/> for not at all.</param>
    /// <param name="tail">Give the time of the slowest of a hundred clips instead of that of all.</param>
    public static IWork Ours(SpeechBatchingOptions? batching, bool tail)
    {
        var mlContext = new MLContext(seed: 1);
        SpeechEncodingTransformer model = mlContext.Transforms.EncodeSpeech("Features", new SpeechEncodingOptions
        {
            Encoder = PeerFiles.Checkpoint(Model),
        }, "Audio").Fit(mlContext.Data.LoadFromEnumerable(Array.Empty<Row>()));
        mlContext.Speech().UseBatching(model, batching);
        PredictionEngine<Row, Out>[] engines = [.. Enumerable.Range(0, Threads).Select(_ =>
            mlContext.Model.CreatePredictionEngine<Row, Out>(
                model, new PredictionEngineOptions { OwnsTransformer = false }))];
        MLAudio[] clips = [.. Enumerable.Range(0, Threads).Select(i => MLAudio.FromSamples(Clip(i), 16_000))];
        return new StreamOf(thread => engines[thread].Predict(new Row { Audio = clips[thread] }).Features, tail, model);
    }

    /// <inheritdoc cref="Ours"/>
    public static IWork Onnx(bool tail)
    {
        using var options = new SessionOptions { IntraOpNumThreads = get_num_threads() };
        var session = new InferenceSession(PeerFiles.Unpacked($"{Model}.onnx"), options);
        NamedOnnxValue[][] inputs = [.. Enumerable.Range(0, Threads).Select(i =>
        {
            (float[] values, long[] shape) = PeerAudio.Padded([Clip(i)]);
            return new[]
            {
                NamedOnnxValue.CreateFromTensor(
                    session.InputMetadata.Keys.Single(),
                    new DenseTensor<float>(values, [.. shape.Select(n => (int)n)])),
            };
        })];
        return new StreamOf(thread =>
        {
            using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run(inputs[thread]);
            Tensor<float> frames = results.Single().AsTensor<float>();
            (int count, int size) = (frames.Dimensions[1], frames.Dimensions[2]);
            float[] mean = new float[size];
            for (int frame = 0; frame < count; frame++)
            {
                for (int i = 0; i < size; i++)
                {
                    mean[i] += frames[0, frame, i] / count;
                }
            }
            return mean;
        }, tail, session);
    }

    private static float[] Clip(int number) => PeerAudio.Clip(number, Seconds);

    private sealed class StreamOf(Func<int, float[]> score, bool tail, IDisposable owned) : IMeasuredWork
    {
        public double Seconds { get; private set; }

        public void Run()
        {
            double[] times = new double[Threads * ClipsOfThread];
            long start = Stopwatch.GetTimestamp();
            Task.WaitAll([.. Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
                () =>
                {
                    for (int i = 0; i < ClipsOfThread; i++)
                    {
                        long begun = Stopwatch.GetTimestamp();
                        _ = score(thread);
                        times[(thread * ClipsOfThread) + i] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
                    }
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))]);
            Seconds = tail ? times.Max() : Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        public float[] Check() => [.. Enumerable.Range(0, Threads).SelectMany(score)];

        public void Dispose() => owned.Dispose();
    }

    private sealed class Row
    {
        public MLAudio? Audio { get; set; }
    }

    private sealed class Out
    {
        public float[] Features { get; set; } = [];
    }
}
