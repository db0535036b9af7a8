using SpeechML.EncodeSpeech;
using SpeechML.Model;
using SpeechML.Model.Heads;
using SpeechML.Model.Pooling;
using SpeechML.Training;
using SpeechML.Training.Caching;
using SpeechML.Training.Losses;
using static TorchSharp.torch;

namespace SpeechML.Benchmarks;

internal static class TrainingBenchmarks
{
    /// <summary>
    /// Five epochs of the upper two layers of Whisper base over 12 clips: frozen layers computed once and kept, against
    /// computed in every epoch.
    /// </summary>
    public static void FrozenKept(SampleClips samples) => Ratio.Measure(
        "frozen-kept",
        "kept",
        () => Train(samples, kept: true),
        "computed in each epoch",
        () => Train(samples, kept: false));

    private static void Train(SampleClips samples, bool kept)
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        SpeechEncoder encoder = EncoderLoader.Load(samples.Encoder, context: WhisperContext.Trimmed);
        FramePooling pooling = SpeechPooling.Create(SpeechPooling.Mean, encoder.Config.HiddenSize, 0);
        using var network = new SpeechNetwork(
            encoder, LayerSelection.Parse(EncoderLayers.Last), new LayerMix(LayerCombination.Mean, 1), pooling,
            new LinearHead(pooling.OutputSize, 2, new HeadOptions(), 0));
        network.eval();
        var options = new SpeechTrainingOptions
        {
            Encoder = samples.Encoder,
            Freezing = "0-3",
            Epochs = 5
        };
        EncoderFreezing.Apply(network, options);
        ActivationSource? source = kept ? new ActivationSource(network, EncoderFreezing.Boundary(network)) : null;
        IEnumerable<(float[] Samples, float[] Targets)> clips = samples.Clips[..12]
            .Select((clip, i) => (clip, new float[] { i % 2 }));
        using TrainingSet set =
            TrainingSet.Read(source, clips, 1L << 30, EncodingBatches.Budget(CPU, encoder.Config));
        TrainingLoop.Run(new TrainingRun(network, set, new CrossEntropyLoss(), options, CPU));
    }
}
