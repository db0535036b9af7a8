using SpeechML.Benchmarks.Workers;

namespace SpeechML.Benchmarks.Peers;

/// <summary>
/// Families without a graph to compare with, at base size with drawn weights: multiplications a second beside those of
/// HuBERT base.
/// </summary>
internal static class FamilyCases
{
    // A rate of 0.9 of HuBERT's.
    private const double Aim = 1 / 0.9;

    private const int Samples = 160_000; // 10 s
    private const double Hidden = 768, Inner = 3072, Layers = 12, Kernel = 128, Groups = 16, Depthwise = 31;
    private const double SewKernel = 31; // of the published ones

    private const string Sizes = """
        "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072
        """;

    private static readonly int[] s_channels = [512, 512, 512, 512, 512, 512, 512];
    private static readonly int[] s_kernels = [10, 3, 3, 3, 3, 2, 2];
    private static readonly int[] s_strides = [5, 2, 2, 2, 2, 2, 2];
    private static readonly int[] s_sewChannels = [64, 128, 128, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512];
    private static readonly int[] s_sewKernels = [10, 3, 1, 3, 1, 3, 1, 3, 1, 2, 1, 2, 1];
    private static readonly int[] s_sewStrides = [5, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1];

    private static readonly string s_base = Convolutions("group", "false", s_channels, s_kernels, s_strides);

    private static readonly string s_sew = Convolutions(
        "group", "false", s_sewChannels, s_sewKernels, s_sewStrides) +
        ", \"squeeze_factor\": 2, \"num_conv_pos_embeddings\": 31";

    /// <summary>SEW at base size.</summary>
    public static string SewConfig => Config("sew", s_sew);

    public static IReadOnlyList<PeerCase> All { get; } =
    [
        Of("unispeech", "UniSpeech", $"{s_base}, \"do_stable_layer_norm\": false", Ssl()),
        Of("unispeech-sat", "UniSpeech-SAT", $"{s_base}, \"do_stable_layer_norm\": false", Ssl()),
        Of("wav2vec2-conformer", "wav2vec2-conformer, relative positions", Conformer("relative"), OfConformer(true)),
        Of("wav2vec2-conformer", "wav2vec2-conformer, rotary positions", Conformer("rotary"), OfConformer(false)),
        Of("sew", "SEW", s_sew, Sew()), SewByFrames(),
    ];

    /// <summary>
    /// SEW's layers see half as many frames, and a product of fewer rows has a lower rate: HuBERT's of half the clip
    /// see as many.
    /// </summary>
    private static PeerCase SewByFrames()
    {
        PeerCase whole = Of("sew", "SEW", s_sew, Sew());
        return whole with
        {
            Name = "sew-frames-1x10",
            What = whole.What + ", beside HuBERT with as many frames in its layers",
            Sides = new Dictionary<string, Func<IWork>>
            {
                [PeerCase.Ours] = whole.Sides[PeerCase.Ours],
                [PeerCase.Base] = () => OurWork.Drawn("hubert-base-drawn", Config("hubert", s_base), seconds: 5),
            },
            PeerFactor = Sew() / Ssl(Samples / 2),
            Note = "The time of HuBERT base on 5 s, times the ratio of multiplications.",
        };
    }

    private static PeerCase Of(string type, string what, string fields, double multiplications)
    {
        string name = $"{type}{(fields.Contains("rotary", StringComparison.Ordinal) ? "-rotary" : "")}";
        return new PeerCase(
            $"{name}-1x10",
            $"inference, {what}, base size (drawn weights), 1 × 10 s",
            new Dictionary<string, Func<IWork>>
            {
                [PeerCase.Ours] = () => OurWork.Drawn($"{name}-base-drawn", Config(type, fields)),
                [PeerCase.Base] = () => OurWork.Drawn("hubert-base-drawn", Config("hubert", s_base)),
            },
            new Dictionary<string, double> { [PeerCase.Base] = Aim },
            1e-3)
        {
            NeedsPeers = false,
            PeerFactor = multiplications / Ssl(),
            Note = "The time of HuBERT base, times the ratio of multiplications; finite outputs are all that is " +
                "compared.",
        };
    }

    private static string Conformer(string positions) =>
        Convolutions("layer", "true", s_channels, s_kernels, s_strides) +
        $", \"position_embeddings_type\": \"{positions}\", \"conv_depthwise_kernel_size\": 31, " +
        "\"hidden_act\": \"swish\"";

    private static string Config(string type, string fields) =>
        $$"""{"model_type": "{{type}}", {{Sizes}}, {{fields}}}""";

    private static string Convolutions(string norm, string bias, int[] channels, int[] kernels, int[] strides) =>
        $"\"feat_extract_norm\": \"{norm}\", \"conv_bias\": {bias}, \"conv_dim\": [{string.Join(", ", channels)}], " +
        $"\"conv_kernel\": [{string.Join(", ", kernels)}], \"conv_stride\": [{string.Join(", ", strides)}]";

    // Multiplications of convolutions, linear maps and attention.
    private static double Ssl(int samples = Samples)
    {
        (double sum, double frames) = FrontEnd(s_channels, s_kernels, s_strides, samples);
        return sum + Positions(frames, Kernel) + (Layers * frames * (Attention(frames) + (2 * Hidden * Inner)));
    }

    private static double Sew()
    {
        (double sum, double frames) = FrontEnd(s_sewChannels, s_sewKernels, s_sewStrides);
        double squeezed = Math.Floor(frames / 2);
        return sum + Positions(squeezed, SewKernel) + (Layers * squeezed * (Attention(squeezed) + (2 * Hidden * Inner)))
            + (squeezed * 2 * Hidden * Hidden);
    }

    private static double OfConformer(bool relative)
    {
        (double sum, double frames) = FrontEnd(s_channels, s_kernels, s_strides);
        double layer = Attention(frames) + (4 * Hidden * Inner) + (3 * Hidden * Hidden) + (Depthwise * Hidden);
        double distances = (2 * frames) - 1;
        return sum + (Layers * frames * layer)
            + (relative ? Layers * distances * Hidden * (Hidden + frames) : 0);
    }

    private static double Attention(double frames) => (4 * Hidden * Hidden) + (2 * frames * Hidden);

    private static double Positions(double frames, double kernel) => frames * Hidden * (Hidden / Groups) * kernel;

    private static (double Sum, double Frames) FrontEnd(
        int[] channels, int[] kernels, int[] strides, int samples = Samples)
    {
        double frames = samples, inputs = 1, sum = 0;
        for (int i = 0; i < channels.Length; i++)
        {
            frames = Math.Floor((frames - kernels[i]) / strides[i]) + 1;
            sum += frames * inputs * channels[i] * kernels[i];
            inputs = channels[i];
        }
        return (sum + (frames * inputs * Hidden), frames);
    }
}
