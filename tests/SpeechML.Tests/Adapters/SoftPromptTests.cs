using Microsoft.ML;
using SpeechML.Encoders.Adapters;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.TestSupport;
using SpeechML.Tests.Trainers;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Adapters;

/// <summary>A soft prompt is really inserted, trained and kept.</summary>
[TestClass]
public sealed class SoftPromptTests
{
    private static readonly SoftPromptOptions s_options = new() { Tokens = 3, InitialScale = 0.5 };

    [TestMethod]
    [DynamicData(nameof(TinyEncoders.Names), typeof(TinyEncoders))]
    public void RunLayers_NoTokens_AsWithoutPrompt(string name)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name, WhisperContext.Trimmed);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        (Tensor hidden, long[] lengths) =
            encoder.Embed(encoder.Prepare([TinyEncoders.Clip(3000, 1), TinyEncoders.Clip(5000, 2)]));
        EncodedFrames without = encoder.RunLayers(hidden, lengths);
        EncodedFrames with = encoder.RunLayers(hidden, lengths, prompt: zeros(0, encoder.Config.HiddenSize));
        foreach ((int level, Tensor state) in without.HiddenStates)
        {
            GoldenTensors.AssertClose($"hidden state {level}", state, with.HiddenStates[level], 0, 0);
        }
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoders.Names), typeof(TinyEncoders))]
    public void RunLayers_WithPrompt_ChangesTheStatesTakesGradientAndIsNotAmongTheFrames(string name)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name, WhisperContext.Trimmed);
        using var prompt = new SoftPrompt(s_options, encoder.Config.HiddenSize, 1);
        using DisposeScope scope = NewDisposeScope();
        (Tensor hidden, long[] lengths) = encoder.Embed(encoder.Prepare([TinyEncoders.Clip(4000, 1)]));
        EncodedFrames without = encoder.RunLayers(hidden, lengths);
        EncodedFrames with = encoder.RunLayers(hidden, lengths, prompt: prompt.Embedding);
        foreach ((int level, Tensor state) in with.HiddenStates)
        {
            CollectionAssert.AreEqual(without.HiddenStates[level].shape, state.shape);
            Assert.AreEqual(level > 0, (state - without.HiddenStates[level]).abs().max().item<float>() > 1e-4,
                $"hidden state {level}");
        }
        with.HiddenStates[encoder.Config.LayerCount].sum().backward();
        // Every vector, and every number of it.
        Assert.AreEqual(prompt.Embedding.numel(), prompt.Embedding.grad!.count_nonzero().item<long>());
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoders.Names), typeof(TinyEncoders))]
    public void RunLayers_WithPrompt_AClipInABatchAsAlone(string name)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name, WhisperContext.Trimmed);
        using var prompt = new SoftPrompt(s_options, encoder.Config.HiddenSize, 1);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        float[][] clips = [TinyEncoders.Clip(3000, 1), TinyEncoders.Clip(9000, 2)];
        (Tensor hidden, long[] lengths) = encoder.Embed(encoder.Prepare(clips));
        Tensor together = encoder.RunLayers(hidden, lengths, prompt: prompt.Embedding).LastHiddenState!;
        for (int i = 0; i < clips.Length; i++)
        {
            (Tensor single, long[] length) = encoder.Embed(encoder.Prepare([clips[i]]));
            Tensor alone = encoder.RunLayers(single, length, prompt: prompt.Embedding).LastHiddenState!;
            GoldenTensors.AssertClose(
                $"clip {i}", alone[0].narrow(0, 0, length[0]), together[i].narrow(0, 0, length[0]), 1e-4, 1e-5);
        }
    }

    [TestMethod]
    public void RunLayers_PromptFromAMiddleState_Refused()
    {
        using SpeechEncoder encoder = TinyEncoders.Create("hubert");
        using Tensor hidden = zeros(1, 5, encoder.Config.HiddenSize);
        using Tensor prompt = zeros(1, encoder.Config.HiddenSize);
        ArgumentException error =
            Assert.ThrowsExactly<ArgumentException>(() => encoder.RunLayers(hidden, [5], 1, prompt: prompt));
        Assert.AreEqual(
            "A prompt is put before hidden state 0, the input of the first layer; got hidden state 1. (Parameter " +
            "'prompt')", error.Message);
    }

    [TestMethod]
    [DataRow("whisper-80", LayerFreezing.All, SoftPromptInitialization.Normal)]
    [DataRow("hubert-base-like", LayerFreezing.ExcludeLast, SoftPromptInitialization.Uniform)]
    public void Fit_SoftPrompt_LearnsAndSurvivesItsZip(
        string encoder, string freezing, SoftPromptInitialization initialization) =>
        CombinationTests.AssertLearnsAndSurvivesItsZip(new SpeechClassificationOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder(encoder),
            Freezing = freezing,
            SoftPrompt = new SoftPromptOptions { Tokens = 4, Initialization = initialization, InitialScale = 0.1 },
        }, epochs: 50);

    [TestMethod]
    public void Fit_FrozenEncoder_TrainsThePrompt()
    {
        var mlContext = new MLContext(seed: 1);
        var options = new SpeechClassificationOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder("hubert-base-like"),
            Freezing = LayerFreezing.All,
            SoftPrompt = s_options,
            Epochs = 2,
            BatchSize = 4,
            Seed = 7,
        };
        IDataView data = PromptAudio.Pipeline(mlContext).Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
            .Fit(Prompts.View(mlContext, 8)).Transform(Prompts.View(mlContext, 8));
        using var model = mlContext.MulticlassClassification.Trainers.SpeechClassification("Label", "Audio", options)
            .Fit(data);
        SpeechNetwork network = model.Network;
        using var initial = new SoftPrompt(
            s_options, network.Encoder.Config.HiddenSize, SeedStream.Derive(7, "prompt"));
        Assert.IsFalse(network.Encoder.parameters().Any(p => p.requires_grad));
        using Tensor change = network.Prompt!.Embedding.detach() - initial.Embedding.detach();
        using Tensor least = change.abs().amin(1).min();
        Assert.IsGreaterThan(0, least.item<float>());
    }
}
