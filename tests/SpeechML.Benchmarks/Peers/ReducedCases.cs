using SpeechML.Benchmarks.Workers;

namespace SpeechML.Benchmarks.Peers;

/// <summary>
/// Rows of bfloat16, of short clips and of large encoders. bfloat16 is compared with the peers' float32 and with
/// torch's own autocast.
/// </summary>
internal static class ReducedCases
{
    // Of the greatest output: bfloat16 has two to three decimal digits.
    private const double Rounded = 0.08;
    private const double RoundedGradients = 0.25;

    private const SpeechPrecision BFloat16 = SpeechPrecision.BFloat16;

    private const string Base = """
        "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072,
        "feat_extract_norm": "group", "conv_bias": false
        """;

    private const string Large = """
        "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096,
        "feat_extract_norm": "layer", "conv_bias": true, "do_stable_layer_norm": true
        """;

    private const string Convolutions = """
        "conv_dim": [512, 512, 512, 512, 512, 512, 512], "conv_kernel": [10, 3, 3, 3, 3, 2, 2],
        "conv_stride": [5, 2, 2, 2, 2, 2, 2]
        """;

    public static IReadOnlyList<PeerCase> All { get; } =
    [
        Inference("wavlm-base", 1, 3, SpeechPrecision.Float32),
        Inference("wavlm-base", 1, 3, BFloat16),
        Inference("hubert-base", 1, 10, BFloat16),
        Inference("hubert-base", 4, 10, BFloat16),
        Inference("wavlm-base", 1, 10, BFloat16),
        Inference("wavlm-base", 4, 10, BFloat16),
        OfLarge("hubert"), OfLarge("wavlm"), Stream(tail: false), Stream(tail: true),
        new PeerCase(
            "whisper-30s-bf16",
            "bfloat16, Whisper base encoder, 30 s",
            new Dictionary<string, Func<IWork>>
            {
                [PeerCase.Ours] = () => OurWork.Whisper(BFloat16),
                [PeerCase.HuggingFace] = GraphWork.Whisper,
                [PeerCase.Autocast] = () => GraphWork.Autocast(GraphWork.Whisper),
                [PeerCase.Onnx] = OnnxWork.Whisper,
            },
            new Dictionary<string, double> { [PeerCase.Autocast] = 0.75, [PeerCase.Onnx] = 0.60 },
            Rounded),
        new PeerCase(
            "folder-bf16",
            "bfloat16, a folder of clips of 0.5-15 s, HuBERT base, from WAV files to mean vectors",
            new Dictionary<string, Func<IWork>>
            {
                [PeerCase.Ours] = () => OurWork.Folder(BFloat16),
                [PeerCase.HuggingFace] = GraphWork.Folder,
            },
            new Dictionary<string, double> { [PeerCase.HuggingFace] = 0.22 },
            Rounded)
        { Note = PeerCases.Fewer + "The peer, in float32, pads each 8 in file order." },
        new PeerCase(
            "train-step-bf16",
            "bfloat16, full fine-tuning step, HuBERT base, 4 × 10 s, dropout 0.1",
            new Dictionary<string, Func<IWork>>
            {
                [PeerCase.Ours] = () => OurTraining.FullStep(BFloat16),
                [PeerCase.HuggingFace] = GraphTraining.FullStep,
            },
            new Dictionary<string, double> { [PeerCase.HuggingFace] = 0.35 },
            RoundedGradients)
        { Note = "The peer in float32. Gradients compared without dropout." },
        new PeerCase(
            "last-two-bf16",
            "bfloat16, last two layers, 10 epochs over clips of 2-10 s, HuBERT base",
            new Dictionary<string, Func<IWork>>
            {
                [PeerCase.Ours] = () => OurTraining.LastTwo(BFloat16),
                [PeerCase.HuggingFace] = GraphTraining.LastTwo,
            },
            new Dictionary<string, double> { [PeerCase.HuggingFace] = 0.07 },
            RoundedGradients)
        { PeerFactor = 10, Note = PeerCases.Fewer + "The peer in float32, one epoch, counted ten times." },
    ];

