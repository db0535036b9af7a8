using SpeechML.Encoders;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Training;

/// <summary>SpecAugment in the encoder, in training steps only.</summary>
[TestClass]
public sealed class SpecAugmentTrainingTests
{
    private static readonly SpecAugmentOptions s_options =
        new() { TimeProbability = 0.3, TimeLength = 2, FeatureProbability = 0.2, FeatureLength = 4 };

    [TestMethod]
    [DataRow("hubert-base-like")]
    [DataRow("whisper-80")]
    public void Embed_Masking_ChangesAsTheSeedSaysAndLeavesPaddingAlone(string name)
    {
        using SpeechEncoder encoder =
            EncoderLoader.Load(RepositoryFiles.TinyEncoder(name), context: WhisperContext.Trimmed);
        encoder.eval();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        EncoderInput input = encoder.Prepare([TinyEncoders.Clip(9000, 1), TinyEncoders.Clip(16000, 2)]);
        Tensor Run(int? seed)
        {
            return encoder.Embed(input, seed is { } s ? new FeatureMasking(s_options, s) : null).Hidden;
        }
        Tensor plain = Run(null);
        GoldenTensors.AssertClose("same seed", Run(1), Run(1), 0, 0);
        Assert.IsGreaterThan(1e-3, (Run(1) - plain).abs().max().item<float>());
        Assert.IsGreaterThan(1e-3, (Run(1) - Run(2)).abs().max().item<float>());
        GoldenTensors.AssertClose("without masks again", plain, Run(null), 0, 0);
        Assert.IsTrue(Run(3).isfinite().all().item<bool>());
    }

    [TestMethod]
    public void Mask_OnlyFrames_AreTheLearnedVector()
    {
        using SpeechEncoder encoder = EncoderLoader.Load(RepositoryFiles.TinyEncoder("hubert-base-like"));
        using DisposeScope scope = NewDisposeScope();
        // Every frame masked: what follows sees the learned vector alone, whatever was said.
        var all = new SpecAugmentOptions { TimeProbability = 1, TimeLength = 1, TimeMinMasks = 1000 };
        Tensor Run(int clip)
        {
            EncoderInput input = encoder.Prepare([TinyEncoders.Clip(9000, clip)]);
            return encoder.Embed(input, new FeatureMasking(all, 1)).Hidden;
        }
        encoder.eval();
        Tensor hidden = Run(1);
        GoldenTensors.AssertClose("two clips", hidden, Run(2), 0, 0);
        hidden.sum().backward();
        Tensor gradient = encoder.named_parameters().Single(p => p.name == "masked_spec_embed").parameter.grad!;
        Assert.AreEqual(gradient.numel(), gradient.count_nonzero().item<long>());
    }

    [TestMethod]
    public void Fit_SpecAugment_GoesOnFromACheckpointAlikeAndDoesNotTouchValidation()
    {
        SpeechClassificationOptions options = TrainingRuns.Options();
        (options.SpecAugment, options.Epochs) = (s_options, 2);
        var recorder = new TrainingRuns.Recorder();
        byte[] whole = TrainingRuns.Fit(options, recorder);
        options.SpecAugment = new SpecAugmentOptions();
        CollectionAssert.AreNotEqual(whole, TrainingRuns.Fit(options));

        using var scratch = new Scratch();
        (options.SpecAugment, options.Checkpoints.Folder, options.Checkpoints.EverySteps) =
            (s_options, scratch.At("run"), 1);
        Assert.ThrowsExactly<OperationCanceledException>(() => TrainingRuns.Fit(options, new TrainingRuns.Recorder(p =>
        {
            if (p.Step == 2)
            {
                throw new OperationCanceledException();
            }
        })));
        CollectionAssert.AreEqual(whole, TrainingRuns.Fit(options));
        Assert.IsTrue(recorder.Epochs.All(e => double.IsFinite(e.Validation!.Loss)));
    }
}
