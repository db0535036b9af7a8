using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.AudioColumns;
using SpeechML.TestSupport;
using SpeechML.Tests.Trainers;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Transforms;

/// <summary>Augmentation in an ML.NET pipeline: while it is fitted, and only then.</summary>
[TestClass]
public sealed class AudioAugmentationTests
{
    private static readonly AudioAugmentation s_effects =
        new Compose([new Gain(p: 0.8), new AddGaussianNoise(p: 0.8), new SpeedPerturbation()]);

    [TestMethod]
    public void Fit_InAChain_TrainsOnChangedAudioNewInEachEpoch()
    {
        var mlContext = new MLContext(seed: 1);
        MLAudio[] clips = Clips(20);
        var trainer = new Recorder(epochs: 3);
        ITransformer model = mlContext.Transforms.AugmentAudio("Audio", s_effects, seed: 5).Append(trainer)
            .Fit(View(mlContext, clips));

        for (int epoch = 0; epoch < 3; epoch++)
        {
            for (int i = 0; i < clips.Length; i++)
            {
                CollectionAssert.AreEqual(
                    s_effects.Apply(clips[i], seed: 5, clip: i, epoch).Samples.ToArray(),
                    trainer.Epochs[epoch][i].Samples.ToArray(), $"epoch {epoch}, clip {i}");
            }
        }
        Assert.IsTrue(trainer.IsMarked, "the column is marked");
        MLAudio[] scored = [.. model.Transform(View(mlContext, clips)).GetColumn<MLAudio>("Audio")];
        CollectionAssert.AreEqual(clips, scored, "scoring gives the very objects");
    }

