using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Explaining;
using SpeechML.Tests.Life;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Explaining;

[TestClass]
public sealed class ExplainTests
{
    private const double Tolerance = 1e-4; // scores of other batches
    private static readonly MLAudio s_clip = MarkedClips.Audio(0.4, 100);
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow("binary", "positive")]
    [DataRow("multiclass", "0,1,2")]
    [DataRow("multi-label", "Labels0,Labels1")]
    [DataRow("ordinal", "≥ 1,≥ 2")]
    [DataRow("regression", "value")]
    public void Explain_EveryTask_ScoresAreThoseOfTheModel(string task, string targets)
    {
        using var model = MarkedClips.Fit(_mlContext, task) as IDisposable;
        var options = new SpeechExplanationOptions { WindowSeconds = 0.5, HopSeconds = 0.3 };
        SpeechExplanation explanation = _mlContext.Speech().Explain((ITransformer)model!, s_clip, options);
        string[] names = [.. explanation.Targets.Select(t => t.Name)];
        Assert.HasCount(targets.Split(',').Length, names, string.Join(",", names));
        if (task != "multi-label")
        {
            Assert.AreEqual(targets, string.Join(",", names));
        }
        // Clip and clip without each segment, scored as anyone scores them, one by one.
        (int Start, int End)[] segments = [(0, 8000), (4800, 12_800), (9600, 14_400)];
        MLAudio[] variants = [s_clip, .. segments.Select(s => MLAudio.FromSamples(ClipParts.Without(
            [.. s_clip.Samples.Span], s.Start, s.End, MarkedClips.Rate, options), MarkedClips.Rate))];
        double[][] expected = [.. variants.Select(v => Said((ITransformer)model!, task, v))];
        for (int k = 0; k < names.Length; k++)
        {
            ExplainedTarget target = explanation.Targets[k];
            Assert.AreEqual(expected[0][k], target.Probability ?? target.Score, Tolerance, names[k]);
            IReadOnlyList<ClipAttribution> parts = explanation.Of(ExplanationMethod.TimeOcclusion, names[k]);
            Assert.HasCount(segments.Length, parts);
            for (int i = 0; i < segments.Length; i++)
            {
                Assert.AreEqual(expected[1 + i][k], parts[i].ProbabilityWithout ?? parts[i].ScoreWithout!.Value,
                    Tolerance);
                Assert.AreEqual((double)segments[i].Start / MarkedClips.Rate, parts[i].StartSeconds);
                Assert.AreEqual((double)segments[i].End / MarkedClips.Rate, parts[i].EndSeconds);
                Assert.AreEqual(target.Score - parts[i].ScoreWithout!.Value, parts[i].Value);
            }
            if (target.Probability is { } probability)
            {
                Assert.AreEqual(Math.Log(probability / (1 - probability)), target.Score, 1e-9);
            }
        }
    }

    [TestMethod]
    public void Explain_WindowAsLongAsTheClip_GivesTheScoreOfSilence()
    {
        using var model = LifeModels.Classifier(_mlContext);
        SpeechExplanation explanation = _mlContext.Speech().Explain(
            model, s_clip, new SpeechExplanationOptions { WindowSeconds = 5 });
        var silence = MLAudio.FromSamples(new float[s_clip.Length], MarkedClips.Rate);
        SpeechExplanation silent = _mlContext.Speech().Explain(model, silence);
        foreach (ExplainedTarget target in explanation.Targets)
        {
            ClipAttribution whole = explanation.Of(ExplanationMethod.TimeOcclusion, target.Name).Single();
            Assert.AreEqual(target.SilenceScore, whole.ScoreWithout!.Value, Tolerance);
            Assert.AreEqual(target.SilenceScore, silent.Targets.Single(t => t.Name == target.Name).Score, Tolerance);
            Assert.AreNotEqual(target.SilenceScore, target.Score, 1e-3);
        }
        Assert.AreEqual(0, silent.Of(ExplanationMethod.TimeOcclusion, silent.Targets[0].Name)
            .Max(a => Math.Abs(a.Value)), Tolerance);
    }

    [TestMethod]
    public void Explain_LoadedModelAndViewAndOtherRate_GiveTheSame()
    {
        using var trained = LifeModels.Classifier(_mlContext, change: o => o.Pooling = SpeechPooling.Attention);
        using var loaded = LifeModels.Load(LifeModels.Zip(_mlContext, trained));
        var options = new SpeechExplanationOptions
        {
            IntegratedGradients = true,
            MaxGradientPoints = 8,
            Targets = ["en"],
            MaxSegments = 6,
        };
        SpeechExplanation first = _mlContext.Speech().Explain(trained, LifeModels.Clips[0].Audio, options);
        SpeechExplanation second = _mlContext.Speech().Explain(loaded, LifeModels.Clips[0].Audio, options);
        SpeechExplanation row = _mlContext.Speech().Explain(
            trained, _mlContext.Data.TakeRows(LifeModels.View(_mlContext), 1), options).Single();
        Assert.IsNotEmpty(first.Of(ExplanationMethod.Attention));
        Assert.AreEqual(1, first.Of(ExplanationMethod.Attention).Sum(a => a.Value), 1e-4);
        foreach (SpeechExplanation other in new[] { second, row })
        {
            Assert.HasCount(first.Attributions.Count, other.Attributions);
            for (int i = 0; i < first.Attributions.Count; i++)
            {
                Assert.AreEqual(first.Attributions[i].Value, other.Attributions[i].Value, 1e-6);
            }
        }
        var chain = new TransformerChain<ITransformer>(
            _mlContext.Transforms.ResampleAudio("Audio", 16_000).Fit(LifeModels.View(_mlContext)), trained);
        MLAudio low = LifeModels.Clips[0].Audio.Resample(8000);
        SpeechExplanation resampled = _mlContext.Speech().Explain(chain, low);
        Assert.AreEqual(16_000, resampled.Audio!.SampleRate);
        Assert.AreEqual(_mlContext.Speech().Explain(trained, low.Resample(16_000)).Targets[0].Score,
            resampled.Targets[0].Score, 1e-6);
    }

    [TestMethod]
    public void Explain_GradientsWhoseSumIsOff_AreWarnedOf()
    {
        using var model = LifeModels.Classifier(_mlContext);
        var warnings = new List<string>();
        _mlContext.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning)
            {
                warnings.Add(e.Message);
            }
        };
        var options = new SpeechExplanationOptions
        {
            TimeOcclusion = false,
            IntegratedGradients = true,
            CompletenessTolerance = 1e-9,
            MaxGradientPoints = 8,
        };
        SpeechExplanation explanation = _mlContext.Speech().Explain(model, s_clip, options);
        IReadOnlyList<ExplainedTarget> targets = explanation.Targets;
        string[] off = [.. targets.Where(t => t.CompletenessGap > 1e-3).Select(t => t.Name)];
        Assert.IsNotEmpty(off);
        Assert.HasCount(off.Length, warnings);
        for (int i = 0; i < off.Length; i++)
        {
            StringAssert.Contains(warnings[i], $"target '{off[i]}': integrated gradients expected to sum to ");
            StringAssert.Contains(warnings[i], $" after {explanation.GradientPoints} points. ");
        }

        warnings.Clear();
        options.CompletenessTolerance = 1;
        _ = _mlContext.Speech().Explain(model, s_clip, options);
        Assert.HasCount(targets.Count(t => t.CompletenessGap > Math.Max(1e-3, Math.Abs(
            t.Score - t.BaselineScore!.Value))), warnings);
    }

    [TestMethod]
    public void Explain_ShortestClip_HasOneSegment()
    {
        using var model = LifeModels.Classifier(_mlContext);
        var shortest = MLAudio.FromSamples(s_clip.Samples.Span[7000..7400], MarkedClips.Rate);
        SpeechExplanation explanation = _mlContext.Speech().Explain(
            model, shortest, new SpeechExplanationOptions
            {
                BandOcclusion = true,
                IntegratedGradients = true,
                MaxGradientPoints = 8,
            });
        Assert.HasCount(explanation.Targets.Count,
            explanation.Attributions.Where(a => a.Method == ExplanationMethod.TimeOcclusion));
        Assert.IsTrue(explanation.Attributions.All(a => double.IsFinite(a.Value)
            && a.StartSeconds >= 0 && a.EndSeconds >= a.StartSeconds && a.EndSeconds <= 400.0 / MarkedClips.Rate));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => _mlContext.Speech().Explain(
            model, MLAudio.FromSamples(s_clip.Samples.Span[..100], MarkedClips.Rate))).Message, "at least 400 samples");
    }

    [TestMethod]
    public void Explain_ClipInWindows_ScoresAsTheModel()
    {
        using var model = LifeModels.Classifier(_mlContext, change: o =>
            o.LongAudio = new LongAudioOptions { Length = 0.5, Overlap = 0.1 });
        SpeechExplanation explanation = _mlContext.Speech().Explain(model, s_clip);
        using PredictionEngine<Clip, Scored> engine = LifeModels.Engine(_mlContext, model, owns: false);
        float[] scores = engine.Predict(new Clip { Audio = s_clip }).Score;
        for (int k = 0; k < scores.Length; k++)
        {
            Assert.AreEqual(scores[k], explanation.Targets[k].Probability!.Value, Tolerance);
        }
        Assert.AreEqual(0.9, explanation.Of(ExplanationMethod.TimeOcclusion, "en")[^1].EndSeconds, 1e-9);
    }

    [TestMethod]
    public void Explain_WhatCannotBeExplained_SaysSo()
    {
        using var model = LifeModels.Classifier(_mlContext);
        string Message(Action call) => Assert.Throws<Exception>(call).Message;
        ITransformer other = _mlContext.Transforms.ResampleAudio("Audio", 16_000).Fit(LifeModels.View(_mlContext));
        StringAssert.Contains(Message(() => _mlContext.Speech().Explain(other, s_clip)),
            "expected one fine-tuned speech model, got none among AudioResamplingTransformer");
        StringAssert.Contains(Message(() => _mlContext.Speech().Explain(
            new TransformerChain<ITransformer>(model, model), s_clip)), "got 2 among");
        StringAssert.Contains(Message(() => _mlContext.Speech().Explain(
            model, s_clip, new SpeechExplanationOptions { Targets = ["xx"] })), "'es', ");
        StringAssert.Contains(Message(() => _mlContext.Speech().Explain(
            model, s_clip, new SpeechExplanationOptions { HopSeconds = 1 })), "Option HopSeconds: expected at most");
        StringAssert.Contains(Message(() => _mlContext.Speech().Explain(model, s_clip.Resample(8000))),
            "expected audio at 16000 Hz");
        model.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => _mlContext.Speech().Explain(model, s_clip));
    }

    [TestMethod]
    public void Explain_Cancelled_StopsBetweenBatchesAndPoints()
    {
        using var model = LifeModels.Classifier(_mlContext);
        foreach (int after in new[] { 0, 2 + 8 })
        {
            using var source = new CancellationTokenSource();
            var told = new Told(p =>
            {
                if (p.Done >= after)
                {
                    source.Cancel();
                }
            });
            if (after == 0)
            {
                source.Cancel();
            }
            Assert.ThrowsExactly<OperationCanceledException>(() => _mlContext.Speech().Explain(
                model, s_clip, new SpeechExplanationOptions { IntegratedGradients = true }, told, source.Token));
        }
        SpeechExplanationProgress last = default;
        _mlContext.Speech().Explain(model, s_clip, null, new Told(p => last = p));
        Assert.AreEqual(new SpeechExplanationProgress(7, 7), last);
    }

    [TestMethod]
    public void Save_CsvAndJson_HoldEveryNumber()
    {
        using var scratch = new Scratch();
        using var model = LifeModels.Classifier(_mlContext);
        SpeechExplanation explanation = _mlContext.Speech().Explain(
            model, s_clip, new SpeechExplanationOptions { BandOcclusion = true, Bands = 3, Targets = ["fr", "en"] });
        Assert.AreEqual("fr,en", string.Join(",", explanation.Targets.Select(t => t.Name)));
        explanation.SaveJson(scratch.At("x.json"));
        SpeechExplanation read = SpeechExplanation.Load(scratch.At("x.json"));
        CollectionAssert.AreEqual(explanation.Attributions.ToArray(), read.Attributions.ToArray());
        CollectionAssert.AreEqual(explanation.Targets.ToArray(), read.Targets.ToArray());
        Assert.AreEqual((explanation.Seconds, explanation.WindowSeconds), (read.Seconds, read.WindowSeconds));
        explanation.SaveCsv(scratch.At("x.csv"));
        string[] lines = File.ReadAllLines(scratch.At("x.csv"));
        Assert.HasCount(1 + explanation.Attributions.Count, lines);
        StringAssert.StartsWith(lines[0], "method,target,start_seconds,end_seconds,low_hz,high_hz,value,");
        StringAssert.StartsWith(lines[1], "TimeOcclusion,fr,0,0.3,,,");
        StringAssert.StartsWith(lines[^1], "BandOcclusion,en,0,0.9,");
        Assert.ThrowsExactly<FileNotFoundException>(() => SpeechExplanation.Load(scratch.At("none.json")));
    }

    private double[] Said(ITransformer model, string task, MLAudio audio)
    {
        IDataView scored = model.Transform(MarkedClips.View(_mlContext, audio));
        double[] Vector(string column) =>
            Array.ConvertAll(scored.GetColumn<float[]>(column).Single(), v => (double)v);
        double[] classes;
        switch (task)
        {
            case "binary":
                return [scored.GetColumn<float>("Probability").Single()];
            case "regression":
                return [scored.GetColumn<float>("Score").Single()];
            case "ordinal":
                classes = Vector("Score");
                return [classes[1] + classes[2], classes[2]];
            default:
                return Vector(task == "multiclass" ? "Score" : "Probability");
        }
    }

    private sealed class Told(Action<SpeechExplanationProgress> tell) : IProgress<SpeechExplanationProgress>
    {
        public void Report(SpeechExplanationProgress value) => tell(value);
    }
}
