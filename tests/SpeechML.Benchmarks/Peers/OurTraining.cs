using SpeechML.Benchmarks.Workers;
using SpeechML.EncodeSpeech;
using SpeechML.Encoders.Kernels;
using SpeechML.Model;
using SpeechML.Model.Heads;
using SpeechML.Model.Pooling;
using SpeechML.Training;
using SpeechML.Training.Caching;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks.Peers;

/// <summary>This library's training, as its trainers run it.</summary>
internal static class OurTraining
{
    /// <summary>Parameters whose gradients are compared.</summary>
    public static readonly string[] Compared =
        ["encoder.layers.0.attention.q_proj.weight", "encoder.layers.11.feed_forward.output_dense.bias"];

    public static IWork FullStep(SpeechPrecision precision = SpeechPrecision.Float32) =>
        Step(recompute: false, precision);

    public static IWork RecomputedStep() => Step(recompute: true, SpeechPrecision.Float32);

    private static Work Step(bool recompute, SpeechPrecision precision)
    {
        SpeechTrainingOptions options = Options(LayerFreezing.None, 1, 4, precision);
        options.RecomputeActivations = recompute;
        SpeechNetwork network = Network(options);
        TrainingPrecision.Apply(network, precision);
        TrainingSet set = Read(network, [.. Enumerable.Range(0, 4).Select(i => PeerAudio.Clip(i, 10))]);
        var optimizer = new TrainingOptimizer(network, options, 1000, 1000);
        var loss = new SpeechML.Training.Losses.CrossEntropyLoss();
        int[] batch = [0, 1, 2, 3];
        long step = 0;
        network.TrainUnfrozen();
        return new Work(
            () =>
            {
                using DisposeScope scope = NewDisposeScope();
                SpeechML.Model.Batch inputs = set.Batch(batch, CPU);
                LossParts parts;
                if (recompute)
                {
                    parts = LayerRecomputation.Backward(
                        network, inputs, null, (int)step, output => loss.ComputeParts(output, inputs.Targets!));
                }
                else
                {
                    parts = loss.ComputeParts(network.Forward(inputs), inputs.Targets!);
                    parts.Sum.backward();
                }
                ReturnedGradients.Release();
                _ = optimizer.Step(step++, parts.Weight.to(ScalarType.Float64));
            },
            () => Gradients(Compared, precision),
            optimizer,
            set,
            network);
    }

    public static IWork LastTwo(SpeechPrecision precision = SpeechPrecision.Float32) =>
        Fit("0-9", 10, precision);

    public static IWork HeadOnly() => Fit(LayerFreezing.All, 20, SpeechPrecision.Float32);

    private static Work Fit(string freezing, int epochs, SpeechPrecision precision)
    {
        float[][] clips = PeerAudio.Mixed(PeerCases.Clips, 2, 10);
        SpeechTrainingOptions options = Options(freezing, epochs, 8, precision);
        SpeechNetwork network = Network(options);
        TrainingPrecision.Apply(network, precision);
        return new Work(
            () =>
            {
                using DisposeScope scope = NewDisposeScope();
                using TrainingSet set = Read(network, clips);
                _ = TrainingLoop.Run(new TrainingRun(
                    network, set, new SpeechML.Training.Losses.CrossEntropyLoss(), options, CPU));
            },
            () => Gradients(Compared[1..], precision),
            network);
    }

    private static SpeechTrainingOptions Options(
        string freezing, int epochs, int batch, SpeechPrecision precision)
    {
        return new SpeechTrainingOptions
        {
            Encoder = PeerFiles.Checkpoint("hubert-base"),
            Freezing = freezing,
            Epochs = epochs,
            BatchSize = batch,
            Precision = precision,
        };
    }

    private static SpeechNetwork Network(SpeechTrainingOptions options)
    {
        SpeechEncoder encoder = EncoderLoader.Load(options.Encoder);
        FramePooling pooling = SpeechPooling.Create(SpeechPooling.Mean, encoder.Config.HiddenSize, 0);
        var head = new LinearHead(pooling.OutputSize, 2, new HeadOptions(), 0);
        var network = new SpeechNetwork(
            encoder, LayerSelection.Parse(EncoderLayers.Last), new LayerMix(LayerCombination.Mean, 1), pooling, head);
        network.eval();
        EncoderFreezing.Apply(network, options);
        return network;
    }

    private static TrainingSet Read(SpeechNetwork network, float[][] clips) => TrainingSet.Read(
        EncoderFreezing.Boundary(network) is { Stage: not CacheStage.Samples } point
            ? new ActivationSource(network, point) : null,
        clips.Select((clip, i) => (clip, new float[] { i % 2 })),
        1L << 30,
        EncodingBatches.Budget(CPU, network.Encoder.Config));

    /// <summary>Gradients of the mean square of the last hidden state, without dropout.</summary>
    private static float[] Gradients(string[] names, SpeechPrecision precision)
    {
        using DisposeScope scope = NewDisposeScope();
        using SpeechEncoder encoder = EncoderLoader.Load(PeerFiles.Checkpoint("hubert-base"));
        encoder.UsePrecision(precision);
        EncodedFrames frames = encoder.Encode(
            encoder.Prepare([PeerAudio.Clip(0, 2), PeerAudio.Clip(1, 2)]),
            new HashSet<int> { encoder.Config.LayerCount });
        GraphTraining.Loss(frames.LastHiddenState!.to(ScalarType.Float32)).backward();
        Dictionary<string, Parameter> parameters = encoder.named_parameters()
            .ToDictionary(p => p.name, p => p.parameter);
        return [.. names.SelectMany(name => parameters[name].grad!.data<float>().ToArray())];
    }
}
