using System.Collections.Concurrent;
using Microsoft.ML;
using SpeechML.Batching;
using SpeechML.Tests.Life;

namespace SpeechML.Tests.Batching;

/// <summary>Clips of several threads in batches.</summary>
[TestClass]
public sealed class RequestBatcherTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);

    [TestMethod]
    public void Run_AsManyAsABatch_ComputedTogetherBeforeTheDelay()
    {
        var sizes = new ConcurrentQueue<int>();
        using RequestBatcher<int, int> batcher = Squares(4, s_long, sizes);
        LifeModels.AtOnce(4, k => Assert.AreEqual(k * k, batcher.Run(k)));
        CollectionAssert.AreEqual(new[] { 4 }, sizes.ToArray());
    }

    [TestMethod]
    public void Run_Alone_ComputedAfterTheDelay()
    {
        var sizes = new ConcurrentQueue<int>();
        using RequestBatcher<int, int> batcher = Squares(4, TimeSpan.FromMilliseconds(2), sizes);
        Assert.AreEqual(9, batcher.Run(3));
        Assert.AreEqual(16, batcher.Run(4));
        CollectionAssert.AreEqual(new[] { 1, 1 }, sizes.ToArray());
    }

    [TestMethod]
    public void Run_ManyThreads_EachItsOwn()
    {
        var sizes = new ConcurrentQueue<int>();
        using RequestBatcher<int, int> batcher = Squares(5, TimeSpan.FromMilliseconds(1), sizes);
        LifeModels.AtOnce(8, k =>
        {
            for (int i = 0; i < 50; i++)
            {
                Assert.AreEqual((k + i) * (k + i), batcher.Run(k + i));
            }
        });
        Assert.AreEqual(400, sizes.Sum());
        Assert.IsLessThanOrEqualTo(5, sizes.Max());
    }

    [TestMethod]
    public void Run_OneOfABatchFails_ItAloneIsTold()
    {
        using var batcher = new RequestBatcher<int, int>(
            all => [.. all.Select(i => i == 2 ? throw new InvalidOperationException("two") : i)],
            new SpeechBatchingOptions { BatchSize = 4, MaxBatchDelay = s_long });
        var told = new ConcurrentBag<int>();
        LifeModels.AtOnce(4, k =>
        {
            try
            {
                Assert.AreEqual(k, batcher.Run(k));
            }
            catch (InvalidOperationException)
            {
                told.Add(k);
            }
        });
        CollectionAssert.AreEqual(new[] { 2 }, told.ToArray());
    }

    [TestMethod]
    public void Run_Cancelled_WaitingEndsAndLaterOnesAreRefused()
    {
        using var source = new CancellationTokenSource();
        using var batcher = new RequestBatcher<int, int>(
            all => [.. all], new SpeechBatchingOptions { BatchSize = 4, MaxBatchDelay = s_long }, source.Token);
        source.CancelAfter(20);
        Assert.ThrowsExactly<TaskCanceledException>(() => batcher.Run(1));
        Assert.ThrowsExactly<OperationCanceledException>(() => batcher.Run(1));
    }

    [TestMethod]
    public void Dispose_WhileOneWaits_ItIsComputedAndLaterOnesRefused()
    {
        var batcher = Squares(4, s_long, []);
        Task<int> waiting = Task.Run(() => batcher.Run(3));
        while (!batcher.HasWaiting)
        {
            Thread.Sleep(1);
        }
        batcher.Dispose();
        Assert.AreEqual(9, waiting.GetAwaiter().GetResult());
        Assert.ThrowsExactly<ObjectDisposedException>(() => batcher.Run(3));
    }

    [TestMethod]
    [DataRow(0, 5)]
    [DataRow(2, -1)]
    public void UseBatching_OptionsThatCannotBe_Refused(int size, int milliseconds)
    {
        var mlContext = new MLContext(seed: 1);
        using var model = LifeModels.Load(LifeModels.ClassifierZip);
        Assert.Throws<ArgumentException>(() => mlContext.Speech().UseBatching(model, new SpeechBatchingOptions
        {
            BatchSize = size,
            MaxBatchDelay = TimeSpan.FromMilliseconds(milliseconds),
        }));
    }

    [TestMethod]
    public void UseBatching_EnginesOfSeveralThreads_ScoresOfEachClipAlone()
    {
        var mlContext = new MLContext(seed: 1);
        using var model = LifeModels.Load(LifeModels.ClassifierZip);
        float[][] expected = LifeModels.Scores(mlContext, model);
        mlContext.Speech().UseBatching(
            model, new SpeechBatchingOptions { MaxBatchDelay = TimeSpan.FromMilliseconds(2) });
        LifeModels.AtOnce(4, k =>
        {
            using PredictionEngine<Clip, Scored> engine = LifeModels.Engine(mlContext, model, owns: false);
            for (int i = 0; i < 10; i++)
            {
                int clip = (k + i) % expected.Length;
                Assert.IsTrue(LifeModels.AreEqual(expected[clip], engine.Predict(LifeModels.Clips[clip]).Score));
            }
        });
        mlContext.Speech().UseBatching(model, null);
        using PredictionEngine<Clip, Scored> alone = LifeModels.Engine(mlContext, model, owns: false);
        Assert.IsTrue(LifeModels.AreEqual(expected[0], alone.Predict(LifeModels.Clips[0]).Score));
    }

    [TestMethod]
    public void UseBatching_ChangedWhileOthersScore_EveryClipIsScored()
    {
        var mlContext = new MLContext(seed: 1);
        using var model = LifeModels.Load(LifeModels.ClassifierZip);
        float[] expected = LifeModels.Scores(mlContext, model)[0];
        mlContext.Speech().UseBatching(model, new SpeechBatchingOptions { MaxBatchDelay = TimeSpan.Zero });
        int scoring = 3;
        LifeModels.AtOnce(4, k =>
        {
            if (k == 0)
            {
                for (int i = 0; Volatile.Read(ref scoring) > 0; i++)
                {
                    mlContext.Speech().UseBatching(model, new SpeechBatchingOptions
                    {
                        BatchSize = 1 + (i % 3),
                        MaxBatchDelay = TimeSpan.Zero,
                    });
                    Thread.Yield();
                }
                return;
            }
            try
            {
                using PredictionEngine<Clip, Scored> engine = LifeModels.Engine(mlContext, model, owns: false);
                for (int i = 0; i < 40; i++)
                {
                    Assert.IsTrue(LifeModels.AreEqual(expected, engine.Predict(LifeModels.Clips[0]).Score));
                }
            }
            finally
            {
                _ = Interlocked.Decrement(ref scoring);
            }
        });
    }

    [TestMethod]
    public void Run_FirstThreadHasValuesThatFlow_TheyStayWithIt()
    {
        var flowing = new AsyncLocal<int> { Value = 5 };
        using var batcher = new RequestBatcher<int, int>(
            all => [.. all.Select(_ => flowing.Value)], new SpeechBatchingOptions { BatchSize = 1 });
        Assert.AreEqual(0, batcher.Run(1));
    }

    private static RequestBatcher<int, int> Squares(int size, TimeSpan delay, ConcurrentQueue<int> sizes) => new(
        all =>
        {
            sizes.Enqueue(all.Count);
            return [.. all.Select(i => i * i)];
        },
        new SpeechBatchingOptions { BatchSize = size, MaxBatchDelay = delay });
}
