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
    private const int Labels = FamilyHeads.Labels;

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
        Dictionary<string, Tensor> head = FamilyHeads.Draw(family, encoder.Config.HiddenSize);
        FamilyHeads.Write(encoder, head, folder, scratch.At("encoder"));
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
}
