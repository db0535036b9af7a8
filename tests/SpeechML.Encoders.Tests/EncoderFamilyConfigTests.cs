using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.TrainingSupport;

namespace SpeechML.Encoders.Tests;

/// <summary>Configurations of the families beside wav2vec 2.0's own.</summary>
[TestClass]
public sealed class EncoderFamilyConfigTests
{
    /// <summary>What a configuration asks for and is not built is refused by name.</summary>
    [TestMethod]
    [DataRow("wav2vec2-conformer", "position_embeddings_type", "\"absolute\"",
        "expected 'relative' or 'rotary' (the only ones supported), got 'absolute'.")]
    [DataRow("wav2vec2-conformer", "position_embeddings_type", "null", "expected a text, got nothing.")]
    [DataRow("wav2vec2-conformer", "conv_depthwise_kernel_size", "4", "expected an odd number, got 4.")]
    [DataRow("wav2vec2-conformer", "hidden_act", "\"relu\"",
        "expected 'gelu', 'silu' or 'swish' (the only ones supported), got 'relu'.")]
    [DataRow("wav2vec2-conformer", "num_attention_heads", "3", "expected a divisor of 'hidden_size' 16, got 3.")]
    [DataRow("wav2vec2-conformer", "add_adapter", "true",
        "expected null or false (adapter layers are not supported), got true.")]
    [DataRow("wav2vec2-conformer-rotary", "num_attention_heads", "16",
        "expected heads of an even size, which rotary positions need, got heads of size 1.")]
    [DataRow("wav2vec2-bert", "position_embeddings_type", "\"rotary\"",
        "expected 'relative_key' (the only one supported), got 'rotary'.")]
    [DataRow("wav2vec2-bert", "use_intermediate_ffn_before_adapter", "true",
        "expected null or false (adapter layers are not supported), got true.")]
    [DataRow("wav2vec2-bert", "feature_projection_input_dim", "33",
        "expected an even number: two stacked frames, got 33.")]
    [DataRow("wav2vec2-bert", "left_max_position_embeddings", "40000",
        "expected a whole number from 1 to 30000, got 40000.")]
    [DataRow("data2vec-audio", "hidden_act", "\"swish\"", "expected 'gelu' (the only one supported), got 'swish'.")]
    [DataRow("data2vec-audio", "add_adapter", "true",
        "expected null or false (adapter layers are not supported), got true.")]
    [DataRow("sew", "squeeze_factor", "0", "expected a whole number from 1 to 1000, got 0.")]
    [DataRow("audio-spectrogram-transformer", "patch_size", "20",
        "expected at most 'num_mel_bins' 16 and 'max_length' 40, got 20.")]
    [DataRow("audio-spectrogram-transformer", "max_length", "2000000",
        "expected a whole number from 1 to 1000000, got 2000000.")]
    public void Create_FamilysConfigNotSupported_Refused(string name, string field, string value, string message)
    {
        JsonElement config = TinyEncoders.Config(name, (field, JsonNode.Parse(value)));
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => EncoderLoader.Create(config));
        Assert.AreEqual($"'config.json': field '{field}': {message}", error.Message);
    }

    [TestMethod]
    public void Create_WhisperWithOtherActivation_Refused()
    {
        JsonElement config = TinyEncoders.Config("whisper", ("activation_function", "relu"));
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => EncoderLoader.Create(config));
        Assert.AreEqual(
            "'config.json': field 'activation_function': expected 'gelu' (the only one supported), got 'relu'.",
            error.Message);
    }
}
