using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SpeechML.Benchmarks.Workers;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks.Peers;

/// <summary>The same graph in ONNX Runtime, as many threads as libtorch has.</summary>
internal static class OnnxWork
{
    public static IWork Inference(string model, int clips, int seconds = 10)
    {
        (float[] values, long[] shape) =
            PeerAudio.Padded([.. Enumerable.Range(0, clips).Select(i => PeerAudio.Clip(i, seconds))]);
        return Create(model, values, [.. shape.Select(n => (int)n)]);
    }

    /// <inheritdoc cref="GraphWork.Spectrogram"/>
    public static IWork Spectrogram(string model)
    {
        using TorchSharp.torch.Tensor input = OurWork.Features(model);
        return Create(model, input.data<float>().ToArray(), [.. input.shape.Select(n => (int)n)]);
    }

    public static IWork Whisper()
    {
        using SpeechEncoder encoder = EncoderLoader.Load(PeerFiles.Checkpoint("whisper-base"), layers: 0);
        using TorchSharp.torch.Tensor mel = encoder.Prepare([PeerAudio.Clip(0, 30)]).Values;
        return Create("whisper-base", mel.data<float>().ToArray(), [.. mel.shape.Select(n => (int)n)]);
    }

    private static Work Create(string model, float[] values, int[] shape)
    {
        using var options = new SessionOptions { IntraOpNumThreads = get_num_threads() };
        var session = new InferenceSession(PeerFiles.Unpacked($"{model}.onnx"), options);
        NamedOnnxValue[] inputs =
            [NamedOnnxValue.CreateFromTensor(
            session.InputMetadata.Keys.Single(), new DenseTensor<float>(values, shape))];
        return new Work(
            () => session.Run(inputs).Dispose(),
            () =>
            {
                using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = session.Run(inputs);
                return [.. results.Single().AsEnumerable<float>()];
            },
            session);
    }
}
