using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Families.Whisper;

namespace SpeechML;

/// <summary>A pretrained encoder that has a short name.</summary>
/// <param name="Name">The short name.</param>
/// <param name="HubId">Its id on the Hugging Face Hub.</param>
/// <param name="Config">Its facts, known before anything is downloaded; once loaded, those of its <c>config.json</c>
/// count.</param>
public sealed record EncoderEntry(string Name, string HubId, EncoderConfig Config);

/// <summary>Short names of pretrained encoders.</summary>
public static class EncoderRegistry
{
    private static readonly int[] s_kernels = [10, 3, 3, 3, 3, 2, 2];
    private static readonly int[] s_strides = [5, 2, 2, 2, 2, 2, 2];
    private static readonly int[] s_channels = [512, 512, 512, 512, 512, 512, 512];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<EncoderEntry> Known { get; } =
    [
        new("wavlm-base", "microsoft/wavlm-base", Base("wavlm")),
        new("wavlm-base-plus", "microsoft/wavlm-base-plus", Base("wavlm")),
        new("wavlm-large", "microsoft/wavlm-large", Large("wavlm", 1024, 24) with { ConvBias = false }),
        new("hubert-base", "facebook/hubert-base-ls960", Base("hubert")),
        new("hubert-large", "facebook/hubert-large-ll60k", Large("hubert", 1024, 24)),
        new("hubert-xlarge", "facebook/hubert-xlarge-ll60k", Large("hubert", 1280, 48)),
        new("distilhubert", "ntu-spml/distilhubert", Base("hubert") with { LayerCount = 2, ProjectionNorm = false }),
        new("wav2vec2-base", "facebook/wav2vec2-base", Base("wav2vec2")),
        // Large in size only: group norm and post-norm layers, as the base model.
        new("wav2vec2-large", "facebook/wav2vec2-large",
            Base("wav2vec2") with { HiddenSize = 1024, LayerCount = 24, Heads = 16, FeedForwardSize = 4096 }),
        new("wav2vec2-xls-r-300m", "facebook/wav2vec2-xls-r-300m", Large("wav2vec2", 1024, 24)),
        new("wav2vec2-xls-r-1b", "facebook/wav2vec2-xls-r-1b", Large("wav2vec2", 1280, 48)),
        new("wav2vec2-xls-r-2b", "facebook/wav2vec2-xls-r-2b", Large("wav2vec2", 1920, 48)),
        new("whisper-tiny", "openai/whisper-tiny", Whisper(384, 4, 6)),
        new("whisper-base", "openai/whisper-base", Whisper(512, 6, 8)),
        new("whisper-small", "openai/whisper-small", Whisper(768, 12, 12)),
        new("whisper-medium", "openai/whisper-medium", Whisper(1024, 24, 16)),
        new("whisper-large", "openai/whisper-large", Whisper(1280, 32, 20)),
        new("whisper-large-v2", "openai/whisper-large-v2", Whisper(1280, 32, 20)),
        new("whisper-large-v3", "openai/whisper-large-v3", Whisper(1280, 32, 20, mels: 128)),
        new("whisper-large-v3-turbo", "openai/whisper-large-v3-turbo", Whisper(1280, 32, 20, mels: 128)),
    ];

    /// <summary>The short names, for messages.</summary>
    internal static string KnownNames => string.Join(", ", Known.Select(known => $"'{known.Name}'"));

    /// <summary>The encoder of a short name, or <see langword="null"/>.</summary>
    public static EncoderEntry? Find(string name) =>
        Known.FirstOrDefault(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static SslConfig Base(string type) => new()
    {
        ModelType = type,
        SampleRate = 16000,
        HiddenSize = 768,
        LayerCount = 12,
        Heads = 12,
        FeedForwardSize = 3072,
        ConvChannels = s_channels,
        ConvKernels = s_kernels,
        ConvStrides = s_strides,
    };

    private static SslConfig Large(string type, int hidden, int layers) => Base(type) with
    {
        HiddenSize = hidden,
        LayerCount = layers,
        Heads = 16,
        FeedForwardSize = 4 * hidden,
        GroupNorm = false,
        PreNorm = true,
        ConvBias = true,
    };

    private static WhisperConfig Whisper(int hidden, int layers, int heads, int mels = 80) => new()
    {
        ModelType = "whisper",
        SampleRate = 16000,
        HiddenSize = hidden,
        LayerCount = layers,
        Heads = heads,
        FeedForwardSize = 4 * hidden,
        Mels = mels,
        Positions = 1500,
    };
}
