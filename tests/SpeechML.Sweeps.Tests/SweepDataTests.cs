using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using SpeechML.Sweeps.Running;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Sweeps.Tests;

[TestClass]
public sealed class SweepDataTests
{
    [TestMethod]
    public void Folds_AreThoseOfKFoldBySubject()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 24);
        using SweepData folds = Read(mlContext, SweepRuns.Preprocessing(mlContext), data, 3);
        IReadOnlyList<DataOperationsCatalog.TrainTestData> expected = mlContext.Speech()
            .KFoldBySubject(data, "Subject", 3, new SubjectSplitOptions { Seed = 7 });
        Assert.HasCount(3, folds.Folds);
        foreach ((SweepFold fold, DataOperationsCatalog.TrainTestData parts) in folds.Folds.Zip(expected))
        {
            CollectionAssert.AreEqual(Subjects(parts.TrainSet), Subjects(fold.Train()));
            CollectionAssert.AreEqual(Subjects(parts.TestSet), Subjects(fold.Validation));
        }
    }

    /// <summary>The bins of a preprocessing that looks at all rows must not know the held-out subjects.</summary>
    [TestMethod]
    public void Folds_PreprocessingThatLearns_KnowsNoHeldOutSubject()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 24);
        var preprocessing = SweepRuns.Preprocessing(mlContext)
            .Append(mlContext.Transforms.Conversion.MapValueToKey("SubjectKey", "Subject"));
        using SweepData folds = Read(mlContext, preprocessing, data, 3);
        foreach (SweepFold fold in folds.Folds)
        {
            // A value that the fitted preprocessing does not know has the key 0.
            Assert.IsTrue(fold.Validation.GetColumn<uint>("SubjectKey").All(k => k == 0));
            Assert.IsTrue(fold.Train().GetColumn<uint>("SubjectKey").All(k => k > 0));
        }
    }

    [TestMethod]
    public void Folds_ClipWithoutSubject_IsRefusedAsInKFoldBySubject()
    {
        var mlContext = new MLContext(seed: 1);
        List<PromptRow> rows = Prompts.Rows(24);
        rows[5].Subject = "";
        IDataView data = mlContext.Data.LoadFromEnumerable(rows);
        string message = Assert.Throws<ArgumentException>(
            () => Read(mlContext, SweepRuns.Preprocessing(mlContext), data, 3)).Message;
        Assert.AreEqual(
            Assert.Throws<ArgumentException>(() => mlContext.Speech().KFoldBySubject(data, "Subject", 3)).Message,
            message);
        Assert.StartsWith("Subject of row 5: expected a name, got an empty one.", message);
    }

    [TestMethod]
    public void Identity_AugmentedAudio_CoversAudioAndAugmentation()
    {
        var mlContext = new MLContext(seed: 1);
        IEstimator<ITransformer> Augmented(double gain, int seed) => PromptAudio.Pipeline(mlContext)
            .Append(mlContext.Transforms.AugmentAudio("Audio", new Gain(-gain, gain, 1), seed))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"));
        (string Hash, string Augmentation) Of(IEstimator<ITransformer> preprocessing, int clips)
        {
            using SweepData data = Read(mlContext, preprocessing, Prompts.View(mlContext, clips), 1);
            return (data.Hash, data.Augmentation);
        }
        (string hash, string augmentation) = Of(Augmented(6, 1), 20);
        Assert.AreEqual((hash, augmentation), Of(Augmented(6, 1), 20));
        Assert.AreNotEqual(augmentation, Of(Augmented(7, 1), 20).Augmentation, "another gain");
        Assert.AreNotEqual(augmentation, Of(Augmented(6, 2), 20).Augmentation, "another seed");
        Assert.AreNotEqual(hash, Of(Augmented(6, 1), 16).Hash, "other clips");
        Assert.AreEqual((hash, "none"), Of(SweepRuns.Preprocessing(mlContext), 20), "the audio before augmentation");
    }

    /// <summary>Trials read labels and audio again and again, long after the audio was kept.</summary>
    [TestMethod]
    public void Cache_SourceOfAnotherOrder_LabelsAndTextsStayWithTheirAudio()
    {
        var mlContext = new MLContext(seed: 1);
        List<PromptRow> rows = Prompts.Rows(12);
        var random = new Random(4);
        IDataView shuffled = PromptAudio.Pipeline(mlContext).Fit(Prompts.View(mlContext, 12))
            .Transform(mlContext.Data.LoadFromEnumerable(rows.OrderBy(_ => random.Next())));
        using var cache = new AudioCache(long.MaxValue);
        var kept = new CachedAudioDataView(
            ((IHostEnvironment)mlContext).Register("test"), shuffled, "Audio", "Label", cache, () => { });
        for (int reading = 0; reading < 3; reading++)
        {
            MLAudio[] audio = [.. kept.GetColumn<MLAudio>("Audio")];
            foreach ((CachedRow row, MLAudio clip) in mlContext.Data
                .CreateEnumerable<CachedRow>(kept, reuseRowObject: false).Zip(audio))
            {
                Assert.AreEqual(row.Path, Path.GetFileNameWithoutExtension(clip.Source));
                Assert.AreEqual(rows.Single(r => r.Path == row.Path).Label, row.Label);
                Assert.AreSame(row.Audio!.Source, clip.Source);
            }
        }
        // Ratings were not kept: a reading of their source that is in another order is an error.
        string message = Assert.ThrowsExactly<InvalidOperationException>(
            () => kept.GetColumn<float[]>("Labels").ToList()).Message;
        Assert.StartsWith("Column 'Path', row ", message);
        Assert.EndsWith("give LoadFromEnumerable a list (ToList()).", message);
    }

    private sealed class CachedRow
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";

        public MLAudio? Audio { get; set; }
    }

    private static SweepData Read(
        MLContext mlContext, IEstimator<ITransformer> preprocessing, IDataView data, int folds) => new(
            ((IHostEnvironment)mlContext).Register("test"), preprocessing,
            folds > 1 ? new SweepDataset(data, null, "Subject", folds)
                : new SweepDataset(data, Prompts.View(mlContext, 10), null, 1),
            "Audio", "Label", 7, long.MaxValue, default);

    private static string[] Subjects(IDataView data) => [.. data.GetColumn<string>("Subject")];
}
