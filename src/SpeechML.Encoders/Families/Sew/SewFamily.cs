using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Layers;

namespace SpeechML.Encoders.Families.Sew;

/// <summary>SEW, which takes the waveform.</summary>
internal static class SewFamily
{
    private static readonly int[] s_channels = [64, 128, 128, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512];

    public static EncoderFamily Sew { get; } = SslFamily.OfWaveforms(
        "sew", "SEWModel",
        [new("sew-tiny", "asapp/sew-tiny-100k", Tiny())],
        SewConfig.Parse,
        (config, source, layers) => Build((SewConfig)config, source, layers)) with
    {
        // Upsampling would make several frames of each vector.
        PythonPrompt =
        [
            ".layers[0].register_forward_pre_hook(lambda m, a: (prompt(a[0]), *a[1:]))",
            ".upsample.register_forward_pre_hook(lambda m, a: (a[0][:, len(w[\"prompt.embedding\"]):],))",
        ],
        PythonDropsPrompt = true,
    };

    private static SewEncoder Build(SewConfig config, EncoderSource source, int layers) =>
        new(config, source, layers,
            _ => new MultiHeadAttention(config.HiddenSize, config.Heads, keyBias: true, config.AttentionDropout));

    private static SewConfig Tiny() => new()
    {
        ModelType = "sew",
        SampleRate = 16000,
        HiddenSize = 512,
        LayerCount = 12,
        Heads = 8,
        FeedForwardSize = 2048,
        ConvChannels = s_channels,
        ConvKernels = [10, 3, 1, 3, 1, 3, 1, 3, 1, 2, 1, 2, 1],
        ConvStrides = [5, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1],
        PositionalKernel = 31,
    };
}
