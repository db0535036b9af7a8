using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.Evaluation.Calibration;
using SpeechML.Data.Evaluation.Decisions;
using SpeechML.Data.Interop;

namespace SpeechML.Data.Tests.Metrics;

/// <summary>What resamples or iterates for long ends when it is cancelled, by a token or by the context.</summary>
[TestClass]
public sealed class CancelledEvaluationTests
{
    private const int Resamples = 200_000;
    private static readonly SpeechTask[] s_all = Enum.GetValues<SpeechTask>();
    private readonly MLContext _mlContext = new(seed: 1);
    private int _calls;
    private int _callsAfter;
    private volatile bool _isCancelled;

    public static IEnumerable<object[]> Cases() =>
        from task in s_all
        from what in new[] { "intervals", "compare", "groups" }
        from byContext in new[] { true, false }
        select new object[] { task, what, byContext };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Evaluate_CancelledAmongResamples_Ends(SpeechTask task, string what, bool byContext)
    {
        using var source = new CancellationTokenSource();
        SpeechMetric metric = Cancelling(byContext ? CancelContext : source.Cancel);
        IDataView data = Data();
        Assert.Throws<OperationCanceledException>(() => Evaluate(task, what, data, metric, source.Token));
        // Each thread may have been within a resample; a busy machine delays the cancellation itself.
        Assert.IsLessThan(1000, _callsAfter);
    }

