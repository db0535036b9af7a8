using SpeechML.Encoders.Layers;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests;

/// <summary>What every encoder promises, whatever its family.</summary>
[TestClass]
public sealed class SpeechEncoderTests
{
    [TestMethod]
    [DynamicData(nameof(TinyEncoders.Names), typeof(TinyEncoders))]
    public void Create_FewerLayers_SameLowerStatesAndNoLast(string name)
    {
        using SpeechEncoder whole = TinyEncoders.Create(name);
        Dictionary<string, Tensor> weights = whole.state_dict();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        float[] clip = TinyEncoders.Clip(3000, 1);
        EncodedFrames expected = whole.Encode(whole.Prepare([clip]));
        for (int layers = 0; layers < whole.Config.LayerCount; layers++)
        {
            using SpeechEncoder cut = EncoderLoader.Create(TinyEncoders.Config(name), layers);
            EncoderLoader.Fill(cut, tensor => weights[tensor].detach().clone());
            Assert.AreEqual(layers, cut.BuiltLayers);
            Assert.IsFalse(cut.named_parameters().Any(p => cut.Config.Groups.LayerOf(p.name) >= layers));
            EncodedFrames actual = cut.Encode(cut.Prepare([clip]));
            Assert.HasCount(layers + 1, actual.HiddenStates);
            Assert.IsNull(actual.LastHiddenState);
            foreach ((int level, Tensor hidden) in actual.HiddenStates)
            {
                GoldenTensors.AssertClose($"hidden state {level}", expected.HiddenStates[level], hidden, 0, 1e-6);
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoders.Names), typeof(TinyEncoders))]
    public void RunLayers_FromAMiddleState_AsFromTheStart(string name)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name, WhisperContext.Trimmed);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        EncodedFrames whole = encoder.Encode(encoder.Prepare([TinyEncoders.Clip(3000, 1), TinyEncoders.Clip(5000, 2)]));
        foreach ((int first, Tensor hidden) in whole.HiddenStates)
        {
            EncodedFrames rest = encoder.RunLayers(hidden, whole.Lengths, first);
            Assert.HasCount(encoder.Config.LayerCount + 1 - first, rest.HiddenStates);
            foreach ((int level, Tensor state) in rest.HiddenStates)
            {
                GoldenTensors.AssertClose(
                    $"from {first}: hidden state {level}", whole.HiddenStates[level], state, 0, 1e-6);
            }
            GoldenTensors.AssertClose($"from {first}: last", whole.LastHiddenState!, rest.LastHiddenState!, 0, 1e-6);
        }
    }

    [TestMethod]
    public void RunLayers_SomeToKeep_OnlyThose()
    {
        using SpeechEncoder encoder = TinyEncoders.Create("hubert");
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        EncodedFrames encoded = encoder.Encode(encoder.Prepare([TinyEncoders.Clip(3000, 1)]), new HashSet<int> { 1 });
        CollectionAssert.AreEqual(new[] { 1 }, encoded.HiddenStates.Keys.ToArray());
        Assert.IsNull(encoded.LastHiddenState);
    }

    [TestMethod]
    public void RunLayers_StateThatIsNotBuilt_Refused()
    {
        using SpeechEncoder encoder = TinyEncoders.Create("hubert");
        using Tensor hidden = zeros(1, 5, encoder.Config.HiddenSize);
        ArgumentOutOfRangeException error =
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            encoder.RunLayers(hidden, [5], 1, new HashSet<int> { 3 }));
        Assert.AreEqual(
            "Hidden state 3 cannot be kept; expected a number from 1 to 2 (the layers that were built). (Parameter " +
            "'keep')", error.Message);
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoders.Names), typeof(TinyEncoders))]
    public void Encode_WithoutOrWithGradients_LeavesNoTensorBehind(string name)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name, WhisperContext.Trimmed);
        Use(gradients: false);
        Use(gradients: true);
        encoder.zero_grad();
        long before = LiveTensors.Count();
        Use(gradients: false);
        Assert.AreEqual(before, LiveTensors.Count());
        Use(gradients: true);
        Assert.AreEqual(before, LiveTensors.Count());

        void Use(bool gradients)
        {
            using IDisposable mode = gradients ? enable_grad() : no_grad();
            using EncoderInput input = encoder.Prepare([TinyEncoders.Clip(3000, 1), TinyEncoders.Clip(2000, 2)]);
            EncodedFrames encoded = encoder.Encode(input);
            if (gradients)
            {
                using Tensor loss = encoded.LastHiddenState!.sum();
                loss.backward();
            }
            encoded.LastHiddenState!.Dispose();
            foreach (Tensor state in encoded.HiddenStates.Values)
            {
                state.Dispose();
            }
        }
    }

    [TestMethod]
    public void Create_InsideADisposeScope_OutlivesIt()
    {
        SpeechEncoder encoder;
        using (NewDisposeScope())
        {
            encoder = TinyEncoders.Create("wavlm");
        }
        using (encoder)
        {
            using DisposeScope scope = NewDisposeScope();
            Assert.IsTrue(encoder.Encode(
                encoder.Prepare([TinyEncoders.Clip(2000, 1)])).LastHiddenState!.isfinite().all().item<bool>());
        }
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoders.Names), typeof(TinyEncoders))]
    public void Encode_InTraining_DropsAndInEvaluationDoesNot(string name)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name, WhisperContext.Trimmed);
        using DisposeScope scope = NewDisposeScope();
        EncoderInput input = encoder.Prepare([TinyEncoders.Clip(3000, 1), TinyEncoders.Clip(2000, 2)]);
        Tensor first = encoder.Encode(input).LastHiddenState!;
        Assert.AreEqual(0, (first - encoder.Encode(input).LastHiddenState!).abs().max().item<float>());
        // What a batch norm knows of earlier batches changes in training; put back, the scores are those of before.
        var kept = encoder.named_buffers().ToDictionary(b => b.name, b => b.buffer.clone());
        encoder.train();
        Assert.IsGreaterThan(1e-3f, (first - encoder.Encode(input).LastHiddenState!).abs().max().item<float>());
        encoder.eval();
        using (no_grad())
        {
            foreach ((string buffer, Tensor value) in encoder.named_buffers())
            {
                value.copy_(kept[buffer]);
            }
        }
        Assert.AreEqual(0, (first - encoder.Encode(input).LastHiddenState!).abs().max().item<float>());
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoders.Names), typeof(TinyEncoders))]
    public void Encode_FrozenWithGradientMode_AsWithoutAndTakesNoGraph(string name)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name, WhisperContext.Trimmed);
        using DisposeScope scope = NewDisposeScope();
        EncoderInput input = encoder.Prepare([TinyEncoders.Clip(3000, 1), TinyEncoders.Clip(2000, 2)]);
        Tensor free = encoder.Encode(input).LastHiddenState!;
        foreach (TorchSharp.Modules.Parameter parameter in encoder.parameters())
        {
            parameter.requires_grad = false;
        }
        Tensor frozen = encoder.Encode(input).LastHiddenState!;
        Assert.IsTrue(free.requires_grad);
        Assert.IsFalse(frozen.requires_grad);
        for (int clip = 0; clip < 2; clip++)
        {
            long frames = encoder.Config.FrameCount(clip == 0 ? 3000 : 2000);
            GoldenTensors.AssertClose(
                "last", free[clip].narrow(0, 0, frames), frozen[clip].narrow(0, 0, frames), 1e-5, 1e-5);
        }
    }

    [TestMethod]
    [DynamicData(nameof(TinyEncoders.Names), typeof(TinyEncoders))]
    public void Groups_EveryParameter_IsInExactlyOne(string name)
    {
        using SpeechEncoder encoder = TinyEncoders.Create(name);
        EncoderParameterGroups groups = encoder.Config.Groups;
        IReadOnlyList<string>[] all =
            [groups.FrontEnd, groups.Projection, groups.Optional, groups.Layers, groups.FinalNorm];
        foreach ((string parameter, _) in encoder.named_parameters())
        {
            Assert.AreEqual(1, all.Count(group => EncoderParameterGroups.Contains(group, parameter)), parameter);
        }
        string[] linears = [.. encoder.named_modules().Where(m => m.module is Projection && groups.LayerOf(m.name) == 0)
            .Select(m => EncoderFamily.Of(encoder).ModuleName(m.name).Split('.')[^1])];
        CollectionAssert.IsSubsetOf(encoder.Config.AdaptableLinears.ToArray(), linears);
    }

    [TestMethod]
    public void Prepare_ClipWithoutAFrame_Refused()
    {
        using SpeechEncoder encoder = TinyEncoders.Create("hubert");
        ArgumentException error =
            Assert.ThrowsExactly<ArgumentException>(() =>
            encoder.Prepare([TinyEncoders.Clip(500, 1), TinyEncoders.Clip(29, 1)]));
        Assert.AreEqual(
            "Clip 1 has 29 samples; encoder 'hubert' expects at least 30, enough for one frame. (Parameter 'clips')",
            error.Message);
    }

    [TestMethod]
    public void Prepare_ClipOver30Seconds_Refused()
    {
        using SpeechEncoder encoder = TinyEncoders.Create("whisper");
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => encoder.Prepare([new float[480001]]));
        Assert.AreEqual(
            "Clip 0 has 480001 samples; encoder 'whisper' expects at most 480000 (30 s at 16000 Hz). (Parameter " +
            "'clips')", error.Message);
    }

    [TestMethod]
    public void Prepare_EmptyClip_Refused()
    {
        using SpeechEncoder encoder = TinyEncoders.Create("whisper");
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => encoder.Prepare([[]]));
        Assert.AreEqual(
            "Clip 0 has 0 samples; encoder 'whisper' expects at least 1, enough for one frame. (Parameter 'clips')",
            error.Message);
    }

    [TestMethod]
    public void Prepare_NoClips_Refused()
    {
        using SpeechEncoder encoder = TinyEncoders.Create("whisper");
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => encoder.Prepare([]));
        Assert.AreEqual("Clips for encoder 'whisper': expected at least one, got none. (Parameter 'clips')",
            error.Message);
    }
}