    private static PeerCase Stream(bool tail) => new(
        tail ? "stream-slowest" : "stream",
        $"{StreamWork.Threads} threads that score single clips of {StreamWork.Seconds} s, HuBERT base, " +
        (tail ? "the slowest clip" : "32 clips"),
        new Dictionary<string, Func<IWork>>
        {
            [PeerCase.Ours] = () => StreamWork.Ours(new SpeechBatchingOptions(), tail),
            [PeerCase.Single] = () => StreamWork.Ours(null, tail),
            [PeerCase.Onnx] = () => StreamWork.Onnx(tail),
        },
        new Dictionary<string, double>(),
        1e-3)
    { Note = "Ours with UseBatching (8 clips, 5 ms), from samples to a mean vector; one session of ONNX Runtime." };

    private static PeerCase Inference(string model, int clips, int seconds, SpeechPrecision precision)
    {
        bool rounded = precision == BFloat16;
        var sides = new Dictionary<string, Func<IWork>>
        {
            [PeerCase.Ours] = () => OurWork.Inference(model, clips, seconds, precision),
            [PeerCase.HuggingFace] = () => GraphWork.Inference(model, clips, seconds),
        };
        if (rounded)
        {
            sides[PeerCase.Autocast] = () => GraphWork.Autocast(() => GraphWork.Inference(model, clips, seconds));
        }
        sides[PeerCase.Onnx] = () => OnnxWork.Inference(model, clips, seconds);
        string name = model[..model.IndexOf('-', StringComparison.Ordinal)];
        return new PeerCase(
            $"{name}-{clips}x{seconds}{(rounded ? "-bf16" : "")}",
            $"{(rounded ? "bfloat16" : "inference")}, {(name == "hubert" ? "HuBERT" : "WavLM")} base, {clips} × " +
            $"{seconds} s",
            sides,
            new Dictionary<string, double>
            {
                [PeerCase.Autocast] = 0.75,
                [PeerCase.Onnx] = rounded ? 0.50 : 0.90,
            },
            rounded ? Rounded : 1e-3)
        { Note = rounded ? "ONNX Runtime and the graph without autocast in float32." : "" };
    }

    /// <summary>Whether a large encoder takes the time that its multiplications take in a base one.</summary>
    private static PeerCase OfLarge(string model) => new(
        $"{model}-large-1x10",
        $"inference, {(model == "hubert" ? "HuBERT" : "WavLM")} large (drawn weights), 1 × 10 s",
        new Dictionary<string, Func<IWork>>
        {
            [PeerCase.Ours] = () => OurWork.Drawn($"{model}-large-drawn", Config(model, Large)),
            [PeerCase.Base] = () => OurWork.Drawn($"{model}-base-drawn", Config(model, Base)),
        },
        new Dictionary<string, double> { [PeerCase.Base] = 1.0 },
        1e-3)
    {
        PeerFactor = Multiplications(24, 1024, 4096) / Multiplications(12, 768, 3072),
        Note = "The time of the base encoder, times the ratio of multiplications; finite outputs are all that is " +
            "compared.",
    };

    private static string Config(string model, string sizes) =>
        $$"""{"model_type": "{{model}}", {{sizes}}, {{Convolutions}}}""";

    /// <summary>Multiplications of convolutions, linear maps and attention for 10 s.</summary>
    private static double Multiplications(int layers, double hidden, double inner)
    {
        const double Channels = 512;
        double frames = 160_000, inputs = 1, sum = 0;
        foreach ((int kernel, int stride) in new[] { (10, 5), (3, 2), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2) })
        {
            frames = Math.Floor((frames - kernel) / stride) + 1;
            sum += frames * inputs * Channels * kernel;
            inputs = Channels;
        }
        return sum + (frames * Channels * hidden)
            + (layers * frames * ((4 * hidden * hidden) + (2 * hidden * inner) + (2 * frames * hidden)));
    }
}
