using Microsoft.ML;
using SpeechML.Data.Interop;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Training;

/// <summary><c>MLContext(seed)</c> decides the seed unless the options do.</summary>
[TestClass]
public class ContextSeedTests
{
    [TestMethod]
    [DataRow(7, null, 7)]
    [DataRow(7, 3, 3)]
    [DataRow(7, 0, 0)]
    [DataRow(null, 3, 3)]
    [DataRow(null, null, 0)]
    public void Of_ContextAndOption_TheOptionComesFirst(int? context, int? option, int expected) =>
        Assert.AreEqual(expected, ContextSeed.Of(new MLContext(context), option));

    [TestMethod]
    [DataRow(7, null, 7)]
    [DataRow(7, 3, 3)]
    [DataRow(null, null, 0)]
    public void CreateRun_RecordsTheSeedInUse(int? context, int? option, int expected)
    {
        using var folder = new Scratch();
        SpeechRun run = new MLContext(context).Speech().CreateRun(folder.Folder,
            new SpeechRegressionOptions
            {
                Layers = EncoderLayers.Last,
                Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
                Seed = option,
            });
        Assert.AreEqual(expected, run.RunEnvironment.Seed);
        Assert.AreEqual(expected, run.TrainConfig().GetProperty("seed").GetInt32());
        StringAssert.Contains(run.Name, $"seed{expected}");
    }

    [TestMethod]
    public void SplitBySubject_ContextsWithSeeds_SplitAsTheOptionsWould()
    {
        string[] Test(int? context, int? option)
        {
            var mlContext = new MLContext(context);
            IDataView data = mlContext.Data.LoadFromEnumerable(
                Enumerable.Range(0, 40).Select(i => new Clip { Key = $"{i}", Subject = $"s{i / 2}" }));
            SpeechDataSplit split = mlContext.Speech().SplitBySubject(
                data, nameof(Clip.Subject), nameof(Clip.Key), new SubjectSplitOptions { Seed = option });
            return [.. mlContext.Data.CreateEnumerable<Clip>(split.Test!, reuseRowObject: false).Select(c => c.Key)];
        }
        CollectionAssert.AreEqual(Test(null, 5), Test(5, null));
        CollectionAssert.AreEqual(Test(null, 5), Test(9, 5));
        CollectionAssert.AreEqual(Test(null, 0), Test(null, null));
        CollectionAssert.AreNotEqual(Test(null, 0), Test(5, null));
    }

    [TestMethod]
    public void EvaluateIntervals_ContextsWithSeeds_DrawAsTheOptionsWould()
    {
        MetricValue Lower(int? context, int? option)
        {
            var mlContext = new MLContext(context);
            IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i =>
                new Scored { Subject = $"s{i / 3}", Label = i % 7, Score = i % 7 + MathF.Sin(i) }));
            return mlContext.Speech().Regression.EvaluateIntervals(data, new SpeechEvaluationOptions
            {
                SubjectColumnName = nameof(Scored.Subject),
                Metrics = [SpeechMetrics.For(SpeechTask.Regression)[0]],
                Bootstrap = new SubjectBootstrapOptions { Resamples = 50, Seed = option },
            }).Metrics.Values.Single().Low;
        }
        Assert.AreEqual(Lower(null, 5), Lower(5, null));
        Assert.AreEqual(Lower(null, 0), Lower(null, null));
        Assert.AreNotEqual(Lower(null, 0), Lower(5, null));
    }

    private sealed class Clip
    {
        public string Key { get; set; } = "";

        public string Subject { get; set; } = "";
    }

    private sealed class Scored
    {
        public string Subject { get; set; } = "";

        public float Label { get; set; }

        public float Score { get; set; }
    }
}
