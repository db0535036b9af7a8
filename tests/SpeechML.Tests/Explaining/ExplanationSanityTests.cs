using Microsoft.ML;
using SpeechML.Tests.Life;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Tests.Explaining;

/// <summary>What an explanation must do to deserve the name.</summary>
[TestClass]
public sealed class ExplanationSanityTests
{
    private const double Reach = 0.0125; // half a window of Whisper's spectrogram, in seconds
    private readonly MLContext _mlContext = new(seed: 1);

    public static IEnumerable<object[]> Models() =>
        from encoder in LifeModels.Encoders
        from way in new[] { "frozen", "lora", "prompt" }
        where way == "frozen" || encoder == "whisper-80"
        select new object[] { encoder, way };

    [TestMethod]
    [TestCategory("Slow")]
    [DataRow("lora")]
    [DataRow("prompt")]
    public void IntegratedGradients_WavLM_SumToTheDifferenceFromSilence(string way) =>
        IntegratedGradients_EveryFamily_SumToTheDifferenceFromSilence("wavlm-base-like", way);

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void IntegratedGradients_EveryFamily_SumToTheDifferenceFromSilence(string encoder, string way)
    {
        using var model = LifeModels.Classifier(_mlContext, encoder, o =>
        {
            o.Lora.Rank = way == "lora" ? 2 : 0;
            o.SoftPrompt.Tokens = way == "prompt" ? 3 : 0;
            o.Freezing = way == "frozen" ? LayerFreezing.All : o.Freezing;
        });
        Parameter[] weights = [.. model.LastTransformer.Network.parameters()];
        bool[] learned = [.. weights.Select(w => w.requires_grad)];
        SpeechExplanation explanation = _mlContext.Speech().Explain(
            model, MarkedClips.Audio(0.1, 100, 0.3), new SpeechExplanationOptions
            {
                TimeOcclusion = false,
                IntegratedGradients = true,
                CompletenessTolerance = 0.05,
                Targets = ["en", "it"],
            });
        foreach (ExplainedTarget target in explanation.Targets)
        {
            IReadOnlyList<ClipAttribution> parts = explanation.Of(ExplanationMethod.IntegratedGradients, target.Name);
            double difference = target.Score - target.BaselineScore!.Value, sum = parts.Sum(p => p.Value);
            Assert.IsGreaterThan(1e-3, Math.Abs(difference));
            Assert.AreEqual(difference, sum, Math.Max(1.1e-3, 0.05 * Math.Abs(difference)));
            Assert.AreEqual(Math.Abs(difference - sum), target.CompletenessGap!.Value, 1e-4);
            Assert.AreEqual(0, parts[0].StartSeconds);
            Assert.AreEqual(6, parts.Count(p => p.EndSeconds <= 0.3 + 1e-9));
            Assert.HasCount(encoder == "whisper-80" ? 7 : 6, parts);
        }
        Assert.IsTrue(weights.All(w => w.grad is null), "A weight got a gradient.");
        CollectionAssert.AreEqual(learned, weights.Select(w => w.requires_grad).ToArray());
    }

