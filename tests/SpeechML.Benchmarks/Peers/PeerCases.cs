using System.Globalization;
using SpeechML.Benchmarks.Buckets;
using SpeechML.Benchmarks.Workers;

namespace SpeechML.Benchmarks.Peers;

/// <summary>All rows.</summary>
internal static class PeerCases
{
    /// <summary>Clips that stand for 200 in the rows over many clips: both sides do the same ones.</summary>
    public static int Clips { get; } =
        int.Parse(Environment.GetEnvironmentVariable("SPEECHML_BENCH_CLIPS") ?? "200", CultureInfo.InvariantCulture);

    public static string Fewer { get; } = Clips == 200 ? "" : $"{Clips} clips instead of 200 on both sides. ";

    public static IReadOnlyList<PeerCase> All { get; } =
    [
        Inference("hubert-base", 1), Inference("hubert-base", 4), Inference("wavlm-base", 1),
        Inference("wavlm-base", 4), Family("data2vec-1x10", "data2vec base", "data2vec-base", waveform: true),
        Family("w2v-bert-1x10", "w2v-BERT 2.0, 6 layers", "w2v-bert-6-layers"),
        Family("ast-1x10", "Audio Spectrogram Transformer base", "ast-base"),
        Graph("hubert-base", 1), Graph("hubert-base", 4), Graph("wavlm-base", 1), Graph("wavlm-base", 4),
        new PeerCase(
            "graph-whisper-30s",
            "our ONNX graph, Whisper base encoder, 30 s",
            new Dictionary<string, Func<IWork>>
            {
                [PeerCase.Ours] = OurGraphWork.Whisper,
                [PeerCase.Onnx] = OnnxWork.Whisper,
                [PeerCase.TorchSharp] = () => OurWork.Whisper(),
            },
            new Dictionary<string, double> { [PeerCase.Onnx] = 1.0 },
            1e-3)
        {
            Prepare = () => OurGraphWork.Export("whisper-base"),
            Note = "Ours from samples on, with its log-mel in double; both others are given the spectrogram.",
        },
        new PeerCase(
            "whisper-30s",
            "inference, Whisper base encoder, 30 s",
            new Dictionary<string, Func<IWork>>
            {
                [PeerCase.Ours] = () => OurWork.Whisper(),
                [PeerCase.HuggingFace] = GraphWork.Whisper,
                [PeerCase.Onnx] = OnnxWork.Whisper,
            },
            new Dictionary<string, double> { [PeerCase.HuggingFace] = 0.85 },
            1e-3),
        new PeerCase(
            "whisper-trimmed",
            "Whisper base, 8 clips of 3 s, trimmed context",
            new Dictionary<string, Func<IWork>> { [PeerCase.Ours] = OurWork.WhisperTrimmed,
            [PeerCase.HuggingFace] = GraphWork.WhisperShort },
            new Dictionary<string, double> { [PeerCase.HuggingFace] = 0.12 },
            1e-3)
        { Note = "Ours with its log-mel, the peer without; outputs compared at 30 s." },
        new PeerCase(
            "folder",
            "inference, a folder of clips of 0.5-15 s, HuBERT base, from WAV files to mean vectors",
            new Dictionary<string, Func<IWork>> { [PeerCase.Ours] = () => OurWork.Folder(),
            [PeerCase.HuggingFace] = GraphWork.Folder },
            new Dictionary<string, double> { [PeerCase.HuggingFace] = 0.45 },
            1e-3)
        { Note = Fewer + "The peer pads each 8 in file order; outputs compared clip by clip without padding." },
        new PeerCase(
            "train-step",
            "full fine-tuning step, HuBERT base, 4 × 10 s, dropout 0.1",
            new Dictionary<string, Func<IWork>> { [PeerCase.Ours] = () => OurTraining.FullStep(),
            [PeerCase.HuggingFace] = GraphTraining.FullStep },
            new Dictionary<string, double> { [PeerCase.HuggingFace] = 0.65 },
            1e-2)
        { Note = "Gradients compared without dropout." },
        new PeerCase(
            "recompute",
            "the same step with RecomputeActivations",
            new Dictionary<string, Func<IWork>> { [PeerCase.Ours] = OurTraining.RecomputedStep,
            [PeerCase.Kept] = () => OurTraining.FullStep() },
            new Dictionary<string, double>(),
            1e-2)
        { Note = "Activations are computed again in the backward pass: what counts is the memory." },
        new PeerCase(
            "last-two",
            "last two layers, 10 epochs over clips of 2-10 s, HuBERT base",
            new Dictionary<string, Func<IWork>> { [PeerCase.Ours] = () => OurTraining.LastTwo(),
            [PeerCase.HuggingFace] = GraphTraining.LastTwo },
            new Dictionary<string, double> { [PeerCase.HuggingFace] = 0.18 },
            1e-2)
        { PeerFactor = 10, Note =
            Fewer + "Ours runs all 10 epochs; the peer, whose epochs are alike, one of them, counted ten times." },
        new PeerCase(
            "head-only",
            "head only, 20 epochs over the same",
            new Dictionary<string, Func<IWork>> { [PeerCase.Ours] = OurTraining.HeadOnly,
            [PeerCase.HuggingFace] = GraphTraining.HeadOnly },
            new Dictionary<string, double> { [PeerCase.HuggingFace] = 0.04 },
            1e-2)
        { PeerFactor = 20, Note = Fewer + "Ours runs all 20 epochs; the peer one, counted twenty times." },
        new PeerCase(
            "zip",
            "features of one half, save, load, features of the other half: 2-10 s, HuBERT base, from WAV files",
            new Dictionary<string, Func<IWork>> { [PeerCase.Ours] = ZipWork.Pipeline,
            [PeerCase.Encoder] = ZipWork.Encoder },
            new Dictionary<string, double> { [PeerCase.Encoder] = 1.05 },
            1e-3)
        { Note = Fewer + "The encoder alone has the samples in memory and the same batches." },
        new PeerCase(
            "bucket",
            "500 clips of a bucket, 50 ms for every answer, decoded and resampled to 44.1 kHz",
            new Dictionary<string, Func<IWork>> { [PeerCase.Ours] = BucketWork.Bucket,
            [PeerCase.Disk] = BucketWork.Local },
            new Dictionary<string, double> { [PeerCase.Disk] = 1.3 },
            0)
        { NeedsPeers = false, Note =
            "A new store with an empty cache each time; the server, in a process of its own, has the same cores." },
        new PeerCase(
            "load",
            "load a base checkpoint to a ready model",
            new Dictionary<string, Func<IWork>> { [PeerCase.Ours] = OurWork.Load,
            [PeerCase.HuggingFace] = GraphWork.Load },
            new Dictionary<string, double> { [PeerCase.HuggingFace] = 1.0 },
            1e-3),
        .. ReducedCases.All, .. FamilyCases.All,
    ];