    [TestMethod]
    public void SubjectIntervals_CancelledAmongResamples_Ends()
    {
        using var source = new CancellationTokenSource();
        MetricValue Metric(IReadOnlyList<int> rows)
        {
            if (Interlocked.Increment(ref _calls) == 20)
            {
                source.Cancel();
                _isCancelled = true;
            }
            CountAfter();
            return rows.Count;
        }
        string[] subjects = [.. Enumerable.Range(0, 30).Select(i => $"S{i}")];
        var options = new SubjectBootstrapOptions { Resamples = Resamples };
        Assert.Throws<OperationCanceledException>(
            () => SubjectIntervals.Compute(subjects, Metric, options, source.Token));
        Assert.IsLessThan(1000, _callsAfter);
        _calls = 0;
        using var second = new CancellationTokenSource();
        second.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => SubjectIntervals.Difference(subjects, Metric, Metric, options, second.Token));
        Assert.AreEqual(0, _calls);
    }

    [TestMethod]
    public void Fits_Cancelled_End()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var cancelled = new Cancellation(null, source.Token);
        double[] scores = [-1, 0.5, 1, 2];
        int[] truth = [0, 1, 0, 1];
        Action[] fits =
        [
            () => PlattScaling.Fit(scores, truth, cancelled),
            () => TemperatureScaling.Fit([.. scores.Select(s => new[] { s, -s })], truth, cancelled),
            () => FusionWeights.Fit([[0.9, 0.2], [0.4, 0.7]], cancelled),
            () => LabelCalibration.Fit(
                CalibrationMethod.Isotonic, [.. truth.Select(t => t == 1)], scores, out _, cancelled),
        ];
        foreach (Action fit in fits)
        {
            Assert.Throws<OperationCanceledException>(fit);
        }
    }

    [TestMethod]
    public void Estimators_OfACancelledContext_Throw()
    {
        SpeechCatalog speech = _mlContext.Speech();
        IDataView data = Data();
        Action[] fits =
        [
            Fit(speech.Calibrators.MultiLabel("Labels", "Logits", method: CalibrationMethod.Platt)),
            Fit(speech.Calibrators.Multiclass("Level", "Classes")),
            Fit(speech.Thresholds("Labels", "Probabilities")),
            Fit(speech.MultiLabel.Fuse("Fused", ["Probabilities", "Probabilities2"], "Labels")),
        ];
        CancelContext();
        foreach (Action fit in fits)
        {
            Assert.Throws<OperationCanceledException>(fit);
        }

        Action Fit<T>(IEstimator<T> estimator)
            where T : class, ITransformer => () => estimator.Fit(data);
    }

    /// <summary>As AutoML cancels the context of a trial; the method is not public.</summary>
    private void CancelContext() => typeof(MLContext)
        .GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)!
        .Invoke(_mlContext, null);

    private SpeechMetric Cancelling(Action cancel) => new(
        "cancelling", "Cancelling", MetricDirection.HigherIsBetter, s_all, _ => weights =>
        {
            if (Interlocked.Increment(ref _calls) == 20)
            {
                cancel();
                _isCancelled = true;
            }
            CountAfter();
            return weights.Length;
        });

    private void CountAfter()
    {
        if (_isCancelled)
        {
            Interlocked.Increment(ref _callsAfter);
        }
    }

    private void Evaluate(
        SpeechTask task, string what, IDataView data, SpeechMetric metric, CancellationToken token)
    {
        if (task == SpeechTask.MultiLabel)
        {
            SpeechMultiLabelCatalog labels = _mlContext.Speech().MultiLabel;
            var few = new SubjectBootstrapOptions { Resamples = Resamples };
            _ = what switch
            {
                "intervals" => (object)labels.EvaluateIntervals(
                    data, "Subject", "Labels", "Probabilities", metrics: [metric], options: few,
                    cancellationToken: token),
                "compare" => labels.Compare(data, data, "Subject", "Labels", "Probabilities", metrics: [metric],
                    options: few, cancellationToken: token),
                _ => labels.EvaluateByGroup(data, "Group", "Subject", "Labels", "Probabilities", metrics: [metric],
                    options: few, cancellationToken: token),
            };
            return;
        }
        SpeechCatalog speech = _mlContext.Speech();
        SpeechEvaluationCatalog catalog = task switch
        {
            SpeechTask.Binary => speech.Binary,
            SpeechTask.Multiclass => speech.Multiclass,
            SpeechTask.Ordinal => speech.Ordinal,
            _ => speech.Regression,
        };
        var options = new SpeechEvaluationOptions
        {
            SubjectColumnName = "Subject",
            LabelColumnName = task == SpeechTask.Binary ? "Yes" : task == SpeechTask.Regression ? "Number" : "Level",
            ScoreColumnName = task == SpeechTask.Regression ? "Number" : "Classes",
            ProbabilityColumnName = "Probability",
            PredictedLabelColumnName = task == SpeechTask.Ordinal ? "Level" : "None",
            Metrics = [metric],
            Bootstrap = new SubjectBootstrapOptions { Resamples = Resamples },
        };
        _ = what switch
        {
            "intervals" => (object)catalog.EvaluateIntervals(data, options, token),
            "compare" => catalog.Compare(data, data, options, token),
            _ => catalog.EvaluateByGroup(data, "Group", options, token),
        };
    }

    private IDataView Data()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(i => new Row
        {
            Subject = $"S{i % 10}",
            Group = i % 2 == 0 ? "a" : "b",
            Yes = i % 3 == 0,
            LevelName = i % 3,
            Number = i,
            Probability = (i % 7) / 7f,
            Classes = [0.2f, 0.3f, 0.5f],
            Labels = [i % 2, i % 3 == 0 ? 1 : 0],
            Logits = [i % 5, -i % 4],
            Probabilities = [(i % 5) / 5f, (i % 4) / 4f],
            Probabilities2 = [(i % 3) / 3f, (i % 7) / 7f],
        }));
        return _mlContext.Transforms.Conversion.MapValueToKey("Level", nameof(Row.LevelName),
            keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Fit(data).Transform(data);
    }

    private sealed class Row
    {
        public string Subject { get; set; } = "";

        public string Group { get; set; } = "";

        public bool Yes { get; set; }

        public float LevelName { get; set; }

        public float Number { get; set; }

        public float Probability { get; set; }

        [VectorType(3)]
        public float[] Classes { get; set; } = [];

        [VectorType(2)]
        public float[] Labels { get; set; } = [];

        [VectorType(2)]
        public float[] Logits { get; set; } = [];

        [VectorType(2)]
        public float[] Probabilities { get; set; } = [];

        [VectorType(2)]
        public float[] Probabilities2 { get; set; } = [];
    }
}
