using Microsoft.ML;
using Microsoft.ML.Runtime;
using SpeechML.Audio.Common;
using SpeechML.Sweeps.Running;
using SpeechML.Audio.Options;
using SpeechML.Sweeps.Space;
using SpeechML.TestSupport;

namespace SpeechML.Sweeps.Tests;

[TestClass]
public sealed class DeclaredSpaceTests
{
    private const int Samples = 300;

    public static IEnumerable<object[]> Classes { get; } =
    [
        [new SpeechClassificationOptions()], [new SpeechBinaryOptions()], [new SpeechMultiLabelOptions()],
        [new SpeechRegressionOptions()], [new SpeechOrdinalOptions()],
        [new SpeechMultiLabelOptions { Loss = MultiLabelLoss.RankedClassification, RatingThreshold = 2 }],
    ];

    [TestMethod]
    [DynamicData(nameof(Classes))]
    public void Sample_AsAutoMLDoes_GivesOptionsThatTheTrainerTakes(SpeechTrainingOptions defaults)
    {
        defaults.Encoder = "whisper-base";
        var space = new AutoMLSpace(defaults);
        var random = new Random(1);
        var ranks = new HashSet<int>();
        var rates = new List<double>();
        for (int i = 0; i < Samples; i++)
        {
            SpeechTrainingOptions options = space.Sample(_ => random.NextDouble());
            Assert.AreEqual(defaults.Encoder, options.Encoder, "what does not vary stays");
            SweepSpace.ResetUnused(options);
            options.Validate();
            ranks.Add(options.Lora.Rank);
            rates.Add(options.HeadLearningRate);
        }
        CollectionAssert.AreEquivalent(new[] { 0, 4, 8, 16 }, ranks.ToArray(), "also the last value is drawn");
        Assert.AreEqual(0.5, rates.Average(r => (Math.Log10(r) + 4) / 3), 0.1, "uniform on a log scale");
    }

    /// <summary>AutoML's first trial is that of the defaults the attributes name; they are the class's own.</summary>
    [TestMethod]
    [DynamicData(nameof(Classes))]
    public void Sample_OfTheDefaults_IsTheClassesDefaults(SpeechTrainingOptions defaults)
    {
        var space = new AutoMLSpace(defaults);
        SpeechTrainingOptions first = space.Sample(AutoMLSpace.Initial);
        foreach (OptionPath option in DeclaredOptions.Of(defaults.GetType()))
        {
            object expected = option.Get(defaults)!;
            if (expected is double number)
            {
                // through the logarithm and back
                Assert.AreEqual(number, (double)option.Get(first)!, 1e-12, option.Name);
                continue;
            }
            Assert.AreEqual(expected, option.Get(first), option.Name);
        }
    }

    /// <summary>
    /// The traps of ML.NET's search spaces: it never draws the end of a range of whole numbers, and maps types that do
    /// not fit to others without a word.
    /// </summary>
    [TestMethod]
    [DynamicData(nameof(Classes))]
    public void Attributes_SuitAutoML(SpeechTrainingOptions defaults)
    {
        OptionPath[] declared = [.. DeclaredOptions.Of(defaults.GetType())];
        Assert.IsGreaterThan(15, declared.Length);
        foreach (OptionPath option in declared)
        {
            Assert.AreEqual(1, option.Property.CustomAttributes.Count(
                a => a.AttributeType.Namespace == "Microsoft.ML.SearchSpace"), option.Name);
            if (option.Property.GetCustomAttributes(typeof(Microsoft.ML.SearchSpace.RangeAttribute), false)
                is [Microsoft.ML.SearchSpace.RangeAttribute range])
            {
                Assert.AreEqual(typeof(double), option.Type, option.Name);
                Assert.IsInstanceOfType<double>(range.Min, option.Name);
                Assert.IsInstanceOfType<double>(range.Init, option.Name);
            }
            if (option.Property.GetCustomAttributes(typeof(Microsoft.ML.SearchSpace.ChoiceAttribute), false)
                is [Microsoft.ML.SearchSpace.ChoiceAttribute choice])
            {
                Assert.IsTrue(choice.Candidates.Append(choice.DefaultValue).All(c => c.GetType() == option.Type),
                    option.Name);
                CollectionAssert.Contains(choice.Candidates, choice.DefaultValue, option.Name);
            }
        }
    }

