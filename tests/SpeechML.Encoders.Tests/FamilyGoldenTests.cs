using System.Text.Json;
using SpeechML.Encoders.Families.Conformer;
using SpeechML.Encoders.Families.Sew;
using SpeechML.Encoders.Families.Spectrogram;
using SpeechML.Encoders.Families.Ssl;
using SpeechML.Encoders.Layers;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests;

/// <summary>
/// Conformers (wav2vec 2.0's and w2v-BERT's), SEW and the Audio Spectrogram Transformer against Hugging Face
/// transformers, block by block. Frames of padding, which the reference has where an extractor fills a pair, are not
/// computed here.
/// </summary>
[TestClass]
[TestCategory("Golden")]
public sealed class FamilyGoldenTests : SmallProductTests
{
    [TestMethod]
    [DynamicData(nameof(EncoderCases.Other), typeof(EncoderCases))]
    public void Encode_ClipAlone_EveryBlockAsReference(string name)
    {
        using SpeechEncoder encoder = EncoderLoader.Load(EncoderCases.Folder(name));
        using GoldenTensors golden = EncoderCases.Open(name);
        JsonElement facts = EncoderCases.Facts(name);
        (double rtol, double atol) = EncoderCases.Activations(facts);
        double inputTolerance = facts.TryGetProperty("features", out JsonElement features)
            ? features.GetProperty("tolerances").GetProperty("input").GetDouble() : 1e-5;
        foreach (int clip in golden.Clips())
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable still = no_grad();
            string key = $"clip{clip}";
            void Close(string part, Tensor actual, double relative, double absolute)
            {
                Tensor expected = golden.Read($"{key}.{part}");
                GoldenTensors.AssertClose($"{key}.{part}",
                    expected.narrow(0, 0, Math.Min(expected.shape[0], actual.shape[0])), actual, relative, absolute);
            }
            EncoderInput input = encoder.Prepare([golden.Waveform($"{key}.waveform")]);
            Close("input", EncoderCases.AsStored(input.Values)[0], 0, inputTolerance);
            CompareFrontEnd(encoder, input, Close, rtol, atol);

            EncodedFrames encoded = encoder.Encode(input);
            Assert.AreEqual(encoder.Config.LayerCount + 1, encoded.HiddenStates.Count);
            foreach ((int level, Tensor hidden) in encoded.HiddenStates)
            {
                Close($"hidden.{level}", hidden[0], rtol, atol);
            }
            Close("last", encoded.LastHiddenState![0], rtol, atol);
            if (facts.TryGetProperty("valid_frames", out JsonElement valid))
            {
                Assert.AreEqual(valid[clip].GetInt64(), encoded.Lengths[0]);
                Assert.AreEqual(encoded.LastHiddenState.shape[1], encoded.Lengths[0]);
            }
            if (golden.Has($"{key}.pooled"))
            {
                golden.AreClose($"{key}.pooled", encoded.LastHiddenState[0].narrow(0, 0, 2).mean([0]), rtol, atol);
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(EncoderCases.Other), typeof(EncoderCases))]
    public void FirstLayer_PartByPart_AsReference(string name)
    {
        using SpeechEncoder encoder = EncoderLoader.Load(EncoderCases.Folder(name));
        using GoldenTensors golden = EncoderCases.Open(name);
        (double rtol, double atol) = EncoderCases.Activations(EncoderCases.Facts(name));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        (Tensor hidden, long[] lengths) = encoder.Embed(encoder.Prepare([golden.Waveform("clip0.waveform")]));
        EncoderLayer layer = LayersOf(encoder)[0];
        Tensor seen = layer.AttentionInput(hidden);
        Tensor? positions = layer.Attention.Positions(hidden.shape[1]);
        Tensor weights = layer.Attention.AttentionWeights(seen, null, positions)[0];
        Tensor expected = golden.Read("clip0.attention.0");
        if (EncoderCases.Facts(name).TryGetProperty("attention_rows", out JsonElement rows))
        {
            weights = weights.index_select(1, tensor([.. rows.EnumerateArray().Select(r => r.GetInt64())]));
        }
        GoldenTensors.AssertClose("clip0.attention.0",
            expected.narrow(1, 0, weights.shape[1]).narrow(2, 0, weights.shape[2]), weights, rtol, atol);
        if (layer is not ConformerLayer conformer)
        {
            return;
        }
        // Frames of padding are stored too.
        void Close(string part, Tensor actual) => GoldenTensors.AssertClose(part,
            golden.Read($"clip0.layer0.{part}").narrow(0, 0, lengths[0]), actual, rtol, atol);
        Tensor first = conformer.FirstFeedForward(hidden);
        Tensor attended = conformer.Attention.Attend(seen, null, positions);
        Tensor afterAttention = hidden + (first / 2) + attended;
        Tensor convolved = conformer.Convolution.Run(afterAttention, null);
        Close("ffn1", first[0]);
        Close("self_attn", attended[0]);
        Close("conv_module", convolved[0]);
        Close("ffn2", conformer.SecondFeedForward(afterAttention + convolved)[0]);
        Tensor? bias = ((ConformerAttention)conformer.Attention).PositionBias(seen, positions);
        Assert.AreEqual(golden.Has("clip0.position_bias.0"), bias is not null);
        if (bias is not null)
        {
            golden.AreClose("clip0.position_bias.0", bias[0], rtol, atol);
        }
    }

    [TestMethod]
    [DynamicData(nameof(EncoderCases.Other), typeof(EncoderCases))]
    public void FrameCount_EverySampleCount_AsReference(string name)
    {
        using SpeechEncoder encoder = EncoderLoader.Load(EncoderCases.Folder(name), layers: 0);
        foreach (JsonElement row in EncoderCases.Facts(name).GetProperty("frame_counts").EnumerateArray())
        {
            // The last column: frames with the mask 1, or patches within the clip.
            Assert.AreEqual(row[row.GetArrayLength() - 1].GetInt64(), encoder.Config.FrameCount(row[0].GetInt64()),
                $"{row[0]} samples");
        }
        // SEW's transformer needs as many frames as it squeezes into one.
        long fewest = encoder.Config is SewConfig sew ? sew.Squeeze : 1;
        Assert.AreEqual(fewest, encoder.Config.FrameCount(encoder.Config.MinSamples));
        Assert.AreEqual(fewest - 1, encoder.Config.FrameCount(encoder.Config.MinSamples - 1));
    }

    private static void CompareFrontEnd(
        SpeechEncoder encoder, EncoderInput input, Action<string, Tensor, double, double> close, double rtol,
        double atol)
    {
        switch (encoder)
        {
            case WaveformEncoder waveform:
                Tensor frames = waveform.FrontEnd.Run(input.Values, input.Lengths).Frames;
                Tensor projected = waveform.Project(frames);
                close("conv", frames[0], rtol, atol);
                close("projected", projected[0], rtol, atol);
                if (waveform is SewEncoder sew)
                {
                    close("pos", sew.Transformer.Positions.Run(projected)[0], rtol, atol);
                }
                break;
            case PatchEncoder patches:
                close("projected", patches.Embeddings.Project(input.Values)[0], rtol, atol);
                break;
            default:
                close("projected", encoder.Embed(input).Hidden[0], rtol, atol);
                break;
        }
    }

    private static IReadOnlyList<EncoderLayer> LayersOf(SpeechEncoder encoder) => encoder switch
    {
        WaveformEncoder waveform => waveform.Layers,
        W2vBertEncoder bert => bert.Layers,
        PatchEncoder patches => patches.Layers,
        _ => throw new AssertFailedException(encoder.GetType().Name),
    };
}
