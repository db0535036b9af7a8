using SpeechML.Encoders.Features;
using SpeechML.TrainingSupport;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests.Features;

/// <summary>w2v-BERT's features against Hugging Face's <c>SeamlessM4TFeatureExtractor</c>.</summary>
[TestClass]
public sealed class KaldiSpectrogramTests
{
    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(EncoderCases.W2vBert), typeof(EncoderCases))]
    public void Compute_ReferenceClips_AsReference(string name)
    {
        using SpeechEncoder encoder = EncoderLoader.Load(EncoderCases.Folder(name), layers: 0);
        using GoldenTensors golden = EncoderCases.Open(name);
        var tolerances = EncoderCases.Facts(name).GetProperty("features").GetProperty("tolerances");
        double frameTolerance = tolerances.GetProperty("fbank").GetDouble();
        double inputTolerance = tolerances.GetProperty("input").GetDouble();
        string[] clips = [.. golden.Names.Where(n => n.EndsWith(".waveform", StringComparison.Ordinal))
            .Select(n => n[..^".waveform".Length])];
        Assert.IsGreaterThan(3, clips.Length);
        foreach (string clip in clips)
        {
            float[] samples = golden.Waveform($"{clip}.waveform");
            using EncoderInput input = encoder.Prepare([samples]);
            byte[] mask = [.. golden.Read($"{clip}.attention_mask").data<byte>()];
            long valid = mask.Count(m => m == 1);
            Assert.AreEqual(valid, input.Lengths[0], clip);
            GoldenTensors.AssertClose($"{clip}.input", golden.Read($"{clip}.input").narrow(0, 0, valid),
                input.Values[0].t(), 0, inputTolerance);
            if (golden.Has($"{clip}.fbank"))
            {
                int mels = (int)input.Values.shape[1] / 2;
                double[] frames = new StackedLogMel(mels, 2).LogMel(samples);
                golden.AreClose($"{clip}.fbank", tensor(frames).view(-1, mels), 0, frameTolerance);
            }
        }
    }

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(EncoderCases.W2vBert), typeof(EncoderCases))]
    public void Filter_EveryBand_AsReference(string name)
    {
        _ = EncoderCases.Folder(name);
        using GoldenTensors golden = EncoderCases.Open(name);
        using Tensor filters = golden.Read("mel_filters");
        int mels = (int)filters.shape[1];
        for (int mel = 0; mel < mels; mel++)
        {
            GoldenTensors.AssertClose($"band {mel}", filters.select(1, mel),
                tensor(KaldiSpectrogram.Filter(mel, mels)), 0, 1e-7);
        }
    }

    /// <summary>The reference gives 0 or ±0.003 there, by the rounding of its float32 mean.</summary>
    [TestMethod]
    public void Compute_DigitalSilence_Zero()
    {
        var features = new StackedLogMel(80, 2);
        float[] output = new float[features.Size * 49];
        Array.Fill(output, 9f);
        features.Compute(new float[16000], output, 49);
        Assert.IsTrue(Array.TrueForAll(output, v => v == 0));
    }

    [TestMethod]
    [DataRow(399, 0)]
    [DataRow(400, 1)]
    [DataRow(559, 1)]
    [DataRow(560, 2)]
    [DataRow(16000, 98)]
    public void FramesOf_Samples_WholeFramesOnly(int samples, int frames)
    {
        Assert.AreEqual(frames, KaldiSpectrogram.FramesOf(samples));
        if (frames > 0)
        {
            Assert.IsLessThanOrEqualTo(samples, KaldiSpectrogram.SamplesOf(frames));
            Assert.AreEqual(frames, KaldiSpectrogram.FramesOf(KaldiSpectrogram.SamplesOf(frames)));
        }
    }
}
