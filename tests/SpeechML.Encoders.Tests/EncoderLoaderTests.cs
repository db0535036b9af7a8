using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.TrainingSupport;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests;

[TestClass]
public sealed class EncoderLoaderTests
{
    private readonly List<string> _folders = [];

    [TestCleanup]
    public void Remove() => _folders.ForEach(folder => Directory.Delete(folder, recursive: true));

    [TestMethod]
    [DataRow("hubert", "hubert.")]
    [DataRow("hubert-batch-norm", "")]
    [DataRow("wavlm-pre-norm", "wavlm.")]
    [DataRow("wav2vec2", "wav2vec2.")]
    [DataRow("unispeech", "unispeech.")]
    [DataRow("unispeech-sat", "unispeech_sat.")]
    [DataRow("unispeech-sat", "")]
    [DataRow("data2vec-audio", "data2vec_audio.")]
    [DataRow("sew", "sew.")]
    [DataRow("sew", "")]
    [DataRow("wav2vec2-conformer", "wav2vec2_conformer.")]
    [DataRow("wav2vec2-bert", "wav2vec2_bert.")]
    [DataRow("audio-spectrogram-transformer", "audio_spectrogram_transformer.")]
    [DataRow("audio-spectrogram-transformer", "")]
    [DataRow("whisper", "model.encoder.")]
    [DataRow("whisper", "encoder.")]
    [DataRow("whisper", "")]
    public void Load_PrefixAndHeadsBeside_SameWeights(string name, string prefix)
    {
        using SpeechEncoder expected = TinyEncoders.Create(name);
        string folder = Write(expected, TinyEncoders.Config(name), tensors =>
        {
            tensors["lm_head.weight"] = ("F32", [1], new byte[4]);
            tensors["model.decoder.layers.0.fc1.weight"] = ("F32", [1], new byte[4]);
            tensors["quantizer.codevectors"] = ("F32", [1], new byte[4]);
        }, prefix);
        using SpeechEncoder actual = EncoderLoader.Load(folder);
        AssertSame(expected, actual);
        Assert.IsFalse(actual.training);
    }

    [TestMethod]
    public void Load_OldWeightNormNames_SameWeights()
    {
        using SpeechEncoder expected = TinyEncoders.Create("hubert");
        string folder = Write(expected, TinyEncoders.Config("hubert"), tensors =>
        {
            Rename(tensors, "encoder.pos_conv_embed.conv.parametrizations.weight.original0",
                "encoder.pos_conv_embed.conv.weight_g");
            Rename(tensors, "encoder.pos_conv_embed.conv.parametrizations.weight.original1",
                "encoder.pos_conv_embed.conv.weight_v");
        });
        using SpeechEncoder actual = EncoderLoader.Load(folder);
        AssertSame(expected, actual);
    }

    [TestMethod]
    public void Load_HalfPrecision_WidenedToFloat32()
    {
        using SpeechEncoder expected = TinyEncoders.Create("whisper");
        string folder = Write(expected, TinyEncoders.Config("whisper"), tensors =>
        {
            foreach ((string name, (string _, long[] shape, byte[] bytes)) in tensors.ToList())
            {
                Half[] halves = [.. MemoryMarshal.Cast<byte, float>(bytes).ToArray().Select(v => (Half)v)];
                tensors[name] = ("F16", shape, MemoryMarshal.AsBytes(halves.AsSpan()).ToArray());
            }
        });
        using SpeechEncoder actual = EncoderLoader.Load(folder);
        Dictionary<string, Tensor> weights = expected.state_dict();
        foreach ((string name, Tensor value) in actual.state_dict())
        {
            Assert.AreEqual(ScalarType.Float32, value.dtype);
            CollectionAssert.AreEqual(
                GoldenTensors.ToFloats(weights[name]).Select(v => (float)(Half)v).ToArray(),
                GoldenTensors.ToFloats(value), name);
        }
    }

