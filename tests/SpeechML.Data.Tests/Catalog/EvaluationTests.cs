using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace SpeechML.Data.Tests.Catalog;

[TestClass]
public sealed class EvaluationTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void EvaluateMultiLabel_DecisionsInTheData_AreTheOnesJudged()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(new Row[]
        {
            new() { Labels = [1, 0], Probability = [0.4f, 0.6f], PredictedLabel = [true, false], Ratings = [4, 1] },
            new() { Labels = [0, -1], Probability = [0.2f, 0.6f], PredictedLabel = [false, true],
            Ratings = [1, float.NaN] },
        });
        MultiLabelMetrics metrics =
            _mlContext.Speech().MultiLabel.Evaluate(data, "Labels", ratingColumnName: "Ratings");
        Assert.AreEqual(0.0, metrics.Hamming.Value);
        Assert.AreEqual(2 / 3.0,
            _mlContext.Speech().MultiLabel.Evaluate(data, "Labels", predictedLabelColumnName: null).Hamming.Value);
        Assert.AreEqual(1.0, metrics.Spearman!.PerLabel[0].Value!.Value, 1e-15);
        Assert.AreEqual("fewer than two rows", metrics.Spearman.PerLabel[1].Undefined);
        Assert.AreEqual(
            "Schema mismatch for predicted label column 'Labels': expected Vector<Boolean>, got Vector<Single>. " +
            "(Parameter 'schema')",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _mlContext.Speech()
            .MultiLabel.Evaluate(data, "Labels", predictedLabelColumnName: "Labels")).Message);
    }

    [TestMethod]
    public void EvaluateOrdinal_KeysAndNumbers_SameMetrics()
    {
        IDataView data = Levels();
        OrdinalMetrics numbers = _mlContext.Speech().Ordinal.Evaluate(data, "Level", "Predicted", classCount: 4);
        IDataView keys = _mlContext.Transforms.Conversion.MapValueToKey(
            [new InputOutputColumnPair("Level"), new InputOutputColumnPair("Predicted")],
            keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue,
            keyData: _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 4).Select(k => new Level { Value = k })))
            .Fit(data).Transform(data);
        OrdinalMetrics fromKeys = _mlContext.Speech().Ordinal.Evaluate(keys, "Level", "Predicted");
        Assert.AreEqual(1, numbers.Missing);
        Assert.AreEqual(numbers.ToString(), fromKeys.ToString());
        Assert.AreEqual(2 / 3.0, numbers.Mae, 1e-15);
    }

    [TestMethod]
    public void EvaluateOrdinal_KeysInOrderOfAppearance_AreRefused()
    {
        IDataView data = Levels();
        IDataView keys = _mlContext.Transforms.Conversion.MapValueToKey(
            [new InputOutputColumnPair("Level"), new InputOutputColumnPair("Predicted")]).Fit(data).Transform(data);
        Assert.AreEqual(
            "Column 'Level': expected keys whose values rise (keyOrdinality: ByValue), got 3, 0, 1.",
            Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Speech()
            .Ordinal.Evaluate(keys, "Level", "Predicted")).Message);
        Assert.AreEqual(
            "Columns 'Level' and 'Predicted': expected a key, or the number of classes, got numbers and no " +
            "classCount. (Parameter 'classCount')",
            Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Speech()
            .Ordinal.Evaluate(data, "Level", "Predicted")).Message);
    }

    [TestMethod]
    public void EvaluateRegression_MissingLabels_LeftOutAndCounted()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(new[] { (1f, 2f), (float.NaN, 5f), (3f, 3f) }
            .Select(p => new LevelRow { Level = p.Item1, Predicted = p.Item2 }));
        SpeechRegressionMetrics metrics = _mlContext.Speech().Regression.Evaluate(data, "Level", "Predicted");
        Assert.AreEqual(1, metrics.Missing);
        Assert.AreEqual(0.5, metrics.Mae);
        Assert.AreEqual(_mlContext.Regression.Evaluate(
            _mlContext.Data.FilterRowsByMissingValues(data, "Level"), "Level", "Predicted").RSquared,
            metrics.R2.Value!.Value, 1e-9);
    }

    private IDataView Levels() => _mlContext.Data.LoadFromEnumerable(
        new[] { (3f, 2f), (float.NaN, 1f), (0f, 0f), (1f, 2f) }
        .Select(p => new LevelRow { Level = p.Item1, Predicted = p.Item2 }));

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Labels { get; set; } = [];

        [VectorType(2)]
        public float[] Probability { get; set; } = [];

        [VectorType(2)]
        public bool[] PredictedLabel { get; set; } = [];

        [VectorType(2)]
        public float[] Ratings { get; set; } = [];
    }

    private sealed class LevelRow
    {
        public float Level { get; set; }

        public float Predicted { get; set; }
    }

    private sealed class Level
    {
        public float Value { get; set; }
    }
}
