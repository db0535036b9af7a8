using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Explaining;

namespace SpeechML.Tests.Explaining;

/// <summary>Clips in windows, whose scores are joined: without their parts, and by integrated gradients.</summary>
[TestClass]
public sealed class WindowGradientTests
{
    private const double Seconds = 1.3;
    private static readonly LongAudioOptions s_windows = new() { Length = 0.5, Overlap = 0.1 };
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow("binary", "whisper-80", WindowCombination.Probabilities, "Attention")]
    [DataRow("binary", "whisper-80", WindowCombination.Frames, "Attention")]
    [DataRow("multiclass", "whisper-80", WindowCombination.Probabilities, "Max")]
    [DataRow("multi-label", "whisper-80", WindowCombination.Frames, "MeanStd")]
    [DataRow("ordinal", "whisper-80", WindowCombination.Probabilities, "MeanStd")]
    [DataRow("regression", "whisper-80", WindowCombination.Probabilities, "Mean")]
    public void Explain_Windows_GradientsAreOfEveryPartAndTheirGapIsSaid(
        string task, string encoder, WindowCombination combination, string pooling)
    {
        using var model = MarkedClips.Fit(_mlContext, task, encoder, o =>
        {
            o.LongAudio = s_windows with { Combination = combination };
            o.Pooling = pooling;
        }) as IDisposable;
        MLAudio clip = MarkedClips.Audio(0.6, 7, Seconds);
        SpeechExplanation explanation = _mlContext.Speech().Explain((ITransformer)model!, clip,
            new SpeechExplanationOptions
            {
                TimeOcclusion = false,
                IntegratedGradients = true,
                MaxGradientPoints = 8,
                GradientSegmentSeconds = 0.1,
            });
        foreach (ExplainedTarget target in explanation.Targets)
        {
            IReadOnlyList<ClipAttribution> parts =
                explanation.Of(ExplanationMethod.IntegratedGradients, target.Name);
            double difference = target.Score - target.BaselineScore!.Value;
            Assert.IsGreaterThan(1e-4, Math.Abs(difference), $"{target.Name}: nothing to divide");
            Assert.AreEqual(
                Math.Abs(parts.Sum(p => p.Value) - difference), target.CompletenessGap!.Value, 1e-4, target.Name);
            CollectionAssert.AreEqual(Enumerable.Range(0, 13).Select(i => i / 10.0).ToArray(),
                parts.Take(13).Select(p => Math.Round(p.StartSeconds, 9)).ToArray());
            Assert.AreEqual(Seconds, parts[12].EndSeconds, 1e-9);
        }
    }

    [TestMethod]
    [DataRow(WindowCombination.Frames, "Mean")]
    [DataRow(WindowCombination.Frames, "MeanStd")]
    [DataRow(WindowCombination.Frames, "Max")]
    [DataRow(WindowCombination.Frames, "Attention")]
    [DataRow(WindowCombination.Probabilities, "Attention")]
    public void Explain_SessionWithoutAPart_IsScoredAsTheModelScoresIt(WindowCombination combination, string pooling)
    {
        // Whisper's windows have each their own level.
        using var model = (SpeechBinaryTransformer)MarkedClips.Fit(_mlContext, "binary", "whisper-80", o =>
            (o.LongAudio, o.Pooling) = (s_windows with { Combination = combination }, pooling));
        MLAudio clip = MarkedClips.Audio(0.6, 7, Seconds);
        var options = new SpeechExplanationOptions { WindowSeconds = 0.4, HopSeconds = 0.3, BandOcclusion = true };
        SpeechExplanation explanation = _mlContext.Speech().Explain(model, clip, options);
        IReadOnlyList<ClipAttribution> parts = explanation.Of(ExplanationMethod.TimeOcclusion, "positive"),
            bands = explanation.Of(ExplanationMethod.BandOcclusion, "positive");
        float[] samples = [.. clip.Samples.Span];
        float[][] variants =
        [
            samples, new float[samples.Length],
            .. parts.Select(p => ClipParts.Without(samples, Sample(p.StartSeconds), Sample(p.EndSeconds),
                MarkedClips.Rate, options)),
            .. bands.Select(b => MelBands.Without(samples, b.LowHz!.Value, b.HighHz!.Value, MarkedClips.Rate)),
        ];
        float[] expected = [.. model.Transform(MarkedClips.View(_mlContext,
            [.. variants.Select(v => MLAudio.FromSamples(v, MarkedClips.Rate))])).GetColumn<float>("Score")];
        ExplainedTarget target = explanation.Targets.Single();
        double[] got = [target.Score, target.SilenceScore, .. parts.Concat(bands).Select(p => p.ScoreWithout!.Value)];
        Assert.HasCount(expected.Length, got);
        for (int i = 0; i < got.Length; i++)
        {
            Assert.AreEqual(expected[i], got[i], 1e-4, $"variant {i}");
        }
        Assert.IsGreaterThan(1e-4, parts.Max(p => Math.Abs(p.Value)), "nothing mattered");

        static int Sample(double seconds) => (int)Math.Round(seconds * MarkedClips.Rate);
    }

    [TestMethod]
    [DataRow("wav2vec2-large-like", WindowCombination.Frames, "Mean")]
    [DataRow("whisper-80", WindowCombination.Frames, "Attention")]
    [DataRow("whisper-80", WindowCombination.Probabilities, "MeanStd")]
    public void At_SlopesOfAllParts_AreThoseOfSmallSteps(string encoder, WindowCombination combination, string pooling)
    {
        using var model = (SpeechBinaryTransformer)MarkedClips.Fit(_mlContext, "binary", encoder, o =>
            (o.LongAudio, o.Pooling) = (s_windows with { Combination = combination }, pooling));
        float[] samples = [.. MarkedClips.Audio(0.6, 7, Seconds).Samples.Span];
        var targets = TargetScores.Of(model, []);
        const int Segment = 8000;
        double[] slopes;
        using (var path = new RecordingPath(model.Model, targets, samples, null, Segment))
        {
            slopes = path.At([1], () => { })[0].Slopes[0];
        }
        Assert.HasCount(4, slopes); // of 0.5 s, the last one shorter, and what lies behind the end
        Assert.IsTrue(encoder == "whisper-80" || slopes[3] == 0);
        double Score(double scale)
        {
            using var path = new RecordingPath(model.Model, targets, samples, null, Segment);
            return path.At([scale], () => { })[0].Scores[0];
        }
        const double Step = 0.01;
        double expected = (Score(1 + Step) - Score(1 - Step)) / (2 * Step);
        Assert.IsGreaterThan(1e-4, Math.Abs(expected));
        Assert.AreEqual(expected, slopes.Sum(), 0.02 * Math.Abs(expected));
    }

    [TestMethod]
    public void Explain_SessionWithOneMark_GradientsFindIt()
    {
        using var model = (SpeechBinaryTransformer)MarkedClips.Fit(
            _mlContext, "binary", "whisper-80", o => (o.Epochs, o.LongAudio) = (12, s_windows), clips: 20);
        const double Start = 0.8;
        SpeechExplanation explanation = _mlContext.Speech().Explain(model,
            MarkedClips.Audio(Start, 400, Seconds), new SpeechExplanationOptions
            {
                TimeOcclusion = false,
                IntegratedGradients = true,
                MaxGradientPoints = 32,
            });
        IReadOnlyList<ClipAttribution> parts =
            explanation.Of(ExplanationMethod.IntegratedGradients, "positive");
        ClipAttribution best = parts.MaxBy(a => Math.Abs(a.Value))!;
        Assert.IsTrue(best.StartSeconds >= Start - 0.1 && best.EndSeconds <= Start + MarkedClips.MarkSeconds + 0.1,
            $"{best.StartSeconds} to {best.EndSeconds} s");
    }
}
