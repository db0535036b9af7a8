using Microsoft.ML;
using SpeechML.Encoders.Families.Spectrogram;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Onnx.Tests;

/// <summary>Graphs of encoders against Hugging Face transformers.</summary>
[TestClass]
[TestCategory("Golden")]
public sealed class EncoderGraphTests
{
    private const double Tolerance = 1e-4; // of the greatest

    [TestMethod]
    [DynamicData(nameof(EncoderCases.Whole), typeof(EncoderCases))]
    public void Graph_FramesOfAnEncoder_AreTheReferences(string name)
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView none = Scores.Data(mlContext);
        var options = new SpeechEncodingOptions
        {
            Encoder = EncoderCases.Folder(name),
            Layers = EncoderLayers.Last,
            Output = SpeechFeatureOutput.Frames,
        };
        using SpeechEncodingTransformer encoder =
            mlContext.Transforms.EncodeSpeech("Features", options, "Audio").Fit(none);
        mlContext.Speech().SaveOnnx(encoder, scratch.At("model.onnx"));
        using GoldenTensors golden = EncoderCases.Open(name);
        int[] clips = golden.Clips();
        float[][] waves = [.. clips.Select(c => golden.Waveform($"clip{c}.waveform"))];
        using var run = new OnnxRun(scratch.At("model.onnx"));
        (float[] batch, long[] shape) = run.Run(waves)["Features"];
        Assert.HasCount(clips.Length, batch.Chunk((int)(shape[1] * shape[2])));
        float[] lengths = run.Run(waves)["FrameLengths"].Values;
        for (int i = 0; i < clips.Length; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor expected = golden.Read($"clip{clips[i]}.last");
            if (encoder.Model.Network.Encoder.Config is PatchConfig patches)
            {
                // The references are tokens; a frame is the mean over the patches of one time.
                expected = expected.narrow(0, PatchConfig.ExtraTokens, expected.shape[0] - PatchConfig.ExtraTokens)
                    .view(patches.Bands, patches.Times, -1).mean([0]);
            }
            Dictionary<string, (float[] Values, long[] Shape)> alone = run.Run(waves[i]);
            int size = (int)shape[2], own = (int)lengths[i];
            Assert.AreEqual(own, alone["FrameLengths"].Values.Single());
            // Frames of padding, which w2v-BERT's extractor adds, are not computed.
            int stored = (int)Math.Min(expected.shape[0], alone["Features"].Shape[1]);
            Assert.IsLessThanOrEqualTo(1, Math.Abs(expected.shape[0] - stored));
            float[] want = GoldenTensors.ToFloats(expected.narrow(0, 0, stored));
            Scores.AreEqual(want, alone["Features"].Values[..want.Length], $"{name}, clip {clips[i]}", Tolerance);
            Scores.AreEqual(alone["Features"].Values[..(own * size)],
                batch.AsSpan(i * (int)shape[1] * size, own * size).ToArray(), $"{name}, clip {clips[i]} in a batch",
                Tolerance);
        }
    }
}
