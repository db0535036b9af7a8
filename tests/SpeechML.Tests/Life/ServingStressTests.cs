using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.Tests.Life;

/// <summary>
/// Minutes of what servers and notebooks do to models. Scores are right, and what is thrown is what the documentation
/// says. The short forms run always, those of a minute on request.
/// </summary>
[TestClass]
public sealed class ServingStressTests
{
    private const int Threads = 8;
    private const double Short = 0.3; // s
    private const double Long = 60; // s

    private readonly ConcurrentDictionary<string, long> _counts = new();

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void Engines_WithAndWithoutUsing_ForAMoment() => Engines(Short);

    [TestMethod]
    [TestCategory("Slow")]
    public void Engines_WithAndWithoutUsing_ForAMinute() => Engines(Long);

    [TestMethod]
    public void Models_LoadedAndDropped_ForAMoment() => LoadedAndDropped(Short);

    [TestMethod]
    [TestCategory("Slow")]
    public void Models_LoadedAndDropped_ForAMinute() => LoadedAndDropped(Long);

    [TestMethod]
    public void Fits_BesideScoring_ForAMoment() => FitsBesideScoring(Short);

    [TestMethod]
    [TestCategory("Slow")]
    public void Fits_BesideScoring_ForAMinute() => FitsBesideScoring(Long);

    [TestMethod]
    public void Cancel_AtRandomMoments_ForAMoment() => CancelAtRandom(Short);

    [TestMethod]
    [TestCategory("Slow")]
    public void Cancel_AtRandomMoments_ForAMinute() => CancelAtRandom(Long);

    /// <summary>
    /// One model for all; some threads dispose their engine and the model with it, as <c>using</c> does. Whoever finds
    /// it disposed puts another one in its place.
    /// </summary>
    private void Engines(double seconds)
    {
        var mlContext = new MLContext(seed: 1);
        float[][] expected = Expected(mlContext);
        TransformerChain<ITransformer> current = LifeModels.Load(LifeModels.ClassifierZip);
        Repeat(seconds, (k, random) =>
        {
            TransformerChain<ITransformer> model = Volatile.Read(ref current);
            bool owns = random.Next(4) == 0;
            try
            {
                if (random.Next(4) == 0)
                {
                    float[][] scores = [.. model.Transform(LifeModels.View(mlContext)).GetColumn<float[]>("Score")];
                    AssertRight(expected, scores);
                    Count("batches");
                    return;
                }
                using PredictionEngine<Clip, Scored> engine = LifeModels.Engine(mlContext, model, owns);
                for (int i = random.Next(1, 4); i > 0; i--)
                {
                    int clip = random.Next(expected.Length);
                    AssertRight([expected[clip]], [engine.Predict(LifeModels.Clips[clip]).Score]);
                    Count("predictions");
                }
            }
            catch (ObjectDisposedException e)
            {
                Assert.Contains("OwnsTransformer = false", e.Message);
                Count("disposed");
                _ = Interlocked.CompareExchange(ref current, LifeModels.Load(LifeModels.ClassifierZip), model);
            }
        });
        current.Dispose();
    }

    /// <summary>Models that nobody disposes.</summary>
    private void LoadedAndDropped(double seconds)
    {
        var mlContext = new MLContext(seed: 1);
        float[][] expected = Expected(mlContext);
        Repeat(seconds, (k, random) =>
        {
            TransformerChain<ITransformer> model = LifeModels.Load(LifeModels.ClassifierZip);
            int clip = random.Next(expected.Length);
            using PredictionEngine<Clip, Scored> engine = LifeModels.Engine(mlContext, model, owns: false);
            AssertRight([expected[clip]], [engine.Predict(LifeModels.Clips[clip]).Score]);
            // A cursor that is left after a row.
            IDataView scored = model.Transform(LifeModels.View(mlContext));
            DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
            Assert.IsTrue(cursor.MoveNext());
            if (random.Next(16) == 0)
            {
                GC.Collect();
            }
            Count("models");
        });
    }

