using SpeechML.Encoders.Families.Conformer;
using SpeechML.Encoders.Families.Spectrogram;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Tests;

[TestClass]
public sealed class EncoderRegistryTests
{
    // Above this many values a model is only built where SPEECHML_LARGE is set: 4 bytes each, in one process.
    private const long LargeModel = 350_000_000;

    // Above this many values a model takes a second or more to fill: those are among the slow tests.
    private const long BaseModel = 150_000_000;

    public static IEnumerable<object[]> Base() => Names(entry => ApproximateSize(entry) <= BaseModel);

    public static IEnumerable<object[]> Large() => Names(entry => ApproximateSize(entry) > BaseModel);

    [TestMethod]
    [DynamicData(nameof(Base))]
    public void Known_BaseSize_RunsTwoSeconds(string name) => RunTwoSeconds(name);

    [TestMethod]
    [TestCategory("Slow")]
    [DynamicData(nameof(Large))]
    public void Known_LargeSize_RunsTwoSeconds(string name) => RunTwoSeconds(name);

    private static IEnumerable<object[]> Names(Func<EncoderEntry, bool> chosen) =>
        EncoderRegistry.Known.Where(chosen).Select(entry => new object[] { entry.Name });

    /// <summary>Random weights, the same million again and again: drawing all takes longer than the run.</summary>
    private static void Fill(SpeechEncoder encoder)
    {
        const int Drawn = 1 << 20;
        using IDisposable still = no_grad();
        Tensor drawn = empty(Drawn).uniform_(-0.03, 0.03);
        foreach (Tensor value in encoder.state_dict().Values)
        {
            if (value.dim() < 2)
            {
                _ = value.fill_(0.5);
                continue;
            }
            Tensor flat = value.view(-1);
            for (long begin = 0; begin < flat.shape[0]; begin += Drawn)
            {
                long length = Math.Min(Drawn, flat.shape[0] - begin);
                _ = flat.narrow(0, begin, length).copy_(drawn.narrow(0, 0, length));
            }
        }
    }

    private static void RunTwoSeconds(string name)
    {
        EncoderEntry entry = EncoderRegistry.Find(name)!;
        long size = ApproximateSize(entry);
        if (size > LargeModel && Environment.GetEnvironmentVariable("SPEECHML_LARGE") is null)
        {
            Assert.Inconclusive($"'{name}' takes about {size * 4 / 1_000_000} MB; set SPEECHML_LARGE to run it.");
        }
        using SpeechEncoder encoder = EncoderFamily.All.Single(family => family.ModelType == entry.Config.ModelType)
            .Build(entry.Config, new EncoderSource("{}", FeatureExtractorSettings.Default, WhisperContext.Trimmed),
                entry.Config.LayerCount);
        encoder.eval();
        using DisposeScope scope = NewDisposeScope();
        Fill(encoder);
        using IDisposable still = no_grad();
        EncodedFrames encoded =
            encoder.Encode(encoder.Prepare([TinyEncoders.Clip(2 * entry.Config.SampleRate, 1)]),
            new HashSet<int> { entry.Config.LayerCount });
        Assert.AreEqual(entry.Config.FrameCount(2 * entry.Config.SampleRate), encoded.Lengths[0]);
        Assert.AreEqual(entry.Config.HiddenSize, encoded.LastHiddenState!.shape[2]);
        Assert.IsTrue(encoded.LastHiddenState.isfinite().all().item<bool>());
        Assert.AreEqual(entry.Config is PatchConfig ? 1600 : 320, entry.Config.Hop);
        Assert.IsLessThan(0.1, Math.Abs(encoder.parameters().Sum(p => p.numel()) / (double)size - 1));
    }

    [TestMethod]
    [DataRow("wavlm-base-plus", "microsoft/wavlm-base-plus")]
    [DataRow("Whisper-Large-v3-Turbo", "openai/whisper-large-v3-turbo")]
    [DataRow("w2v-bert-2.0", "facebook/w2v-bert-2.0")]
    [DataRow("someone/their-hubert", null)]
    public void Find_Name_GivesItsHubId(string name, string? id) =>
        Assert.AreEqual(id, EncoderRegistry.Find(name)?.HubId);

    /// <summary>Values of the transformer layers and the largest other parts.</summary>
    private static long ApproximateSize(EncoderEntry entry)
    {
        long hidden = entry.Config.HiddenSize;
        // Conformers have two feed-forwards and a convolution with its two maps.
        long layer = entry.Config is ConformerConfig or W2vBertConfig ? 23 : 12;
        long front = entry.Config is PatchConfig patches ? patches.Tokens * hidden : entry.Config.ModelType == "whisper"
            ? 3 * hidden * hidden + 3 * 80 * hidden + 1500 * hidden
            : 4_200_000 + 512 * hidden + hidden * hidden / 16 * 128;
        return entry.Config.LayerCount * layer * hidden * hidden + front;
    }
}