    [TestMethod]
    public void Fit_Twice_GivesTheSameAudio()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = View(mlContext, Clips(10));
        Recorder first = new(2), second = new(2);
        AudioAugmentationEstimator augment = mlContext.Transforms.AugmentAudio("Audio", s_effects, seed: 6);
        augment.Append(first).Fit(data);
        augment.Append(second).Fit(data);
        for (int epoch = 0; epoch < 2; epoch++)
        {
            foreach ((MLAudio a, MLAudio b) in first.Epochs[epoch].Zip(second.Epochs[epoch]))
            {
                CollectionAssert.AreEqual(a.Samples.ToArray(), b.Samples.ToArray());
            }
        }
    }

    [TestMethod]
    public void Fit_ThroughTransformsOfOtherColumns_KeepsTheMark()
    {
        var mlContext = new MLContext(seed: 1);
        var trainer = new Recorder(1);
        mlContext.Transforms.AugmentAudio("Audio", s_effects)
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Key", "Label"))
            .Append(mlContext.Transforms.CopyColumns("Copy", "Label"))
            .Append(trainer).Fit(View(mlContext, Clips(4)));
        Assert.IsTrue(trainer.IsMarked);

        var plain = new Recorder(1);
        mlContext.Transforms.CopyColumns("Copy", "Label").Append(plain).Fit(View(mlContext, Clips(4)));
        Assert.IsFalse(plain.IsMarked);
    }

    [TestMethod]
    public void Fit_ReadingLabelsOnly_IsNoEpoch()
    {
        var mlContext = new MLContext(seed: 1);
        MLAudio[] clips = Clips(5);
        var trainer = new Recorder(1, readLabelsFirst: true);
        mlContext.Transforms.AugmentAudio("Audio", new Gain(p: 1), seed: 7).Append(trainer).Fit(View(mlContext, clips));
        CollectionAssert.AreEqual(new Gain(p: 1).Apply(clips[0], seed: 7, clip: 0, epoch: 0).Samples.ToArray(),
            trainer.Epochs[0][0].Samples.ToArray());
        CollectionAssert.AreEqual(Enumerable.Range(0, 5).Select(i => $"label {i}").ToArray(), trainer.Labels);
    }

    [TestMethod]
    public void CrossValidate_ValidationFolds_AreNotChanged()
    {
        var mlContext = new MLContext(seed: 1);
        MLAudio[] clips = Clips(12);
        var trainer = new Recorder(1);
        IDataView data = View(mlContext, clips);
        var folds = mlContext.Data.CrossValidationSplit(data, numberOfFolds: 3);
        foreach (var fold in folds)
        {
            ITransformer model = mlContext.Transforms.AugmentAudio("Audio", new PolarityInversion(p: 1)).Append(trainer)
                .Fit(fold.TrainSet);
            MLAudio[] train = [.. fold.TrainSet.GetColumn<MLAudio>("Audio")],
                test = [.. fold.TestSet.GetColumn<MLAudio>("Audio")];
            CollectionAssert.AreEqual(test, model.Transform(fold.TestSet).GetColumn<MLAudio>("Audio").ToArray());
            CollectionAssert.AreEqual(
                train.Select(a => -a.Samples.Span[50]).ToArray(),
                trainer.Epochs[^1].Select(a => a.Samples.Span[50]).ToArray());
        }
    }

    [TestMethod]
    public void SaveAndLoad_NoiseFolderGone_PassesAudioOnAndKnowsItsSettings()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        MLAudio[] clips = Clips(3);
        IDataView data = View(mlContext, clips);
        string settings;
        using (var noises = new Scratch())
        {
            File.WriteAllBytes(noises.At("noise.wav"), EffectCases.Wav(EffectCases.Sound(2000).Samples.Span, 16_000));
            var effects = new Compose([new AddBackgroundNoise(noises.Folder, p: 1), new Gain()]);
            // Its folder is of the machine that trained.
            settings = effects.ToJson().Replace(
                noises.Folder, "\\u2026/" + Path.GetFileName(noises.Folder), StringComparison.Ordinal);
            AudioAugmentationTransformer model =
                mlContext.Transforms.AugmentAudio("Out", effects, seed: 3, inputColumnName: "Audio").Fit(data);
            mlContext.Model.Save(model, data.Schema, scratch.At("model.zip"));
        }
        ITransformer loaded = mlContext.Model.Load(scratch.At("model.zip"), out _);
        CollectionAssert.AreEqual(clips, loaded.Transform(data).GetColumn<MLAudio>("Out").ToArray());
        Assert.AreEqual(s_audioType, loaded.GetOutputSchema(data.Schema)["Out"].Type);
        AudioAugmentationTransformer transformer = loaded as AudioAugmentationTransformer
            ?? (AudioAugmentationTransformer)((TransformerChain<ITransformer>)loaded).LastTransformer;
        Assert.AreEqual(settings, transformer.Settings);
        using PredictionEngine<Row, Scored> engine = mlContext.Model.CreatePredictionEngine<Row, Scored>(loaded);
        Assert.AreSame(clips[1], engine.Predict(new Row { Audio = clips[1] }).Out);
    }

    [TestMethod]
    public void EncodeSpeech_BehindAugmentation_ScoresInAnotherProcessAsWithoutIt()
    {
        using var scratch = new Scratch();
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 4);
        var audio = PromptAudio.Pipeline(mlContext);
        var options = new SpeechEncodingOptions { Encoder = RepositoryFiles.TinyEncoder("hubert-base-like") };
        float[][] Scores(ITransformer model) => [.. model.Transform(data).GetColumn<float[]>("Features")];
        using var plain = audio.Append(mlContext.Transforms.EncodeSpeech("Features", options)).Fit(data);
        using var augmented = audio.Append(mlContext.Transforms.AugmentAudio("Audio", s_effects))
            .Append(mlContext.Transforms.EncodeSpeech("Features", options)).Fit(data);
        mlContext.Model.Save(augmented, data.Schema, scratch.At("model.zip"));
        float[][] expected = Scores(plain),
            elsewhere = OtherProcess.Score(scratch.At("model.zip"), Prompts.Rows(4).Select(r => r.Path), "Features");
        Assert.HasCount(4, expected);
        for (int i = 0; i < expected.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i], elsewhere[i]);
        }
    }

    [TestMethod]
    public void SpeechClassification_BehindAugmentation_HearsOtherAudioInEveryEpoch()
    {
        // The rates are next to nothing: the loss of an epoch differs from that of another only if the audio does.
        static double[] EpochLosses(bool augmented)
        {
            var mlContext = new MLContext(seed: 1);
            var losses = new List<double>();
            SpeechClassificationOptions options = PipelineTests.Options("whisper-80");
            options.Freezing = LayerFreezing.All;
            options.HeadLearningRate = 1e-12;
            options.Epochs = 3;
            var trainer = mlContext.MulticlassClassification.Trainers.SpeechClassification(
                "Label", "Audio", options, new EpochLossRecorder(losses));
            EstimatorChain<AudioResamplingTransformer> audio = PromptAudio.Pipeline(mlContext);
            IDataView data = Prompts.View(mlContext, 8);
            if (augmented)
            {
                using var model = audio.Append(mlContext.Transforms.AugmentAudio("Audio", new AddGaussianNoise(p: 1)))
                    .Append(mlContext.Transforms.Conversion.MapValueToKey("Label")).Append(trainer).Fit(data);
            }
            else
            {
                using var model = audio.Append(mlContext.Transforms.Conversion.MapValueToKey("Label")).Append(trainer)
                    .Fit(data);
            }
            return [.. losses];
        }

        double[] same = EpochLosses(augmented: false);
        Assert.AreEqual(same[0], same[2], 1e-6);
        double[] other = EpochLosses(augmented: true);
        Assert.AreNotEqual(other[0], other[1], 1e-4);
        Assert.AreNotEqual(other[1], other[2], 1e-4);
        CollectionAssert.AreEqual(other, EpochLosses(augmented: true));
    }

    [TestMethod]
    public void SpeechClassification_BehindAugmentation_LearnsFromOtherAudio()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = Prompts.View(mlContext, 6);
        float[][] Scores(AudioAugmentation augmentation)
        {
            using var model = mlContext.Transforms.LoadAudio("Audio", RepositoryFiles.Prompts, "Path")
                .Append(mlContext.Transforms.ResampleAudio("Audio", 16_000))
                .Append(mlContext.Transforms.AugmentAudio("Audio", augmentation, seed: 2))
                .Append(mlContext.Transforms.Conversion.MapValueToKey("Label"))
                .Append(mlContext.MulticlassClassification.Trainers.SpeechClassification(
                    "Label", "Audio", PipelineTests.Options("whisper-80")))
                .Fit(data);
            return [.. model.Transform(data).GetColumn<float[]>("Score")];
        }
        var noise = new AddGaussianSnr(0, 5, p: 1);
        float[][] changed = Scores(noise), again = Scores(noise), plain = Scores(new AddGaussianSnr(0, 5, p: 0));
        PipelineTests.AssertEqual(changed, again, 0);
        Assert.IsTrue(changed.Zip(plain).Any(pair => !pair.First.SequenceEqual(pair.Second)),
            "augmentation had no effect on training");
    }

    [TestMethod]
    public void Fit_ColumnOfAnotherType_SaysWhatWasExpected()
    {
        var mlContext = new MLContext(seed: 1);
        ArgumentOutOfRangeException error =
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            mlContext.Transforms.AugmentAudio("Label", s_effects).Append(new Recorder(1))
            .Fit(View(mlContext, Clips(1))));
        Assert.AreEqual("Schema mismatch for input column 'Label': expected Audio, got String. (Parameter 'schema')",
            error.Message);
    }

    [TestMethod]
    public void AugmentAudio_WithoutEffects_Throws() =>
        Assert.ThrowsExactly<ArgumentNullException>(() =>
            new MLContext(seed: 1).Transforms.AugmentAudio("Audio", null!));

    /// <summary>Its first use makes ML.NET know the type of the rows' properties.</summary>
    private static readonly AudioDataViewType s_audioType = AudioDataViewType.Instance;

    private static MLAudio[] Clips(int count) =>
        [.. Enumerable.Range(0, count).Select(k => EffectCases.Sound(600 + (10 * k), k))];

    private static IDataView View(MLContext mlContext, MLAudio[] clips) =>
        mlContext.Data.LoadFromEnumerable(clips.Select((c, i) => new Row { Audio = c, Label = $"label {i}" }));

    private sealed class Row
    {
        public MLAudio Audio { get; set; } = null!;

        public string Label { get; set; } = "";
    }

    private sealed class Scored
    {
        public MLAudio Out { get; set; } = null!;
    }

    /// <summary>A trainer that keeps what it is given, epoch by epoch.</summary>
    private sealed class Recorder(int epochs, bool readLabelsFirst = false) : IEstimator<ITransformer>
    {
        public List<MLAudio[]> Epochs { get; } = [];

        public string[] Labels { get; private set; } = [];

        public bool IsMarked { get; private set; }

        public ITransformer Fit(IDataView input)
        {
            IsMarked = AugmentedAudio.IsMarked(input.Schema["Audio"]);
            if (readLabelsFirst)
            {
                Labels = [.. input.GetColumn<string>("Label")];
            }
            for (int epoch = 0; epoch < epochs; epoch++)
            {
                Epochs.Add([.. input.GetColumn<MLAudio>("Audio")]);
            }
            return new MLContext(seed: 1).Transforms.CopyColumns("Same", "Label").Fit(input);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;
    }

    private sealed class EpochLossRecorder(List<double> losses) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.EpochLoss is { } loss)
            {
                losses.Add(loss);
            }
        }
    }
}
