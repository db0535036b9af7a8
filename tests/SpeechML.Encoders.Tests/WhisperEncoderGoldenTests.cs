using System.Text.Json;
using SpeechML.Encoders.Families.Whisper;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests;

/// <summary>Whisper's encoder against Hugging Face transformers; slices of the 1500 frames are stored.</summary>
[TestClass]
[TestCategory("Golden")]
public sealed class WhisperEncoderGoldenTests
{
    [TestMethod]
    [DynamicData(nameof(EncoderCases.Whisper), typeof(EncoderCases))]
    public void Encode_ClipAlone_EveryBlockAsReference(string name)
    {
        using SpeechEncoder loaded = EncoderLoader.Load(EncoderCases.Folder(name));
        var encoder = (WhisperEncoder)loaded;
        using GoldenTensors golden = EncoderCases.Open(name);
        JsonElement facts = EncoderCases.Facts(name);
        (double rtol, double atol) = EncoderCases.Activations(facts);
        foreach (int clip in golden.Clips())
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable still = no_grad();
            string key = $"clip{clip}";
            EncoderInput input = encoder.Prepare([golden.Waveform($"{key}.waveform")]);
            JsonElement clipFacts = facts.GetProperty("clips")[clip];
            Assert.AreEqual(clipFacts.GetProperty("mel_frames_of_speech").GetInt64(), input.Lengths[0]);
            long head = golden.Read($"{key}.input.head").shape[1];
            golden.AreClose($"{key}.input.head", input.Values[0].narrow(1, 0, head), 0, 1e-4);
            Tensor rest = input.Values[0].narrow(1, head, input.Values.shape[2] - head);
            GoldenTensors.AssertClose(
                $"{key}.input.fill", golden.Read($"{key}.input.fill").expand(rest.shape), rest, 0, 1e-4);

            if (golden.Has($"{key}.conv.head"))
            {
                Slices(golden, $"{key}.conv", encoder.Convolve(input), facts, rtol, atol);
            }
            EncodedFrames encoded = encoder.Encode(input);
            Assert.AreEqual(encoder.Config.LayerCount + 1, encoded.HiddenStates.Count);
            foreach ((int level, Tensor hidden) in encoded.HiddenStates)
            {
                Slices(golden, $"{key}.hidden.{level}", hidden, facts, rtol, atol);
            }
            Slices(golden, $"{key}.last", encoded.LastHiddenState!, facts, rtol, atol);
            Assert.AreEqual(clipFacts.GetProperty("encoder_frames_of_speech").GetInt64(), encoded.Lengths[0]);
        }
    }

    [TestMethod]
    [DynamicData(nameof(EncoderCases.Whisper), typeof(EncoderCases))]
    public void AttentionWeights_FirstLayer_AsReference(string name)
    {
        using SpeechEncoder loaded = EncoderLoader.Load(EncoderCases.Folder(name));
        var encoder = (WhisperEncoder)loaded;
        using GoldenTensors golden = EncoderCases.Open(name);
        JsonElement facts = EncoderCases.Facts(name);
        (double rtol, double atol) = EncoderCases.Activations(facts);
        JsonElement stored = facts.GetProperty("frames_stored");
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        Tensor hidden = encoder.Layers[0]
            .AttentionInput(encoder.Embed(encoder.Prepare([golden.Waveform("clip0.waveform")])).Hidden);
        Tensor weights = encoder.Layers[0].Attention.AttentionWeights(hidden, null, null)[0];
        Tensor rows = weights.index_select(
            1, tensor(stored.GetProperty("attention_rows").EnumerateArray().Select(v => v.GetInt64()).ToArray()));
        Tensor[] columns = [.. stored.GetProperty("attention_columns").EnumerateArray()
            .Select(v => rows.narrow(2, v[0].GetInt64(), v[1].GetInt64() - v[0].GetInt64()))];
        golden.AreClose("clip0.attention.0", cat(columns, 2), rtol, atol);
    }

    [TestMethod]
    [DynamicData(nameof(EncoderCases.Whisper), typeof(EncoderCases))]
    public void FrameCount_EverySampleCount_AsReference(string name)
    {
        using SpeechEncoder encoder = EncoderLoader.Load(EncoderCases.Folder(name), layers: 0);
        foreach (JsonElement row in EncoderCases.Facts(name).GetProperty("frame_counts")
            .EnumerateArray())
        {
            Assert.AreEqual(row[2].GetInt64(), encoder.Config.FrameCount(row[0].GetInt64()), $"{row[0]} samples");
        }
    }

    [TestMethod]
    [DynamicData(nameof(EncoderCases.Whisper), typeof(EncoderCases))]
    public void Encode_WithGradients_EveryGradientAsReference(string name)
    {
        using SpeechEncoder encoder = EncoderLoader.Load(EncoderCases.Folder(name));
        using GoldenTensors golden = EncoderCases.Open(name);
        JsonElement facts = EncoderCases.Facts(name);
        double share = EncoderCases.Gradients(facts);
        using DisposeScope scope = NewDisposeScope();
        EncoderInput input = encoder.Prepare([golden.Waveform("clip0.waveform")]);
        input.Values.requires_grad = true;
        EncodedFrames encoded = encoder.Encode(input);
        Tensor period = golden.Read("R");
        Tensor weights = period.repeat(encoded.LastHiddenState!.shape[1] / period.shape[0], 1);
        (encoded.LastHiddenState * weights).sum().backward();

        Dictionary<string, Tensor> parameters = encoder.named_parameters()
            .ToDictionary(p => p.name, p => (Tensor)p.parameter);
        var compared = new HashSet<string>();
        foreach (string gradient in golden.Names.Where(
            n => n.StartsWith("grad.", StringComparison.Ordinal)
            && !n.StartsWith("grad.input", StringComparison.Ordinal)))
        {
            string parameter = EncoderCases.Own(gradient["grad.".Length..], facts);
            compared.Add(parameter);
            golden.IsGradientClose(gradient, parameters[parameter].grad!, share);
        }
        JsonElement stored = facts.GetProperty("frames_stored");
        foreach (string end in new[] { "head", "tail" })
        {
            JsonElement range = stored.GetProperty($"grad_input_{end}");
            long first = range[0].GetInt64();
            golden.IsGradientClose($"grad.input.{end}",
                input.Values.grad![0].narrow(1, first, range[1].GetInt64() - first), share);
        }
        string[] without = [.. facts.GetProperty("parameters_without_gradient").EnumerateArray()
            .Select(n => EncoderCases.Own(n.GetString()!, facts))];
        CollectionAssert.AreEquivalent(without, parameters.Keys.Where(n => !compared.Contains(n)).ToArray());
    }

    private static void Slices(
        GoldenTensors golden, string name, Tensor actual, JsonElement facts, double rtol, double atol)
    {
        foreach (string end in new[] { "head", "tail" })
        {
            JsonElement range = facts.GetProperty("frames_stored").GetProperty(end);
            long first = range[0].GetInt64();
            golden.AreClose($"{name}.{end}", actual[0].narrow(0, first, range[1].GetInt64() - first), rtol, atol);
        }
    }
}
