using System.Text.Json;
using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Layers;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests;

/// <summary>
/// HuBERT, WavLM, wav2vec 2.0, UniSpeech, UniSpeech-SAT and data2vec against Hugging Face transformers, block by block.
/// </summary>
[TestClass]
[TestCategory("Golden")]
public sealed class SslEncoderGoldenTests : SmallProductTests
{
    [TestMethod]
    [DynamicData(nameof(EncoderCases.Ssl), typeof(EncoderCases))]
    public void Encode_ClipAlone_EveryBlockAsReference(string name)
    {
        using SpeechEncoder loaded = EncoderLoader.Load(EncoderCases.Folder(name));
        var encoder = (SslEncoder)loaded;
        using GoldenTensors golden = EncoderCases.Open(name);
        (double rtol, double atol) = EncoderCases.Activations(EncoderCases.Facts(name));
        foreach (int clip in golden.Clips())
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable still = no_grad();
            string key = $"clip{clip}";
            EncoderInput input = encoder.Prepare([golden.Waveform($"{key}.waveform")]);
            golden.AreClose($"{key}.input", input.Values[0], 0, 1e-5);

            (Tensor frames, long[] lengths) = encoder.FrontEnd.Run(input.Values, input.Lengths);
            golden.AreClose($"{key}.conv", frames[0], rtol, atol);
            Tensor projected = encoder.Project(frames);
            golden.AreClose($"{key}.projected", projected[0], rtol, atol);
            golden.AreClose($"{key}.pos", encoder.Transformer.Positions.Run(projected, null)[0], rtol, atol);
            if (encoder.Transformer.Positions is PositionalStack stack)
            {
                Tensor channels = projected.transpose(1, 2);
                for (int layer = 0; layer < stack.Layers.Count; layer++)
                {
                    channels = stack.Layers[layer].Run(channels);
                    golden.AreCloseWhereStored($"{key}.pos_layer.{layer}", channels[0], rtol, atol);
                }
            }

            EncodedFrames encoded = encoder.Encode(input);
            Assert.AreEqual(encoder.Config.LayerCount + 1, encoded.HiddenStates.Count);
            foreach ((int level, Tensor hidden) in encoded.HiddenStates)
            {
                golden.AreClose($"{key}.hidden.{level}", hidden[0], rtol, atol);
            }
            golden.AreClose($"{key}.last", encoded.LastHiddenState![0], rtol, atol);
            Assert.AreEqual(lengths[0], encoded.Lengths[0]);
            Assert.AreEqual(encoded.LastHiddenState.shape[1], encoded.Lengths[0]);
        }
    }

    [TestMethod]
    [DynamicData(nameof(EncoderCases.Ssl), typeof(EncoderCases))]
    public void AttentionWeights_FirstLayer_AsReference(string name)
    {
        using SpeechEncoder loaded = EncoderLoader.Load(EncoderCases.Folder(name));
        var encoder = (SslEncoder)loaded;
        using GoldenTensors golden = EncoderCases.Open(name);
        (double rtol, double atol) = EncoderCases.Activations(EncoderCases.Facts(name));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        Tensor hidden = encoder.Transformer.Layers[0]
            .AttentionInput(encoder.Embed(encoder.Prepare([golden.Waveform("clip0.waveform")])).Hidden);
        SelfAttention attention = encoder.Transformer.Layers[0].Attention;
        Tensor? bias = attention.Positions(hidden.shape[1]);
        golden.AreClose("clip0.attention.0", attention.AttentionWeights(hidden, null, bias)[0], rtol, atol);
        Assert.AreEqual(golden.Has("clip0.position_bias"), bias is not null);
        if (attention is WavLmAttention gated)
        {
            golden.AreClose("clip0.position_bias", bias!, rtol, atol);
            golden.AreClose("clip0.gated_position_bias.0", gated.GatedBias(hidden, bias!)[0], rtol, atol);
        }
    }

    [TestMethod]
    [DynamicData(nameof(EncoderCases.Ssl), typeof(EncoderCases))]
    public void RelativePositionBuckets_EveryDistance_AsReference(string name)
    {
        string folder = EncoderCases.Folder(name);
        using GoldenTensors golden = EncoderCases.Open(name);
        if (!golden.Has("relative_position_buckets"))
        {
            Assert.AreNotEqual("wavlm", EncoderCases.ModelType(name));
            return;
        }
        using SpeechEncoder encoder = EncoderLoader.Load(folder, layers: 0);
        var config = (SslConfig)encoder.Config;
        using DisposeScope scope = NewDisposeScope();
        Tensor expected = golden.Read("relative_position_buckets");
        Tensor actual = WavLmAttention.RelativePositionBuckets((expected.shape[0] + 1) / 2, config.Buckets,
            config.MaxBucketDistance);
        CollectionAssert.AreEqual(expected.to(ScalarType.Int64).data<long>().ToArray(), actual.data<long>().ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(EncoderCases.Ssl), typeof(EncoderCases))]
    public void FrameCount_EverySampleCount_AsReference(string name)
    {
        using SpeechEncoder encoder = EncoderLoader.Load(EncoderCases.Folder(name), layers: 0);
        foreach (JsonElement row in EncoderCases.Facts(name).GetProperty("frame_counts")
            .EnumerateArray())
        {
            Assert.AreEqual(row[1].GetInt64(), encoder.Config.FrameCount(row[0].GetInt64()), $"{row[0]} samples");
        }
        Assert.AreEqual(1, encoder.Config.FrameCount(encoder.Config.MinSamples));
        Assert.AreEqual(0, encoder.Config.FrameCount(encoder.Config.MinSamples - 1));
    }
}