    [TestMethod]
    public void FromDeclared_WithoutNames_TakesAllThatCanTakePart()
    {
        SweepSpace<SpeechMultiLabelOptions> space =
            SweepSpace.FromDeclared(new SpeechMultiLabelOptions { Encoder = "whisper-base" });
        string[] names = [.. space.Parameters.Parameters.Select(p => p.Name)];
        CollectionAssert.IsSubsetOf(
            new[] { "EncoderLearningRate", "Lora.Rank", "Lora.Alpha", "Freezing", "Pooling", "Head.HiddenLayers",
            "Schedule.Decay", "FocalGamma" }, names);
        CollectionAssert.DoesNotContain(names, "CrossEntropyShare");
        Assert.AreEqual("numbers from 1E-06 to 0.001 on a log scale",
            space.Parameters.Parameters.First(p => p.Name == "EncoderLearningRate").Describe());
        var random = new SeededRandom(1);
        for (int i = 0; i < Samples; i++)
        {
            SweepPoint point = space.Parameters.Draw(random);
            SpeechMultiLabelOptions options = space.Create(point);
            Assert.AreEqual(options.Lora.Rank > 0, point.Has("Lora.Alpha"));
            Assert.AreEqual(options.Lora.Rank == 0, point.Has("Freezing"));
            Assert.AreEqual(options.FocalGamma == 0, point.Has("BalancePositives"));
        }
    }

    [TestMethod]
    public void FromDeclared_Names_TakesThoseAndAllWithin()
    {
        var defaults = new SpeechClassificationOptions { Layers = EncoderLayers.Last, Encoder = "whisper-base" };
        CollectionAssert.AreEquivalent(
            new[] { "HeadLearningRate", "Lora.Rank", "Lora.Alpha", "Lora.Dropout", "Lora.RsLora", "Lora.Dora" },
            SweepSpace.FromDeclared(defaults, "HeadLearningRate", "Lora").Parameters.Parameters.Select(p => p.Name)
            .ToArray());
        Assert.AreEqual(
            "Sweep parameter 'Lora.Alpha': expected a space or defaults in which it takes part (Lora.Rank above 0), " +
            "got Lora.Rank = 0.",
            Assert.ThrowsExactly<ArgumentException>(() => SweepSpace.FromDeclared(defaults, "Lora.Alpha")).Message);
        Assert.AreEqual(
            "Sweep parameter 'Layers': expected Range or Choice, because the option declares no range of its own, " +
            "got AsDeclared.",
            Assert.ThrowsExactly<ArgumentException>(() => SweepSpace.FromDeclared(defaults, "Layers")).Message);
        defaults.Lora.Rank = 4;
        Assert.HasCount(1, SweepSpace.FromDeclared(defaults, "Lora.Alpha").Parameters.Parameters);
    }

    [TestMethod]
    public void ResetUnused_OnlyWhatTakesNoPart_IsSetBack()
    {
        var options = new SpeechClassificationOptions
        {
            FocalGamma = 2,
            LabelSmoothing = 0.1,
            Freezing = LayerFreezing.Half,
            Lora = { Rank = 0, Dora = true, Targets = "all-linear" },
            Head = { HiddenLayers = 1, BottleneckSize = 64 }
        };
        SweepSpace.ResetUnused(options);
        Assert.AreEqual((2.0, 0.0, LayerFreezing.Half), (options.FocalGamma, options.LabelSmoothing, options.Freezing));
        Assert.AreEqual(new LoraOptions(), options.Lora);
        Assert.AreEqual(64, options.Head.BottleneckSize);
        options.Lora = new LoraOptions { Rank = 4, Dora = true, Targets = "all-linear" };
        SweepSpace.ResetUnused(options);
        Assert.AreEqual(LayerFreezing.Auto, options.Freezing);
        Assert.AreEqual(new LoraOptions { Rank = 4, Dora = true, Targets = "all-linear" }, options.Lora);
    }

    [TestMethod]
    public void Fit_OptionsSampledAsAutoMLDoes_TrainsAndSharesTheFrozenPart()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView train = Prompts.View(mlContext, 12), validation = Prompts.View(mlContext, 20);
        SpeechClassificationOptions defaults = SweepRuns.Defaults;
        defaults.Epochs = 1;
        var space = new AutoMLSpace(defaults);
        using var trials = new TrialRunner(
            new SweepDefinition(
                ((IHostEnvironment)mlContext).Register("trials"),
                TrialPipeline.Create<SpeechClassificationOptions, SpeechClassificationTransformer>(
                    SweepRuns.Preprocessing(mlContext), defaults, SweepRuns.Trainer(mlContext)),
                new SweepDataset(train, validation, null, 1), new SweepSettings { Metric = SpeechMetrics.Accuracy }),
            default);
        var random = new Random(3);
        for (int i = 0; i < 3; i++)
        {
            var options = (SpeechClassificationOptions)space.Sample(_ => random.NextDouble());
            (ITransformer model, double value) = trials.Fit(options, default);
            double accuracy = mlContext.MulticlassClassification.Evaluate(model.Transform(validation)).MicroAccuracy;
            Assert.AreEqual(accuracy, value, 1e-9);
            (model as IDisposable)?.Dispose();
        }
    }
}
