using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace SpeechML.Extensions.Tests;

[TestClass]
public sealed class LossTests
{
    private static readonly string s_absolute = RegressionLoss.Register("Absolute", (_, _) => new AbsoluteLoss());

    public static IEnumerable<object[]> Tasks { get; } =
    [
        [Own<SpeechRegressionOptions>(o => o.Loss = s_absolute), Own<SpeechRegressionOptions>(_ => { })],
        [
            Own<SpeechBinaryOptions>(
                o => o.Loss = BinaryLoss.Register("Squares", (_, _) => new BrierLoss(l => l.sigmoid()))),
            Own<SpeechBinaryOptions>(_ => { }),
        ],
        [
            Own<SpeechMultiLabelOptions>(
                o => o.Loss = MultiLabelLoss.Register("Squares", (_, _) => new BrierLoss(l => l.sigmoid()))),
            Own<SpeechMultiLabelOptions>(_ => { }),
        ],
        [
            Own<SpeechClassificationOptions>(
                o => o.Loss = ClassificationLoss.Register("Squares", (_, _) => new ClassSquares())),
            Own<SpeechClassificationOptions>(_ => { }),
        ],
        [
            Own<SpeechOrdinalOptions>(o => o.Loss = OrdinalLoss.Register("Levels", () => new Levels())),
            Own<SpeechOrdinalOptions>(_ => { }),
        ],
    ];

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Fit_LossOfAUser_TrainsAndScoresFromItsZip(SpeechTrainingOptions own, SpeechTrainingOptions other)
    {
        using var training = new SampleTraining();
        float[][] scores = training.FitSaveLoad(own, out _);
        CollectionAssert.AreNotEqual(training.FitSaveLoad(other, out _)[0], scores[0]);
    }

    [TestMethod]
    public void Fit_OrdinalLossOfAUser_DecodesItsOutputs()
    {
        using var training = new SampleTraining();
        SpeechOrdinalOptions options = SampleTraining.Options<SpeechOrdinalOptions>();
        options.Loss = OrdinalLoss.Register("Certain", () => new Levels(certain: true));
        foreach (float[] probabilities in training.FitSaveLoad(options, out string manifest))
        {
            CollectionAssert.AreEqual(new[] { 0f, 0f, 1f }, probabilities);
            Assert.Contains("\"ordinal\": \"Certain\"", manifest);
        }
        training.ReplaceInManifest("\"ordinal\": \"Certain\"", "\"ordinal\": \"OfAnother\"");
        Assert.Contains("Ordinal loss 'OfAnother': expected one of Coral, Corn, EarthMovers, ",
            Assert.Throws<Exception>(training.Load).ToString());
    }

    [TestMethod]
    public void Load_ModelWhoseLossIsNotRegistered_ScoresAllTheSame()
    {
        using var training = new SampleTraining();
        SpeechRegressionOptions options = SampleTraining.Options<SpeechRegressionOptions>();
        options.Loss = s_absolute;
        _ = training.FitSaveLoad(options, out string manifest);
        Assert.DoesNotContain("Absolute", manifest);
        training.Load();
    }

    [TestMethod]
    public void Compute_LossOfAUser_LeavesOutWhatIsMissing()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor output = tensor(new float[,] { { 1 }, { 5 }, { 4 } }, requires_grad: true);
        Tensor loss = new AbsoluteLoss().Compute(output, tensor(new float[,] { { 2 }, { float.NaN }, { 1 } }));
        loss.backward();
        Assert.AreEqual(2f, loss.item<float>());
        CollectionAssert.AreEqual(new[] { -0.5f, 0, 0.5f }, output.grad!.data<float>().ToArray());
        Assert.AreEqual("Unsummed: expected sum and weight to be scalars, got (3, 1) and ().",
            Assert.ThrowsExactly<InvalidOperationException>(
                () => new Unsummed().Compute(output, output)).Message);
    }

    [TestMethod]
    public void Configuration_LossOfAUser_IsReadByItsName()
    {
        const string Json = """{"task": "Regression", "trainer": {"encoder": "e", "loss": "absolute"}}""";
        Assert.AreEqual("Absolute",
            ((SpeechRegressionOptions)SpeechConfig.Parse<SpeechModelConfig>(Json, "m.json").Trainer!).Loss);
        Assert.AreEqual(
            "'m.json', key 'trainer.loss': expected one of MeanSquared, Huber, Concordance, Absolute, got \"Median\".",
            Assert.ThrowsExactly<InvalidDataException>(() => SpeechConfig.Parse<SpeechModelConfig>(
                Json.Replace("absolute", "Median", StringComparison.Ordinal), "m.json")).Message);
    }

    private static T Own<T>(Action<T> set)
        where T : SpeechTrainingOptions, new()
    {
        T options = SampleTraining.Options<T>();
        set(options);
        return options;
    }

    /// <summary>Mean absolute error.</summary>
    private sealed class AbsoluteLoss : Loss
    {
        protected override LossParts Parts(Tensor output, Tensor target)
        {
            Tensor present = PresentNumbers(target).to(output.device);
            return SumOfPresent((output - Fill(output, target, present)).abs(), present);
        }

        protected override void CheckShapes(Tensor output, Tensor target) => CheckSameShape(output, target);
    }

    /// <summary>Squared distance of probability and outcome.</summary>
    private sealed class BrierLoss(Func<Tensor, Tensor> probability) : Loss
    {
        protected override LossParts Parts(Tensor output, Tensor target)
        {
            Tensor present = PresentNumbers(target).to(output.device);
            return SumOfPresent((probability(output) - Fill(output, target, present)).square(), present);
        }

        protected override void CheckShapes(Tensor output, Tensor target) => CheckSameShape(output, target);
    }

    /// <summary>Squared distance of the probability of the class and 1.</summary>
    private sealed class ClassSquares : Loss
    {
        protected override LossParts Parts(Tensor output, Tensor target)
        {
            (Tensor classes, Tensor present) = Classes(output, target);
            return SumOfPresent(
                (1 - softmax(output, 1).gather(1, classes.unsqueeze(1)).squeeze(1)).square(), present);
        }

        protected override void CheckShapes(Tensor output, Tensor target) => CheckClassNumbers(output, target);
    }

    /// <summary>One output per level, each by itself; the class is the greatest where everything is certain.</summary>
    private sealed class Levels(bool certain = false) : OrdinalObjective
    {
        public override double[] Above(double[] outputs) =>
            Array.ConvertAll(outputs, x => certain ? 1 : Sigmoid(x));

        protected override LossParts Parts(Tensor output, Tensor target)
        {
            (Tensor classes, Tensor present) = Classes(output, target);
            Tensor above = classes.unsqueeze(1) > arange(output.shape[1], device: output.device);
            return SumOfPresent((output.sigmoid() - above.to(output.dtype)).square().sum([1]), present);
        }

        protected override void CheckShapes(Tensor output, Tensor target) => CheckClassNumbers(output, target);
    }

    private sealed class Unsummed : Loss
    {
        protected override LossParts Parts(Tensor output, Tensor target) => new(output, tensor(1f));

        protected override void CheckShapes(Tensor output, Tensor target) => CheckSameShape(output, target);
    }
}
