using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Encoders;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Hub;

/// <summary>
/// A classifier on each family of encoders, by its own class, gives what its head makes of the encoder's own states,
/// and is written as it was.
/// </summary>
[TestClass]
public sealed class FamilyHeadTests
{
    private const int Labels = 3, Width = 5;

    private readonly MLContext _context = new(seed: 1);

    public static IEnumerable<object[]> Names => TinyEncoders.Names();

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void LoadHuggingFace_ClassOfTheFamily_HeadOnTheEncodersStates(string name)
    {
        using var scratch = new Scratch();
        using SpeechEncoder encoder = TinyEncoders.Create(name);
        EncoderFamily family = EncoderFamily.Of(encoder);
        string folder = scratch.At("model");
        Dictionary<string, Tensor> head = Head(family, encoder.Config.HiddenSize);
        Write(encoder, family, head, folder, scratch.At("encoder"));
        float[] clip = TinyEncoders.Clip(8_000, 1);

        using SpeechScoringTransformer model = _context.Speech().LoadHuggingFace(folder);
        float[] actual = model.Transform(HubModels.View(_context, [clip])).GetColumn<float[]>("Score").Single();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        float[] expected = GoldenTensors.ToFloats(
            nn.functional.softmax(Logits(encoder, family, head, clip), 0));
        for (int i = 0; i < Labels; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-5f, $"{i}");
        }
        _context.Speech().SaveHuggingFace(model, scratch.At("again"));
        EncoderFiles.AssertSameTensors(Path.Combine(folder, "model.safetensors"),
            Path.Combine(scratch.At("again"), "model.safetensors"), "");
        Assert.AreEqual(family.ClassifierClass, EncoderFiles.Json(
            Path.Combine(scratch.At("again"), "config.json"))["architectures"]![0]!.ToString());
    }

    [TestMethod]
    public void LoadHuggingFace_GoldenWithLogits_LogitsAsPython()
    {
        const string Part = "more-encoders";
        int compared = 0;
        foreach (string name in Golden.Cases(Part))
        {
            // Others are of frames, such as CTC.
            if (EncoderNames.ClassOf(Golden.Json(Part, name, "config.json")) is not { } python
                || !EncoderNames.IsClassifier(python))
            {
                continue;
            }
            using GoldenTensors golden = GoldenTensors.Open(Part, name, "golden.safetensors");
            foreach (int clip in golden.Clips().Where(c => golden.Has($"clip{c}.logits")))
            {
                using SpeechScoringTransformer model = _context.Speech().LoadHuggingFace(Golden.At(Part, name));
                MLAudio audio = MLAudio.FromSamples(golden.Waveform($"clip{clip}.waveform"), 16_000);
                using Tensor logits = tensor(model.Model.Run([audio], "Audio").Single());
                golden.AreClose($"clip{clip}.logits", logits, rtol: 1e-4, atol: 5e-5);
                compared++;
            }
        }
        Assert.IsGreaterThan(0, compared);
    }

    private static Tensor Logits(SpeechEncoder encoder, EncoderFamily family, Dictionary<string, Tensor> head,
        float[] clip)
    {
        EncodedFrames states = encoder.Encode(encoder.Prepare([clip]));
        if (family.HasTokenHead)
        {
            Tensor tokens = states.LastHiddenState![0].narrow(0, 0, 2).mean([0]);
            Tensor normed = nn.functional.layer_norm(tokens, [tokens.shape[0]], head["classifier.layernorm.weight"],
                head["classifier.layernorm.bias"], 1e-12);
            return head["classifier.dense.weight"].matmul(normed) + head["classifier.dense.bias"];
        }
        (Tensor frames, long[] lengths) = encoder.FramesOf(states.LastHiddenState!, states.Lengths, isLast: true);
        long valid = family.PoolsSilence ? frames.shape[1] : lengths[0];
        // On every frame, as Python does it.
        Tensor projected = frames[0].narrow(0, 0, valid).matmul(head["projector.weight"].t()) + head["projector.bias"];
        return head["classifier.weight"].matmul(projected.mean([0])) + head["classifier.bias"];
    }

    private static Dictionary<string, Tensor> Head(EncoderFamily family, long hidden)
    {
        using var generator = new Generator(7);
        Tensor Draw(params long[] shape) => randn(shape, generator: generator);
        return family.HasTokenHead
            ? new()
            {
                ["classifier.layernorm.weight"] = Draw(hidden),
                ["classifier.layernorm.bias"] = Draw(hidden),
                ["classifier.dense.weight"] = Draw(Labels, hidden),
                ["classifier.dense.bias"] = Draw(Labels),
            }
            : new()
            {
                ["projector.weight"] = Draw(Width, hidden),
                ["projector.bias"] = Draw(Width),
                ["classifier.weight"] = Draw(Labels, Width),
                ["classifier.bias"] = Draw(Labels),
            };
    }

    private static void Write(
        SpeechEncoder encoder, EncoderFamily family, Dictionary<string, Tensor> head, string folder, string alone)
    {
        EncoderFolder.Save(encoder, alone);
        Directory.CreateDirectory(folder);
        JsonObject config = EncoderFiles.Json(Path.Combine(alone, "config.json")).AsObject();
        config["architectures"] = new JsonArray(family.ClassifierClass);
        config["classifier_proj_size"] = Width;
        config["id2label"] = new JsonObject { ["0"] = "a", ["1"] = "b", ["2"] = "c" };
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        File.Copy(Path.Combine(alone, "preprocessor_config.json"), Path.Combine(folder, "preprocessor_config.json"));
        string prefix = EncoderNames.Prefix(encoder, family.ClassifierClass);
        SafetensorsFile.Write(
            Path.Combine(folder, "model.safetensors"),
            [.. encoder.state_dict().Select(t => (prefix + t.Key, t.Value)), .. head.Select(t => (t.Key, t.Value))],
            new Dictionary<string, string> { ["format"] = "pt" });
    }
}
