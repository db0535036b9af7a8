using System.Text.RegularExpressions;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using SpeechML.Audio.Common;

namespace SpeechML.Data.Tests.Catalog;

/// <summary>Intervals, comparison and groups of every task with one label, from data views.</summary>
[TestClass]
public sealed class IntervalTests
{
    private static readonly SubjectBootstrapOptions s_few = new() { Resamples = 100 };
    private readonly MLContext _mlContext = new(seed: 1);

    public static IEnumerable<object[]> Tasks() =>
        Enum.GetValues<SpeechTask>().Where(t => t != SpeechTask.MultiLabel).Select(t => new object[] { t });

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void EvaluateIntervals_EachTask_EstimatesAreTheEvaluators(SpeechTask task)
    {
        IDataView data = Data(0.9);
        SpeechIntervals intervals = Catalog(task).EvaluateIntervals(data, Options(task));
        (SpeechMetric Metric, double Want)[] wanted = task switch
        {
            SpeechTask.Binary =>
                [(SpeechMetrics.RocAuc, _mlContext.BinaryClassification.Evaluate(data, "Yes",
                "LogOdds").AreaUnderRocCurve),
                (SpeechMetrics.F1, _mlContext.BinaryClassification.Evaluate(data, "Yes", "LogOdds").F1Score)],
            SpeechTask.Multiclass =>
            [(SpeechMetrics.Accuracy,
            _mlContext.MulticlassClassification.Evaluate(data, "Level", "Classes").MicroAccuracy),
            (SpeechMetrics.LogLoss, _mlContext.MulticlassClassification.Evaluate(data, "Level", "Classes").LogLoss)],
            SpeechTask.Ordinal =>
            [(SpeechMetrics.KappaQuadratic, Ordinal().KappaQuadratic.Value!.Value),
            (SpeechMetrics.Kendall, Ordinal().Kendall.Value!.Value)],
            _ => [(SpeechMetrics.Ccc, Numbers().Ccc.Value!.Value), (SpeechMetrics.R2, Numbers().R2.Value!.Value)],
        };
        foreach ((SpeechMetric metric, double want) in wanted)
        {
            MetricInterval interval = intervals[metric];
            Assert.AreEqual(want, interval.Estimate.Value!.Value, 1e-6, metric.ToString());
            Assert.IsTrue(interval.Low.Value < interval.Estimate.Value && interval.Estimate.Value < interval.High.Value,
                $"{metric}: {interval}");
            StringAssert.Matches(
                intervals.ToString(), new Regex(
                $"  {Regex.Escape(metric.DisplayName)} +{Regex.Escape(interval.ToString())}"));
        }
        Assert.AreEqual(task == SpeechTask.Binary ? (120, 0) : (119, 1), (intervals.Clips, intervals.Missing));
        Assert.AreEqual(20, intervals.Subjects);
        Assert.AreEqual(task is SpeechTask.Ordinal, intervals.Metrics.ContainsKey(SpeechMetrics.WithinOne));

        OrdinalMetrics Ordinal() => _mlContext.Speech().Ordinal.Evaluate(data, "Level", "Decided");
        SpeechRegressionMetrics Numbers() => _mlContext.Speech().Regression.Evaluate(data, "Number", "Score");
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void CompareModels_BetterAgainstWorse_IsTheDifferenceAndFarFromChance(SpeechTask task)
    {
        SpeechMetric metric = task switch
        {
            SpeechTask.Binary or SpeechTask.Multiclass => SpeechMetrics.RocAuc,
            SpeechTask.Ordinal => SpeechMetrics.KappaQuadratic,
            _ => SpeechMetrics.Ccc
        };
        IDataView better = Data(0.9), worse = Data(3);
        SpeechEvaluationOptions options = Options(task);
        options.Metrics = [metric];
        MetricDifference gain = Catalog(task).Compare(better, worse, options)[metric];
        double want = Catalog(task).EvaluateIntervals(better, options)[metric].Estimate.Value!.Value - Catalog(task)
            .EvaluateIntervals(worse, options)[metric].Estimate.Value!.Value;
        Assert.AreEqual(want, gain.Estimate.Value!.Value, 1e-12);
        Assert.IsTrue(gain.Low.Value > 0 && gain.PValue.Value < 0.05, gain.ToString());
        Assert.AreEqual(
            "Two models: expected the same rows twice, in one order, got subjects or labels that differ (120 and 60 " +
            "rows). (Parameter 'second')",
            Assert.ThrowsExactly<ArgumentException>(() => Catalog(task)
            .Compare(better, _mlContext.Data.TakeRows(worse, 60), options)).Message);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void EvaluateByGroup_EachTask_TwoGroupsWithGaps(SpeechTask task)
    {
        SpeechEvaluationOptions options = Options(task);
        options.Metrics = [task == SpeechTask.Regression || task == SpeechTask.Ordinal ? SpeechMetrics.Mae
            : SpeechMetrics.Accuracy];
        SpeechGroups groups = Catalog(task).EvaluateByGroup(Data(0.9), "Language", options);
        Assert.AreEqual("Language", groups.By);
        CollectionAssert.AreEqual(new[] { "en", "fr" }, groups.Groups.Select(g => g.Name).ToArray());
        MetricDifference gap = groups.Groups[0].Gaps[options.Metrics[0]];
        Assert.AreEqual(groups.Groups[0].Intervals[options.Metrics[0]].Estimate.Value!.Value -
            groups.Groups[1].Intervals[options.Metrics[0]].Estimate.Value!.Value, gap.Estimate.Value!.Value, 1e-12);
        Assert.IsTrue(gap.Low.Value <= gap.Estimate.Value && gap.Estimate.Value <= gap.High.Value, gap.ToString());
    }

    private SpeechEvaluationCatalog Catalog(SpeechTask task) => task switch
    {
        SpeechTask.Binary => _mlContext.Speech().Binary,
        SpeechTask.Multiclass => _mlContext.Speech().Multiclass,
        SpeechTask.Ordinal => _mlContext.Speech().Ordinal,
        _ => _mlContext.Speech().Regression,
    };

    private static SpeechEvaluationOptions Options(SpeechTask task) => new()
    {
        SubjectColumnName = "Subject",
        LabelColumnName = task == SpeechTask.Binary ? "Yes" : task == SpeechTask.Regression ? "Number" : "Level",
        ScoreColumnName = task == SpeechTask.Regression ? "Score" : "Classes",
        PredictedLabelColumnName = task == SpeechTask.Binary ? "PredictedLabel" : "Decided",
        Bootstrap = s_few,
    };

    /// <summary>120 clips of 20 subjects; the first has neither a number nor a class.</summary>
    /// <summary>A chain that ends with <c>MapKeyToValue</c> evaluates like one that does not.</summary>
    [TestMethod]
    [DataRow(SpeechTask.Multiclass, DataKind.String)]
    [DataRow(SpeechTask.Ordinal, DataKind.String)]
    [DataRow(SpeechTask.Ordinal, DataKind.Single)]
    public void EvaluateIntervals_DecisionsAsValuesOfTheKey_AreThoseOfKeys(SpeechTask task, DataKind kind)
    {
        IDataView keys = _mlContext.Transforms.Conversion.MapKeyToValue(
            [new InputOutputColumnPair("Level"), new InputOutputColumnPair("Decided")]).Fit(Data(0.9))
            .Transform(Data(0.9));
        // Numbers that are no class numbers, so that one cannot be taken for the other.
        keys = _mlContext.Transforms.Conversion.ConvertType("Level", outputKind: kind)
            .Append(_mlContext.Transforms.Conversion.ConvertType("Decided", outputKind: kind))
            .Append(_mlContext.Transforms.Conversion.MapValueToKey(
                [new InputOutputColumnPair("Level"), new InputOutputColumnPair("Decided")],
                keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)).Fit(keys).Transform(keys);
        IDataView values =
            _mlContext.Transforms.Conversion.MapKeyToValue("Decided").Fit(keys).Transform(keys);
        Assert.IsNotInstanceOfType<KeyDataViewType>(values.Schema["Decided"].Type);
        SpeechEvaluationOptions options = Options(task);
        options.PredictedLabelColumnName = "Decided";
        Assert.AreEqual(Catalog(task).EvaluateIntervals(keys, options).ToString(),
            Catalog(task).EvaluateIntervals(values, options).ToString());
    }

    private IDataView Data(double noise)
    {
        var random = new SeededRandom(5);
        IDataView rows = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 120).Select(i =>
        {
            double level = random.Next(3), seen = level + (noise * ((2 * random.NextDouble()) - 1));
            double[] weights = [.. Enumerable.Range(0, 3).Select(c => Math.Exp(-4 * (c - seen) * (c - seen)))];
            int decided = Array.IndexOf(weights, weights.Max());
            double yes = 1 / (1 + Math.Exp(-2 * (seen - 0.5)));
            return new Row
            {
                Subject = $"s{i / 6}",
                Language = i / 6 % 2 == 0 ? "en" : "fr",
                Yes = level > 0,
                Score = (float)seen,
                LogOdds = (float)(2 * (seen - 0.5)),
                Probability = (float)yes,
                PredictedLabel = yes >= 0.5,
                Number = i == 0 ? float.NaN : (float)level,
                Level = i == 0 ? "" : $"{level}",
                Decided = $"{decided}",
                Classes = [.. weights.Select(w => (float)(w / weights.Sum()))],
            };
        }).ToArray());
        IDataView levels = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 3)
            .Select(k => new LevelRow { Level = $"{k}" }));
        return _mlContext.Transforms.Conversion.MapValueToKey(
            [new InputOutputColumnPair("Level"), new InputOutputColumnPair("Decided")],
            keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue, keyData: levels).Fit(rows).Transform(rows);
    }

    private sealed class Row
    {
        public string Subject { get; set; } = "";

        public string Language { get; set; } = "";

        public bool Yes { get; set; }

        public float Score { get; set; }

        /// <summary>ML.NET's evaluator decides by the sign of the score.</summary>
        public float LogOdds { get; set; }

        public float Probability { get; set; }

        public bool PredictedLabel { get; set; }

        public float Number { get; set; }

        public string Level { get; set; } = "";

        public string Decided { get; set; } = "";

        [VectorType(3)]
        public float[] Classes { get; set; } = [];
    }

    private sealed class LevelRow
    {
        public string Level { get; set; } = "";
    }
}