    [TestMethod]
    [DataRow("hubert-base-like")]
    [DataRow("whisper-80")]
    public void Explain_MarkDecides_FindsTheMark(string encoder)
    {
        using var model = (SpeechBinaryTransformer)MarkedClips.Fit(_mlContext, "binary", encoder, o =>
        {
            o.Epochs = 12;
            o.Head.LayerNorm = true;
        }, clips: 20);
        double[] starts = encoder == "whisper-80" ? [0.1, 0.55] : [0.55];
        foreach (double start in starts)
        {
            SpeechExplanation explanation = _mlContext.Speech().Explain(
                model, MarkedClips.Audio(start, 200), new SpeechExplanationOptions
                {
                    WindowSeconds = 0.1,
                    HopSeconds = 0.05,
                    IntegratedGradients = true,
                    MaxGradientPoints = 16,
                });
            Assert.IsGreaterThan(0.5, explanation.Targets[0].Probability!.Value, "The model knows the mark.");
            foreach (ExplanationMethod method in
                new[] { ExplanationMethod.TimeOcclusion, ExplanationMethod.IntegratedGradients })
            {
                IReadOnlyList<ClipAttribution> parts = explanation.Of(method, "positive");
                ClipAttribution best = parts.MaxBy(p => p.Value)!;
                double positive = parts.Sum(p => Math.Max(0, p.Value));
                // A window of the features that begins within the mark or ends in it is of the mark.
                bool IsInside(ClipAttribution p) => p.EndSeconds > start - Reach
                    && p.StartSeconds < start + MarkedClips.MarkSeconds + Reach;
                double inside = parts.Where(IsInside).Sum(p => Math.Max(0, p.Value)) / positive;
                Assert.IsTrue(IsInside(best), $"{method}: greatest at {best.StartSeconds} s");
                Assert.IsGreaterThan(0.7, inside, $"{method}: share of the mark");
            }
        }
    }

    [TestMethod]
    public void Explain_HeadAtRandom_IsAnotherMap()
    {
        using var model = (SpeechBinaryTransformer)MarkedClips.Fit(
            _mlContext, "binary", "hubert-base-like", o => o.Epochs = 12, clips: 20);
        var options = new SpeechExplanationOptions
        {
            WindowSeconds = 0.1,
            HopSeconds = 0.05,
            IntegratedGradients = true,
            MaxGradientPoints = 24,
        };
        MLAudio clip = MarkedClips.Audio(0.2, 300, 0.5);
        SpeechExplanation trained = _mlContext.Speech().Explain(model, clip, options);
        double[] alike = [0, 0];
        const int Heads = 4;
        for (int seed = 0; seed < Heads; seed++)
        {
            using (no_grad())
            using (DisposeScope scope = NewDisposeScope())
            using (var generator = new Generator((ulong)seed))
            {
                foreach (Parameter weight in model.Network.Head!.parameters())
                {
                    weight.copy_(randn(weight.shape, generator: generator));
                }
            }
            SpeechExplanation random = _mlContext.Speech().Explain(model, clip, options);
            foreach ((ExplanationMethod method, int m) in new[]
                { (ExplanationMethod.TimeOcclusion, 0), (ExplanationMethod.IntegratedGradients, 1) })
            {
                alike[m] += Correlation(trained.Of(method, "positive"), random.Of(method, "positive")) / Heads;
            }
        }
        // Adebayo and others 2018: a map that stays is of the clip, not of the model. The sign is the head's.
        Assert.IsTrue(alike.All(a => Math.Abs(a) < 0.7), string.Join(" ", alike));
    }

    [TestMethod]
    public void BandOcclusion_ToneDecides_FindsItsBand()
    {
        using var model = (SpeechBinaryTransformer)MarkedClips.Fit(
            _mlContext, "binary", "whisper-80", o => o.Epochs = 12, clips: 20);
        SpeechExplanation explanation = _mlContext.Speech().Explain(
            model, MarkedClips.Audio(0.4, 400),
            new SpeechExplanationOptions { TimeOcclusion = false, BandOcclusion = true });
        ClipAttribution best = explanation.Of(ExplanationMethod.BandOcclusion, "positive").MaxBy(a => a.Value)!;
        Assert.IsTrue(best.LowHz < 1000 && best.HighHz > 1000, $"{best.LowHz} to {best.HighHz} Hz");
    }

    private static double Correlation(IReadOnlyList<ClipAttribution> a, IReadOnlyList<ClipAttribution> b)
    {
        double meanA = a.Average(x => x.Value), meanB = b.Average(x => x.Value);
        double Sum(Func<int, double> of) => Enumerable.Range(0, a.Count).Sum(of);
        return Sum(i => (a[i].Value - meanA) * (b[i].Value - meanB)) / Math.Sqrt(
            Sum(i => Math.Pow(a[i].Value - meanA, 2)) * Sum(i => Math.Pow(b[i].Value - meanB, 2)));
    }
}
