using Microsoft.ML;

namespace SpeechML.Tests.Life;

/// <summary>Scoring changes nothing in a model: its first calls may come from several threads at once.</summary>
[TestClass]
public sealed class ColdModelTests
{
    private const int Threads = 4;
    private const int Loads = 5;

    public static IEnumerable<object[]> Encoders => LifeModels.Encoders.Select(e => new object[] { e });

    [TestMethod]
    [DynamicData(nameof(Encoders))]
    public void Predict_FirstCallsOfSeveralThreads_GiveTheScoresOfOne(string encoder)
    {
        var mlContext = new MLContext(seed: 1);
        byte[] zip;
        float[][] expected;
        using (var model = LifeModels.Classifier(mlContext, encoder, o =>
        {
            o.Pooling = SpeechPooling.Attention;
            o.Head = new HeadOptions { FrameLayers = 1, FrameAttentionHeads = 2, HiddenLayers = 1, LayerNorm = true };
            o.Lora = new LoraOptions { Rank = 2 };
        }))
        {
            zip = LifeModels.Zip(mlContext, model);
            expected = LifeModels.Scores(mlContext, model);
        }
        for (int load = 0; load < Loads; load++)
        {
            using var model = LifeModels.Load(zip);
            LifeModels.AtOnce(Threads, k =>
            {
                // Half of the threads by engines, half by batches.
                float[] scores;
                if (k % 2 == 0)
                {
                    using PredictionEngine<Clip, Scored> engine =
                        LifeModels.Engine(new MLContext(), model, owns: false);
                    scores = engine.Predict(LifeModels.Clips[k]).Score;
                }
                else
                {
                    IDataView one = new MLContext().Data.LoadFromEnumerable([LifeModels.Clips[k]]);
                    scores = new MLContext().Data.CreateEnumerable<Scored>(
                        model.Transform(one), reuseRowObject: false, ignoreMissingColumns: true).Single().Score;
                }
                Assert.IsTrue(LifeModels.AreEqual(expected[k], scores), $"load {load}, clip {k}");
            });
        }
    }
}