    private static PeerCase Family(string name, string what, string model, bool waveform = false) => new(
        name,
        $"inference, {what}, 1 × 10 s",
        new Dictionary<string, Func<IWork>>
        {
            [PeerCase.Ours] = () => OurWork.Inference(model, 1),
            [PeerCase.HuggingFace] = () => waveform ? GraphWork.Inference(model, 1) : GraphWork.Spectrogram(model),
            [PeerCase.Onnx] = () => waveform ? OnnxWork.Inference(model, 1) : OnnxWork.Spectrogram(model),
        },
        new Dictionary<string, double> { [PeerCase.HuggingFace] = 0.90, [PeerCase.Onnx] = 1.0 },
        1e-3);

    private static PeerCase Inference(string model, int clips) => new(
        $"{model[..model.IndexOf('-', StringComparison.Ordinal)]}-{clips}x10",
        $"inference, {(model.StartsWith('h') ? "HuBERT" : "WavLM")} base, {clips} × 10 s",
        new Dictionary<string, Func<IWork>>
        {
            [PeerCase.Ours] = () => OurWork.Inference(model, clips),
            [PeerCase.HuggingFace] = () => GraphWork.Inference(model, clips),
            [PeerCase.Onnx] = () => OnnxWork.Inference(model, clips),
        },
        new Dictionary<string, double> { [PeerCase.HuggingFace] = 0.70, [PeerCase.Onnx] = 0.90 },
        1e-3);

    private static PeerCase Graph(string model, int clips) => new(
        $"graph-{model[..model.IndexOf('-', StringComparison.Ordinal)]}-{clips}x10",
        $"our ONNX graph, {(model.StartsWith('h') ? "HuBERT" : "WavLM")} base, {clips} × 10 s",
        new Dictionary<string, Func<IWork>>
        {
            [PeerCase.Ours] = () => OurGraphWork.Inference(model, clips),
            [PeerCase.Onnx] = () => OnnxWork.Inference(model, clips),
            [PeerCase.TorchSharp] = () => OurWork.Inference(model, clips),
        },
        new Dictionary<string, double> { [PeerCase.Onnx] = 1.0 },
        1e-3)
    {
        Prepare = () => OurGraphWork.Export(model),
        Note = "Ours from samples on; the peer's graph, exported from Hugging Face's model, is given normalised ones.",
    };
}
