using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;

namespace SpeechML.Runs.Baselines;

/// <summary>A linear or a tree model of ML.NET on standardised numbers, for one label or all classes.</summary>
internal static class PlainModel
{
    public const string Linear = "linear";
    public const string Tree = "tree";

    // As strong as the trainer's linear models on extra features: C = 0.1.
    private const float L2 = 10;
    private const int Trees = 100;
    private const int Leaves = 8;
    private const int ClipsPerLeaf = 5;

    /// <summary>
    /// Fits a model and gives what it says: a probability for each class, of one label or number one value.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model"><see cref="Linear"/> or <see cref="Tree"/>.</param>
    /// <param name="task">Binary for one label, multi-class, regression.</param>
    /// <param name="features">Of each training clip.</param>
    /// <param name="targets">Of each training clip: 1 or 0, the class from 0, the number.</param>
    /// <param name="asked">Features of the clips to be scored.</param>
    public static double[][] FitAndScore(
        MLContext mlContext, string model, SpeechTask task, float[][] features, double[] targets,
        IEnumerable<float[]> asked)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features[0].Length);
        IDataView train = mlContext.Data.LoadFromEnumerable(
            features.Zip(targets, (f, t) => new Row(f, t)), schema);
        IDataView scored = mlContext.Data.LoadFromEnumerable(asked.Select(f => new Row(f, 0)), schema);
        bool linear = model == Linear;
        if (task is SpeechTask.Binary)
        {
            return [.. (linear ? Transform(mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(
                new LbfgsLogisticRegressionBinaryTrainer.Options
                {
                    L1Regularization = 0,
                    L2Regularization = L2,
                    NumberOfThreads = 1,
                    LabelColumnName = nameof(Row.Label),
                }), train, scored)
                : Transform(BinaryTrees(mlContext), train, scored)).GetColumn<float>("Probability")
                .Select(p => new[] { (double)p })];
        }
        if (task is SpeechTask.Regression)
        {
            IDataView numbers = linear
                ? Transform(mlContext.Regression.Trainers.Sdca(new SdcaRegressionTrainer.Options
                {
                    L2Regularization = L2 / features.Length,
                    L1Regularization = 0,
                    NumberOfThreads = 1,
                    LabelColumnName = nameof(Row.Number),
                }), train, scored)
                : Transform(mlContext.Regression.Trainers.FastTree(new FastTreeRegressionTrainer.Options
                {
                    NumberOfTrees = Trees,
                    NumberOfLeaves = Leaves,
                    MinimumExampleCountPerLeaf = ClipsPerLeaf,
                    NumberOfThreads = 1,
                    LabelColumnName = nameof(Row.Number),
                }), train, scored);
            return [.. numbers.GetColumn<float>("Score").Select(n => new[] { (double)n })];
        }
        IEstimator<ITransformer> key = mlContext.Transforms.Conversion.MapValueToKey("Key", nameof(Row.Number),
            keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue);
        IDataView classes = Transform(key.Append(linear
            ? mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy(
                new LbfgsMaximumEntropyMulticlassTrainer.Options
                {
                    L1Regularization = 0,
                    L2Regularization = L2,
                    NumberOfThreads = 1,
                    LabelColumnName = "Key",
                })
            : (IEstimator<ITransformer>)mlContext.MulticlassClassification.Trainers.OneVersusAll(
                BinaryTrees(mlContext), labelColumnName: "Key")), train, scored);
        // The classes that were there, in their order.
        int[] present = [.. targets.Select(t => (int)t).Distinct().Order()];
        int all = present.Max() + 1;
        return [.. classes.GetColumn<float[]>("Score").Select(s =>
        {
            double[] row = new double[all];
            foreach ((int i, int c) in present.Index())
            {
                row[c] = s[i];
            }
            return row;
        })];
    }

    private static FastTreeBinaryTrainer BinaryTrees(MLContext mlContext) =>
        mlContext.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            NumberOfTrees = Trees,
            NumberOfLeaves = Leaves,
            MinimumExampleCountPerLeaf = ClipsPerLeaf,
            NumberOfThreads = 1,
            LabelColumnName = nameof(Row.Label),
        });

    private static IDataView Transform(IEstimator<ITransformer> trainer, IDataView train, IDataView scored) =>
        trainer.Fit(train).Transform(scored);

    private sealed class Row(float[] features, double target)
    {
        public Row()
            : this([], 0)
        {
        }

        public float[] Features { get; set; } = features;

        public bool Label { get; set; } = target > 0;

        public float Number { get; set; } = (float)target;
    }
}
