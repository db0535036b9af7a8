using SpeechML.Model;
using SpeechML.Training;
using SpeechML.Training.Caching;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Training;

/// <summary>
/// Training as a device without values of its own would run it: torch's meta device, where an operation that mixes
/// devices throws, and so does one that reads a value. libtorch without Python has no meta kernels for convolution,
/// layer, batch and group norm, <c>where</c> and <c>logical_not</c>, so that encoders, masks and losses cannot run
/// there; <see cref="DeviceSourceTests"/> holds those by their source.
/// </summary>
[TestClass]
public sealed class MetaTrainingTests
{
    private const int Hidden = 16;

    public static IEnumerable<object[]> Poolings() => SpeechPooling.Names.Select(n => new object[] { n });

    [TestMethod]
    [DynamicData(nameof(Poolings))]
    public void Pool_EveryPooling_StaysOnTheDevice(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using FramePooling pooling = SpeechPooling.Create(name, Hidden, 1);
        pooling.to(META);
        Tensor frames = zeros([2, 9, Hidden], device: META, requires_grad: true);

        Tensor pooled = pooling.Pool(frames, [9, 5]);

        Assert.AreEqual(DeviceType.META, pooled.device_type);
        if (name == SpeechPooling.MeanStd)
        {
            return; // the gradient of clamp_min is a where
        }
        pooled.sum().backward();
        Assert.AreEqual(DeviceType.META, frames.grad!.device_type);
        AssertTrained(pooling);
    }

    /// <summary>Where the lower part is frozen, batches begin inside the network with values that were kept.</summary>
    [TestMethod]
    [DataRow("PooledLayers")]
    [DataRow("Pooled")]
    public void Forward_KeptValues_StayOnTheDevice(string kept)
    {
        using DisposeScope scope = NewDisposeScope();
        using SpeechNetwork network = Network();
        network.train();
        CacheStage stage = Enum.Parse<CacheStage>(kept);
        Tensor values = zeros(stage == CacheStage.Pooled ? [2, Hidden] : [2, 2, Hidden], device: META);

        network.Forward(new Batch(new CachePoint(stage, 0), [9, 5]) { Values = values }).sum().backward();

        AssertTrained(network.Head!);
    }

    [TestMethod]
    public void Step_OfTheOptimizer_ReadsNothing()
    {
        using DisposeScope scope = NewDisposeScope();
        using SpeechNetwork network = Network();
        var options = new SpeechTrainingOptions { Encoder = "tiny", Optimizer = { ClipNorm = 1, LayerDecay = 0.9 } };
        using var optimizer = new TrainingOptimizer(network, options, 2, 2);
        for (int step = 0; step < 2; step++)
        {
            foreach (TorchSharp.Modules.Parameter parameter in network.parameters())
            {
                parameter.grad = zeros_like(parameter);
            }

            Tensor norm = optimizer.Step(step, ones([], float64, META));

            Assert.AreEqual(DeviceType.META, norm.device_type);
        }
    }

    /// <summary>The count that matters on a GPU, where a read waits for all that was asked before.</summary>
    [TestMethod]
    public void Fit_OnTheCpu_OneReadAStepAndTwoAnEvaluation()
    {
        int reads = 0;
        var recorder = new TrainingRuns.Recorder();
        using (DeviceReads.By(values =>
        {
            reads++;
            return [.. values.to(ScalarType.Float64).contiguous().data<double>()];
        }))
        {
            _ = TrainingRuns.Fit(TrainingRuns.Options(), recorder);
        }
        Assert.AreEqual(recorder.Steps.Count + (2 * recorder.Epochs.Count()), reads);
    }

    private static void AssertTrained(nn.Module module)
    {
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in module.named_parameters())
        {
            Assert.AreEqual(DeviceType.META, parameter.grad!.device_type, name);
        }
    }

    private static SpeechNetwork Network()
    {
        SpeechEncoder encoder = TinyEncoders.Create("hubert", WhisperContext.Trimmed);
        return SpeechModel.Assemble(encoder, new ModelManifest
        {
            EncoderConfig = TinyEncoders.Config("hubert"),
            Features = encoder.Features,
            BuiltLayers = encoder.BuiltLayers,
            WhisperContext = encoder.Context,
            Layers = [1, 2],
            Layer = LayerSelection.LastNumber,
            LayerCombination = LayerCombination.WeightedSum,
            Pooling = SpeechPooling.Mean,
            Head = new HeadOptions(),
            Outputs = 2,
        }, 1, META);
    }
}