    /// <summary>Two threads train, and get what they get alone; the others score.</summary>
    private void FitsBesideScoring(double seconds)
    {
        const int Fitting = 2;
        var mlContext = new MLContext(seed: 1);
        float[][] expected = Expected(mlContext);
        static float[][] Fit()
        {
            var own = new MLContext(seed: 1);
            using var model = LifeModels.Classifier(own, change: o =>
            {
                o.Freezing = LayerFreezing.RequiredOnly;
                o.EncoderLearningRate = 1e-3;
            });
            return LifeModels.Scores(own, model);
        }
        float[][] fitted = Fit();
        using TransformerChain<ITransformer> model = LifeModels.Load(LifeModels.ClassifierZip);
        Repeat(seconds, (k, random) =>
        {
            if (k < Fitting)
            {
                AssertRight(fitted, Fit());
                Count("fits");
                return;
            }
            float[][] scores = [.. model.Transform(LifeModels.View(mlContext)).GetColumn<float[]>("Score")];
            AssertRight(expected, scores);
            Count("batches");
        });
    }

    /// <summary>Fits that are cancelled, cursors that are left or disposed of, models that are disposed of.</summary>
    private void CancelAtRandom(double seconds)
    {
        var mlContext = new MLContext(seed: 1);
        float[][] expected = Expected(mlContext);
        using TransformerChain<ITransformer> shared = LifeModels.Load(LifeModels.ClassifierZip);
        Repeat(seconds, (k, random) =>
        {
            if (k % 2 == 0)
            {
                using var cancellation = new CancellationTokenSource(random.Next(1500));
                try
                {
                    using var fitted = LifeModels.Classifier(
                        new MLContext(seed: 1), change: o => o.Epochs = 3, cancellation: cancellation.Token);
                    Count("fits");
                }
                catch (OperationCanceledException)
                {
                    Count("cancelled");
                }
                return;
            }
            int rows = random.Next(expected.Length);
            IDataView scored = shared.Transform(LifeModels.View(mlContext));
            DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Score"]]);
            ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
            VBuffer<float> score = default;
            for (int i = 0; i < rows && cursor.MoveNext(); i++)
            {
                getter(ref score);
                AssertRight([expected[i]], [[.. score.DenseValues()]]);
            }
            if (random.Next(2) == 0)
            {
                cursor.Dispose();
            }
            Count("cursors");
        });
    }

    private static float[][] Expected(MLContext mlContext)
    {
        using TransformerChain<ITransformer> model = LifeModels.Load(LifeModels.ClassifierZip);
        return LifeModels.Scores(mlContext, model);
    }

    private static void AssertRight(float[][] expected, float[][] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.IsTrue(LifeModels.AreEqual(expected[i], actual[i]),
                $"row {i}: expected {string.Join(' ', expected[i])}, got {string.Join(' ', actual[i])}");
        }
    }

    /// <summary>Does the work on all threads again and again; what one throws ends the test.</summary>
    private void Repeat(double seconds, Action<int, Random> work)
    {
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        bool failed = false;
        LifeModels.AtOnce(Threads, k =>
        {
            var random = new Random(k);
            try
            {
                do
                {
                    work(k, random);
                }
                while (!Volatile.Read(ref failed) && Stopwatch.GetTimestamp() < end);
            }
            catch
            {
                Volatile.Write(ref failed, true);
                throw;
            }
        });
        using var process = Process.GetCurrentProcess();
        TestContext.WriteLine(
            $"{seconds} s: {string.Join(", ", _counts.OrderBy(c => c.Key).Select(c => $"{c.Value} {c.Key}"))}; " +
            $"{process.WorkingSet64 >> 20} MiB resident, {process.Threads.Count} threads");
    }

    private void Count(string what) => _counts.AddOrUpdate(what, 1, (_, n) => n + 1);
}