    [TestMethod]
    public void Load_FewerLayers_UpperOnesNotRead()
    {
        using SpeechEncoder whole = TinyEncoders.Create("wavlm-pre-norm");
        string folder = Write(whole, TinyEncoders.Config("wavlm-pre-norm"));
        using SpeechEncoder cut = EncoderLoader.Load(folder, layers: 1);
        Assert.AreEqual(1, cut.BuiltLayers);
        Assert.IsFalse(cut.state_dict().Keys.Any(
            n => n.StartsWith("encoder.layers.1", StringComparison.Ordinal)
            || n.StartsWith("encoder.layer_norm", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Load_WithoutMaskedEmbedding_ZeroThere()
    {
        using SpeechEncoder whole = TinyEncoders.Create("wav2vec2");
        string folder = Write(whole, TinyEncoders.Config("wav2vec2"), tensors => tensors.Remove("masked_spec_embed"));
        using SpeechEncoder encoder = EncoderLoader.Load(folder);
        Assert.IsTrue(GoldenTensors.ToFloats(encoder.state_dict()["masked_spec_embed"]).All(v => v == 0));
    }

    [TestMethod]
    public void Create_FromItsOwnTexts_BuildsTheSame()
    {
        using SpeechEncoder encoder =
            EncoderLoader.Create(TinyEncoders.Config("hubert"), 1,
            features: new FeatureExtractorSettings(Normalize: false, SampleRate: 16000));
        using JsonDocument config = JsonDocument.Parse(encoder.ConfigJson);
        using JsonDocument preprocessor = JsonDocument.Parse(encoder.Features.ToJson());
        using SpeechEncoder again =
            EncoderLoader.Create(config.RootElement, 1,
            features: FeatureExtractorSettings.Parse(preprocessor.RootElement));
        CollectionAssert.AreEqual(encoder.state_dict().Keys.ToArray(), again.state_dict().Keys.ToArray());
        Assert.AreEqual(encoder.Features, again.Features);
        Assert.IsFalse(again.Features.Normalize);
    }

    [TestMethod]
    [DataRow("hubert",
        """{"do_normalize": false, "sampling_rate": 16000, "feature_size": 1, "return_attention_mask": """ +
        """true, "padding_value": -1}""",
        false)]
    [DataRow("wavlm",
        """{"feature_extractor_type": "Wav2Vec2FeatureExtractor", "processor_class": "Wav2Vec2Processor"}""", true)]
    [DataRow("whisper",
        """{"mel_filters": [[0.0, 1.0]], "feature_size": 80, "n_fft": 400, "hop_length": 160, "chunk_length": """ +
        """30, "n_samples": 480000, "dither": 0.0}""",
        true)]
    public void Load_PreprocessorConfig_IsFollowed(string name, string json, bool normalize)
    {
        string folder = WithPreprocessor(name, "preprocessor_config.json", json);
        using SpeechEncoder encoder = EncoderLoader.Load(folder);
        Assert.AreEqual(new FeatureExtractorSettings(normalize, 16000), encoder.Features);
        Assert.AreEqual(16000, encoder.Config.SampleRate);
    }

    [TestMethod]
    public void Load_FeatureExtractorWithinProcessorConfig_GoesBeforePreprocessorConfig()
    {
        string folder = WithPreprocessor("hubert", "preprocessor_config.json", """{"do_normalize": true}""");
        string processor = Path.Combine(folder, "processor_config.json");
        File.WriteAllText(processor, """{"processor_class": "Wav2Vec2Processor"}""");
        using (SpeechEncoder encoder = EncoderLoader.Load(folder))
        {
            Assert.IsTrue(encoder.Features.Normalize);
        }
        File.WriteAllText(processor,
            """{"feature_extractor": {"do_normalize": false}, "processor_class": "Wav2Vec2Processor"}""");
        using (SpeechEncoder encoder = EncoderLoader.Load(folder))
        {
            Assert.IsFalse(encoder.Features.Normalize);
        }
        File.WriteAllText(processor, """{"feature_extractor": 1}""");
        AssertRefused(folder, $"'{processor}': field 'feature_extractor': expected an object, got number.");
    }

    [TestMethod]
    [DataRow("hubert", """{"sampling_rate": 8000}""", "sampling_rate", "16000 (the only one supported)", "8000")]
    [DataRow("hubert", """{"do_normalize": 1}""", "do_normalize", "true or false", "1")]
    [DataRow("wavlm", """{"feature_extractor_type": "WhisperFeatureExtractor"}""", "feature_extractor_type",
        "'Wav2Vec2FeatureExtractor' (the only one supported)", "'WhisperFeatureExtractor'")]
    [DataRow("wav2vec2", """{"feature_size": 80}""", "feature_size", "1 (the waveform)", "80")]
    [DataRow("whisper", """{"feature_extractor_type": "SeamlessM4TFeatureExtractor"}""", "feature_extractor_type",
        "'WhisperFeatureExtractor' (the only one supported)", "'SeamlessM4TFeatureExtractor'")]
    [DataRow("whisper", """{"feature_size": 128}""", "feature_size", "80 ('num_mel_bins' of config.json)", "128")]
    [DataRow("whisper", """{"n_fft": 512}""", "n_fft", "400 (the only one supported)", "512")]
    [DataRow("whisper", """{"hop_length": "160"}""", "hop_length", "160 (the only one supported)", "\"160\"")]
    [DataRow("whisper", """{"chunk_length": 15}""", "chunk_length",
        "30 (seconds, as 'max_source_positions' of config.json)", "15")]
    [DataRow("whisper", """{"padding_value": 1.0}""", "padding_value", "0 (silence)", "1.0")]
    [DataRow("whisper", """{"dither": 0.5}""", "dither", "0 (the only one supported)", "0.5")]
    [DataRow("whisper", """{"padding_side": "left"}""", "padding_side", "'right' (the only one supported)", "'left'")]
    [DataRow("whisper", """{"sampling_rate": 8000}""", "sampling_rate", "16000 (the only one supported)", "8000")]
    public void Load_PreprocessorThatComputesSomethingElse_Refused(
        string name, string json, string field, string expected, string got)
    {
        string folder = WithPreprocessor(name, "preprocessor_config.json", json);
        AssertRefused(
            folder, $"'{Path.Combine(folder, "preprocessor_config.json")}': field '{field}': expected {expected}, " +
            $"got {got}.");
    }

    [TestMethod]
    public void Load_ConfigNotSupported_NamesTheFile()
    {
        using SpeechEncoder whole = TinyEncoders.Create("hubert");
        string folder = Write(whole, TinyEncoders.Config("hubert", ("hidden_act", "relu")));
        AssertRefused(
            folder, $"'{Path.Combine(folder, "config.json")}': field 'hidden_act': expected 'gelu' (the only one " +
            $"supported), got 'relu'.");
    }

    [TestMethod]
    public void Load_TensorMissing_Refused()
    {
        using SpeechEncoder whole = TinyEncoders.Create("hubert");
        string folder = Write(whole, TinyEncoders.Config("hubert"),
            tensors => tensors.Remove("hubert.encoder.layers.1.attention.v_proj.weight"), "hubert.");
        AssertRefused(
            folder, $"'{Path.Combine(folder, "model.safetensors")}': tensor " +
            $"'hubert.encoder.layers.1.attention.v_proj.weight': expected shape [16, 16], as encoder 'hubert' of " +
            $"config.json has it, got no such tensor.");
    }

    [TestMethod]
    public void Load_WrongShape_Refused()
    {
        using SpeechEncoder whole = TinyEncoders.Create("hubert");
        const string name = "encoder.layers.0.feed_forward.intermediate_dense.weight";
        string folder = Write(whole, TinyEncoders.Config("hubert"),
            tensors => tensors[name] = ("F32", [16, 24], tensors[name].Bytes));
        AssertRefused(
            folder, $"'{Path.Combine(folder, "model.safetensors")}': tensor '{name}': expected shape [24, 16], got " +
            $"[16, 24].");
    }

    [TestMethod]
    public void Load_WholeNumbersForWeights_Refused()
    {
        using SpeechEncoder whole = TinyEncoders.Create("hubert");
        const string name = "encoder.layer_norm.bias";
        string folder = Write(whole, TinyEncoders.Config("hubert"),
            tensors => tensors[name] = ("I32", tensors[name].Shape, tensors[name].Bytes));
        AssertRefused(
            folder, $"'{Path.Combine(folder, "model.safetensors")}': tensor '{name}': expected a floating-point " +
            $"type, got I32.");
    }

    [TestMethod]
    public void Load_WavLmWeightsIntoHubert_Refused()
    {
        using SpeechEncoder wavlm = TinyEncoders.Create("wavlm");
        string folder = Write(wavlm, TinyEncoders.Config("hubert"));
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => EncoderLoader.Load(folder));
        StringAssert.StartsWith(
            error.Message,
            $"'{Path.Combine(folder, "model.safetensors")}': tensor 'encoder.layers.0.attention.gru_rel_pos_");
        StringAssert.EndsWith(error.Message,
            "': expected only what encoder 'hubert' of 2 layers has, got a tensor that it has not: these may be " +
            "weights of another model than config.json describes.");
        Assert.ThrowsExactly<CheckpointException>(() => EncoderLoader.Load(folder, layers: 1));
    }

    [TestMethod]
    public void Load_HubertWeightsIntoWavLm_Refused()
    {
        using SpeechEncoder hubert = TinyEncoders.Create("hubert");
        string folder = Write(hubert, TinyEncoders.Config("wavlm"));
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => EncoderLoader.Load(folder));
        StringAssert.StartsWith(
            error.Message, $"'{Path.Combine(folder, "model.safetensors")}': tensor 'encoder.layers.0.attention.");
        StringAssert.EndsWith(error.Message, ", as encoder 'wavlm' of config.json has it, got no such tensor.");
    }

    [TestMethod]
    public void Load_PrefixOfAnotherFamily_Refused()
    {
        using SpeechEncoder wavlm = TinyEncoders.Create("wavlm");
        string folder = Write(wavlm, TinyEncoders.Config("hubert"), prefix: "wavlm.");
        AssertRefused(
            folder, $"'{Path.Combine(folder, "model.safetensors")}': tensor 'hubert.masked_spec_embed': expected " +
            $"this and others of encoder 'hubert', with or without 'hubert.', got none of them; the first tensor " +
            $"there is 'wavlm.encoder.layer_norm.bias'.");
    }

    [TestMethod]
    public void Load_MoreLayersThanConfigured_Refused()
    {
        using SpeechEncoder whole = TinyEncoders.Create("whisper");
        string folder = Write(whole, TinyEncoders.Config("whisper", ("encoder_layers", 1)));
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => EncoderLoader.Load(folder));
        StringAssert.Contains(error.Message, "tensor 'layers.1.");
    }

    [TestMethod]
    public void Load_SameTensorUnderBothNames_Refused()
    {
        using SpeechEncoder whole = TinyEncoders.Create("hubert");
        const string name = "encoder.pos_conv_embed.conv.parametrizations.weight.original0";
        string folder = Write(whole, TinyEncoders.Config("hubert"),
            tensors => tensors["encoder.pos_conv_embed.conv.weight_g"] = tensors[name]);
        AssertRefused(
            folder, $"'{Path.Combine(folder, "model.safetensors")}': tensor '{name}': expected it once, got both " +
            $"'{name}' and 'encoder.pos_conv_embed.conv.weight_g'.");
    }

    [TestMethod]
    [DataRow("model_type", "\"bert\"",
        "'config.json': field 'model_type': expected one of 'audio-spectrogram-transformer', 'data2vec-audio', " +
        "'hubert', 'sew', 'unispeech', 'unispeech-sat', 'wav2vec2', 'wav2vec2-bert', 'wav2vec2-conformer', 'wavlm', " +
        "'whisper', got 'bert'.")]
    [DataRow("model_type", "null",
        "'config.json': field 'model_type': expected one of 'audio-spectrogram-transformer', 'data2vec-audio', " +
        "'hubert', 'sew', 'unispeech', 'unispeech-sat', 'wav2vec2', 'wav2vec2-bert', 'wav2vec2-conformer', 'wavlm', " +
        "'whisper', got nothing.")]
    [DataRow("hidden_act", "\"relu\"",
        "'config.json': field 'hidden_act': expected 'gelu' (the only one supported), got 'relu'.")]
    [DataRow("feat_extract_activation", "\"gelu_new\"",
        "'config.json': field 'feat_extract_activation': expected 'gelu' (the only one supported), got 'gelu_new'.")]
    [DataRow("feat_extract_norm", "\"batch\"",
        "'config.json': field 'feat_extract_norm': expected 'group' or 'layer', got 'batch'.")]
    [DataRow("add_adapter", "true",
        "'config.json': field 'add_adapter': expected null or false (adapter layers are not supported), got true.")]
    [DataRow("adapter_attn_dim", "16",
        "'config.json': field 'adapter_attn_dim': expected null or false (adapter layers are not supported), got 16.")]
    [DataRow("hidden_size", "null",
        "'config.json': field 'hidden_size': expected a positive whole number, got nothing.")]
    [DataRow("hidden_size", "-3", "'config.json': field 'hidden_size': expected a positive whole number, got -3.")]
    [DataRow("num_attention_heads", "3",
        "'config.json': field 'num_attention_heads': expected a divisor of 'hidden_size' 16, got 3.")]
    [DataRow("conv_dim", "8", "'config.json': field 'conv_dim': expected a list of positive whole numbers, got 8.")]
    [DataRow("conv_stride", "[5, 2]",
        "'config.json': field 'conv_kernel': expected as many entries in 'conv_kernel' and 'conv_stride' as in " +
        "'conv_dim' (3), got 3 and 2.")]
    [DataRow("do_stable_layer_norm", "1",
        "'config.json': field 'do_stable_layer_norm': expected true or false, got 1.")]
    [DataRow("attention_dropout", "1.5",
        "'config.json': field 'attention_dropout': expected a number from 0 to 1, got 1.5.")]
    public void Create_ConfigNotSupported_Refused(string field, string value, string message)
    {
        JsonElement config = TinyEncoders.Config("hubert", (field, JsonNode.Parse(value)));
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => EncoderLoader.Create(config));
        Assert.AreEqual(message, error.Message);
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(3)]
    public void Create_LayersThatDoNotExist_Refused(int layers)
    {
        ArgumentOutOfRangeException error =
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            EncoderLoader.Create(TinyEncoders.Config("hubert"), layers));
        Assert.AreEqual(
            $"Layers to build of encoder 'hubert': expected a number from 0 to 2, got {layers}. (Parameter 'layers')",
            error.Message);
    }

    [TestMethod]
    public void Fill_WrongShape_Refused()
    {
        using SpeechEncoder encoder = EncoderLoader.Create(TinyEncoders.Config("whisper"), 0);
        CheckpointException error =
            Assert.ThrowsExactly<CheckpointException>(() => EncoderLoader.Fill(encoder, name => zeros(1)));
        StringAssert.StartsWith(error.Message, "Tensor '");
        StringAssert.EndsWith(error.Message, ", got [1].");
    }

    private static void AssertSame(SpeechEncoder expected, SpeechEncoder actual)
    {
        Dictionary<string, Tensor> weights = expected.state_dict();
        Dictionary<string, Tensor> loaded = actual.state_dict();
        CollectionAssert.AreEquivalent(weights.Keys, loaded.Keys);
        foreach ((string name, Tensor value) in loaded)
        {
            CollectionAssert.AreEqual(GoldenTensors.ToFloats(weights[name]), GoldenTensors.ToFloats(value), name);
        }
    }

    private static void AssertRefused(string folder, string message)
    {
        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => EncoderLoader.Load(folder));
        Assert.AreEqual(message, error.Message);
    }

    private static void Rename(
        Dictionary<string, (string DType, long[] Shape, byte[] Bytes)> tensors, string from, string to)
    {
        tensors[to] = tensors[from];
        tensors.Remove(from);
    }

    private string WithPreprocessor(string name, string file, string json)
    {
        using SpeechEncoder whole = TinyEncoders.Create(name);
        string folder = Write(whole, TinyEncoders.Config(name));
        File.WriteAllText(Path.Combine(folder, file), json);
        return folder;
    }

    private string Write(SpeechEncoder encoder, JsonElement config,
        Action<Dictionary<string, (string DType, long[] Shape, byte[] Bytes)>>? change = null, string prefix = "")
    {
        string folder = TinyEncoders.WriteFolder(encoder, config, change, prefix);
        _folders.Add(folder);
        return folder;
    }
}
