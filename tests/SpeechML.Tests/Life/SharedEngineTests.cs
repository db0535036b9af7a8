using System.Collections.Concurrent;
using Microsoft.ML;

namespace SpeechML.Tests.Life;

/// <summary>ML.NET's engines are for one thread; with several in one, nobody gets another's scores unnoticed.</summary>
[TestClass]
public sealed class SharedEngineTests
{
    private const int Threads = 4;
    private const int Predictions = 40;

    [TestMethod]
    public void Predict_OneEngineOnSeveralThreads_GivesRightScoresOrThrows()
    {
        var mlContext = new MLContext(seed: 1);
        using var model = LifeModels.Load(LifeModels.ClassifierZip);
        float[][] expected = LifeModels.Scores(mlContext, model);
        using PredictionEngine<Clip, Scored> engine = LifeModels.Engine(mlContext, model, owns: false);
        var errors = new ConcurrentBag<string>();
        int wrong = 0;
        LifeModels.AtOnce(Threads, k =>
        {
            for (int i = 0; i < Predictions; i++)
            {
                int clip = (k + i) % expected.Length;
                try
                {
                    if (!LifeModels.AreEqual(expected[clip], engine.Predict(LifeModels.Clips[clip]).Score))
                    {
                        Interlocked.Increment(ref wrong);
                    }
                }
                catch (InvalidOperationException e)
                {
                    errors.Add(e.Message);
                }
            }
        });
        Assert.AreEqual(0, wrong, $"{errors.Count} errors of {Threads * Predictions}");
        Assert.IsFalse(errors.IsEmpty);
        foreach (string error in errors)
        {
            Assert.StartsWith("Prediction engine: expected one thread at a time, got several", error);
        }
        // Afterwards it is as good as before.
        Assert.IsTrue(LifeModels.AreEqual(expected[3], engine.Predict(LifeModels.Clips[3]).Score));
    }

    [TestMethod]
    public void Predict_OneEngineOnSeveralThreadsInTurn_GivesRightScores()
    {
        var mlContext = new MLContext(seed: 1);
        using var model = LifeModels.Load(LifeModels.ClassifierZip);
        float[][] expected = LifeModels.Scores(mlContext, model);
        using PredictionEngine<Clip, Scored> engine = LifeModels.Engine(mlContext, model, owns: false);
        var gate = new Lock();
        LifeModels.AtOnce(Threads, k =>
        {
            for (int i = 0; i < Predictions / 4; i++)
            {
                lock (gate)
                {
                    Assert.IsTrue(LifeModels.AreEqual(expected[k], engine.Predict(LifeModels.Clips[k]).Score));
                }
            }
        });
    }
}
