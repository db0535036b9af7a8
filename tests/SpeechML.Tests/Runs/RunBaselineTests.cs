using Microsoft.ML;
using SpeechML.Tests.Training.Extras;
using SpeechML.TestSupport;

namespace SpeechML.Tests.Runs;

/// <summary>Plain models on numbers beside the network.</summary>
[TestClass]
public sealed class RunBaselineTests
{
    private static readonly string[] s_columns = ["Voice", "Age"];
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow("multi-label", "Labels", "rocAuc", 3)]
    [DataRow("binary", "Label", "rocAuc", 1)]
    [DataRow("multiclass", "Key", "balancedAccuracy", 4)]
    [DataRow("regression", "Number", "r2", 1)]
    public void EvaluateBaselines_NumbersThatDecide_BeatANetworkThatDoesNotHaveThem(
        string task, string label, string metric, int figures)
    {
        using var scratch = new Scratch();
        (SpeechRun run, IDataView train, IDataView test, ITransformer model) = Run(scratch.Folder, task, label);
        using var fitted = model as IDisposable;
        using (run)
        {
            IReadOnlyList<RunBaseline> found =
                run.EvaluateBaselines(_mlContext, train, test, Columns(label), s_columns);
            Assert.HasCount(2 * figures, found);
            RunBaseline linear = found[0];
            Assert.AreEqual(("linear", "test", "", metric, "Voice,Age"),
                (linear.Model, linear.Split, linear.Label, linear.Metric, linear.Features));
            // Of three classes the numbers tell one from the others.
            Assert.IsGreaterThan(0.6, linear.Baseline!.Value);
            Assert.AreEqual(run.Evaluations[0].Figures[metric].Value!.Value, linear.Network!.Value, 1e-9);
            Assert.AreEqual(linear.Network!.Value - linear.Baseline!.Value, linear.Difference!.Value, 1e-9);
            Assert.IsFalse(linear.NetworkIsBetter, $"{linear.Interval}");
            Assert.IsTrue(linear.Interval!.Low.Value <= linear.Difference
                && linear.Difference <= linear.Interval.High.Value);
            Assert.IsTrue(found.All(f => f.PValue is > 0 and <= 1));
            Assert.AreEqual("tree", found[figures].Model);
            // Kept, and made again the same.
            Assert.IsTrue(run.Baselines.SequenceEqual(found));
            Assert.IsTrue(run.EvaluateBaselines(_mlContext, train, test, Columns(label), s_columns)
                .SequenceEqual(found));
            Assert.HasCount(found.Count, run.Baselines);
        }
    }

    [TestMethod]
    public void EvaluateBaselines_OtherClipsOrPart_IsRefused()
    {
        using var scratch = new Scratch();
        (SpeechRun run, IDataView train, IDataView test, ITransformer model) =
            Run(scratch.Folder, "multi-label", "Labels");
        using var fitted = model as IDisposable;
        using (run)
        {
            Assert.Contains("Call run.Evaluate before", Error(test, "validation"));
            Assert.Contains("expected the 20 clips", Error(train, "test"));
            Assert.Contains("row 0: expected clip 'clip24.wav'",
                Error(MeasuredClips.View(_mlContext, MeasuredClips.Rows(20, from: 25)), "test"));
            Assert.Contains("'Weight'", Assert.Throws<ArgumentException>(() =>
                run.EvaluateBaselines(_mlContext, train, test, Columns("Labels"), ["Weight"])).Message);
        }

        string Error(IDataView data, string split) => Assert.Throws<ArgumentException>(() =>
            run.EvaluateBaselines(_mlContext, train, data, Columns("Labels"), s_columns, split)).Message;
    }

    private static SpeechRunColumns Columns(string label) =>
        new() { Label = label, AudioKey = "Path", Subject = "Subject" };

    private (SpeechRun Run, IDataView Train, IDataView Test, ITransformer Model) Run(
        string runs, string task, string label)
    {
        IDataView all = MeasuredClips.View(_mlContext, MeasuredClips.Rows(44));
        if (label == "Key")
        {
            all = _mlContext.Transforms.Conversion.MapValueToKey("Key", "Level").Fit(all).Transform(all);
        }
        IDataView train = _mlContext.Data.TakeRows(all, 24), test = _mlContext.Data.SkipRows(all, 24);
        SpeechTrainingOptions? options = null;
        ITransformer model = MeasuredClips.Fit(_mlContext, task, train, o =>
        {
            (o.ExtraFeatures, o.Freezing, o.Epochs) = ("", LayerFreezing.All, 1);
            options = o;
        });
        SpeechRun run = _mlContext.Speech().CreateRun(runs, options!, new SpeechRunOptions { WorstClips = 0 });
        run.Evaluate(model, test, Columns(label));
        return (run, train, test, model);
    }
}
