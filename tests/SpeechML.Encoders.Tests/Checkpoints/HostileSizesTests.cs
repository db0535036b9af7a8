using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.TrainingSupport;

namespace SpeechML.Encoders.Tests.Checkpoints;

/// <summary>Sizes of a configuration are compared with the weights before an encoder of such a size is made.</summary>
[TestClass]
public sealed class HostileSizesTests
{
    [TestMethod]
    [DataRow("hubert", "num_hidden_layers", "200000", "num_hidden_layers")]
    [DataRow("hubert", "num_hidden_layers", "900", "tensors of the 900 layers")]
    [DataRow("whisper", "encoder_layers", "2147483647", "encoder_layers")]
    [DataRow("hubert", "hidden_size", "65536", "expected shape [65536")]
    [DataRow("hubert", "hidden_size", "2147483646", "config.json")]
    [DataRow("hubert", "intermediate_size", "1000000000", "expected shape [1000000000")]
    [DataRow("hubert", "num_conv_pos_embeddings", "2000000000", "2000000000")]
    [DataRow("hubert", "conv_stride", "[65536, 65536, 65536]", "conv_stride")]
    [DataRow("hubert", "conv_kernel", "[2147483647, 2147483647, 2]", "conv_kernel")]
    [DataRow("hubert", "conv_dim", "[8, 8, 1000000000]", "1000000000")]
    [DataRow("wavlm", "num_buckets", "2000000000", "num_buckets")]
    [DataRow("wavlm", "num_buckets", "159", "rel_attn_embed")]
    [DataRow("whisper", "num_mel_bins", "2147483647", "num_mel_bins")]
    [DataRow("whisper", "num_mel_bins", "900", "900")]
    [DataRow("whisper", "max_source_positions", "2147483647", "max_source_positions")]
    [DataRow("whisper", "max_source_positions", "1000000", "embed_positions")]
    [DataRow("whisper", "encoder_ffn_dim", "2000000000", "2000000000")]
    [DataRow("data2vec-audio", "num_conv_pos_embeddings", "2000000000", "num_conv_pos_embeddings")]
    [DataRow("data2vec-audio", "num_conv_pos_embeddings", "900", "pos_conv_embed")]
    [DataRow("data2vec-audio", "conv_pos_kernel_size", "2000000000", "2000000000")]
    [DataRow("sew", "squeeze_factor", "1000", "upsample")]
    [DataRow("sew", "conv_dim", "[8, 8, 1000000000]", "1000000000")]
    [DataRow("wav2vec2-conformer", "conv_depthwise_kernel_size", "2000000001", "2000000001")]
    [DataRow("wav2vec2-conformer-rotary", "hidden_size", "65536", "65536")]
    [DataRow("wav2vec2-bert", "left_max_position_embeddings", "30000", "distance_embedding")]
    [DataRow("wav2vec2-bert", "feature_projection_input_dim", "2000", "2000")]
    [DataRow("wav2vec2-bert", "num_hidden_layers", "1000", "tensors of the 1000 layers")]
    [DataRow("audio-spectrogram-transformer", "max_length", "1000000", "position_embeddings")]
    [DataRow("audio-spectrogram-transformer", "num_mel_bins", "1000", "position_embeddings")]
    [DataRow("audio-spectrogram-transformer", "intermediate_size", "2000000000", "2000000000")]
    public void Load_SizeThatTheWeightsDoNotHave_IsRefusedBeforeItIsMade(
        string encoder, string field, string value, string named)
    {
        CheckpointException error = Refuse(encoder, config => config[field] = JsonNode.Parse(value));
        StringAssert.Contains(error.Message, named);
    }

    [TestMethod]
    public void Load_ManyConvolutions_IsRefused()
    {
        CheckpointException error = Refuse("hubert", config =>
        {
            foreach (string field in new[] { "conv_dim", "conv_kernel", "conv_stride" })
            {
                config[field] = new JsonArray([.. Enumerable.Repeat(0, 300_000).Select(_ => (JsonNode)1)]);
            }
        });
        StringAssert.Contains(error.Message, "conv_dim");
    }

    [TestMethod]
    public void Create_SizeThatNoMemoryHolds_NamesTheConfiguration() =>
        StringAssert.Contains(
            Assert.ThrowsExactly<CheckpointException>(() =>
                EncoderLoader.Create(TinyEncoders.Config("hubert", ("intermediate_size", 2147483647),
                    ("hidden_size", 2147483646)))).Message, "config.json");

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.NegativeInfinity)]
    public void Load_WeightThatIsNoNumber_IsRefusedByName(float value)
    {
        const string Name = "encoder.layers.1.attention.k_proj.weight";
        using SpeechEncoder source = TinyEncoders.Create("hubert");
        string folder = TinyEncoders.WriteFolder(source, TinyEncoders.Config("hubert"),
            tensors => BitConverter.GetBytes(value).CopyTo(tensors[Name].Bytes, 40));
        try
        {
            CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => EncoderLoader.Load(folder));
            Assert.AreEqual(Name, error.Tensor);
            StringAssert.Contains(error.Message, "expected finite numbers");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Load_ConfigurationLongerThanAny_IsRefusedUnread()
    {
        using SpeechEncoder source = TinyEncoders.Create("hubert");
        string folder = TinyEncoders.WriteFolder(source, TinyEncoders.Config("hubert"));
        try
        {
            File.AppendAllText(Path.Combine(folder, "config.json"), new string(' ', 9 << 20));
            StringAssert.Contains(
                Assert.ThrowsExactly<CheckpointException>(() => EncoderLoader.Load(folder)).Message,
                "expected a JSON file of at most 8388608 bytes");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static CheckpointException Refuse(string encoder, Action<JsonObject> change)
    {
        using SpeechEncoder source = TinyEncoders.Create(encoder);
        JsonObject config = JsonObject.Create(TinyEncoders.Config(encoder))!;
        change(config);
        string folder = TinyEncoders.WriteFolder(source, JsonSerializer.SerializeToElement(config));
        try
        {
            CheckpointException? refused = null;
            long before = BoundedLoad.PeakResident();
            var bounded = new BoundedLoad(typeof(CheckpointException));
            bounded.Run(
                new FileInfo(Path.Combine(folder, "config.json")).Length, encoder,
                () => refused = Assert.ThrowsExactly<CheckpointException>(() => EncoderLoader.Load(folder)));
            bounded.AssertNoFaults();
            Assert.IsLessThan(64L << 20, BoundedLoad.PeakResident() - before);
            return refused!;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
