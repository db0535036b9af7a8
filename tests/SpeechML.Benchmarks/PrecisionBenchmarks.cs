using SpeechML.Benchmarks.Growth;
using SpeechML.Benchmarks.Peers;
using SpeechML.Encoders.Kernels;
using SpeechML.Model;
using SpeechML.Model.Heads;
using SpeechML.Model.Pooling;
using SpeechML.Training;
using SpeechML.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks;

/// <summary>bfloat16 over float32, both of this library, for encoders of real size with weights as they were drawn.
/// </summary>
internal static class PrecisionBenchmarks
{
    private const string Whisper = """
        {"model_type": "whisper", "d_model": 512, "encoder_layers": 6, "encoder_attention_heads": 8,
         "encoder_ffn_dim": 2048, "num_mel_bins": 80, "max_source_positions": 1500}
        """;

    private const string WavLm = """
        {"model_type": "wavlm", "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
         "intermediate_size": 3072, "feat_extract_norm": "group", "conv_bias": false,
         "conv_dim": [512, 512, 512, 512, 512, 512, 512], "conv_kernel": [10, 3, 3, 3, 3, 2, 2],
         "conv_stride": [5, 2, 2, 2, 2, 2, 2]}
        """;

    /// <summary>Inference of one clip and of four, and a training step.</summary>
    public static void Run()
    {
        string hubert = BaseEncoder.Folder(), wavLm = RandomFolder.Make("wavlm-base-random", WavLm);
        Inference("HuBERT base 1 x 3 s", hubert, 1, 3);
        Inference("HuBERT base 1 x 10 s", hubert, 1, 10);
        Inference("HuBERT base 4 x 10 s", hubert, 4, 10);
        Inference("WavLM base 1 x 3 s", wavLm, 1, 3);
        Inference("WavLM base 1 x 10 s", wavLm, 1, 10);
        Inference("WavLM base 4 x 10 s", wavLm, 4, 10);
        Inference("Whisper base 30 s", RandomFolder.Make("whisper-base-random", Whisper), 1, 30);
        Step(hubert);
    }

    private static void Inference(string name, string folder, int clips, int seconds)
    {
        using SpeechEncoder exact = EncoderLoader.Load(folder), rounded = EncoderLoader.Load(folder);
        rounded.UsePrecision(SpeechPrecision.BFloat16);
        using EncoderInput input =
            exact.Prepare([.. Enumerable.Range(0, clips).Select(i => PeerAudio.Clip(i, seconds))]);
        Ratio.Measure(name, "bfloat16", () => Encode(rounded), "float32", () => Encode(exact));

        void Encode(SpeechEncoder encoder)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable still = no_grad();
            _ = encoder.Encode(input, new HashSet<int> { encoder.Config.LayerCount });
        }
    }

    private static void Step(string folder)
    {
        var options = new SpeechTrainingOptions { Encoder = folder, Freezing = LayerFreezing.None };
        using SpeechNetwork exact = Network(folder, options), rounded = Network(folder, options);
        TrainingPrecision.Apply(rounded, SpeechPrecision.BFloat16);
        using var exactly = new TrainingOptimizer(exact, options, 1000, 1000);
        using var roundly = new TrainingOptimizer(rounded, options, 1000, 1000);
        var batch = Batch.Of([.. Enumerable.Range(0, 4).Select(i => PeerAudio.Clip(i, 10))]);
        Ratio.Measure("full step 4 x 10 s", "bfloat16", () => Learn(rounded, roundly), "float32",
            () => Learn(exact, exactly));

        void Learn(SpeechNetwork network, TrainingOptimizer optimizer)
        {
            using DisposeScope scope = NewDisposeScope();
            LossParts parts = new CrossEntropyLoss().ComputeParts(
                network.Forward(batch), tensor(new float[] { 0, 1, 0, 1 }));
            parts.Sum.backward();
            ReturnedGradients.Release();
            _ = optimizer.Step(0, parts.Weight.to(ScalarType.Float64));
        }
    }

    private static SpeechNetwork Network(string folder, SpeechTrainingOptions options)
    {
        SpeechEncoder encoder = EncoderLoader.Load(folder);
        FramePooling pooling = SpeechPooling.Create(SpeechPooling.Mean, encoder.Config.HiddenSize, 0);
        var network = new SpeechNetwork(
            encoder, LayerSelection.Parse(EncoderLayers.Last), new LayerMix(LayerCombination.Mean, 1), pooling,
            new LinearHead(pooling.OutputSize, 2, new HeadOptions(), 0));
        EncoderFreezing.Apply(network, options);
        network.TrainUnfrozen();
        return network;
    }
}
