using SpeechML.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Losses;

[TestClass]
public sealed class LossTests
{
    private static readonly double s_nan = double.NaN;

    [ClassInitialize]
    public static void Load(TestContext context) => TorchNativeLibrary.EnsureLoaded();

    private static IEnumerable<object[]> ElementLosses() =>
    [
        [new BinaryCrossEntropyLoss()], [new BinaryFocalLoss()],
    ];

    private static IEnumerable<object[]> NumberLosses() =>
    [
        [new MeanSquaredErrorLoss()], [new HuberLoss()], [new ConcordanceLoss()], [new RankedClassificationLoss(0.5)],
        [new ScalarTargetLoss(new MeanSquaredErrorLoss())], [new ScalarTargetLoss(new HuberLoss())],
        [new ScalarTargetLoss(new ConcordanceLoss())],
    ];

    private static IEnumerable<object[]> ClassLosses() =>
        [[new CrossEntropyLoss()], [new MulticlassFocalLoss()], [new CoralLoss()], [new CornLoss()],
        [new EarthMoversLoss()]];

    [TestMethod]
    [DynamicData(nameof(ElementLosses))]
    public void Compute_MissingAsNaN_EqualsMissingAsMinusOne(object boxed)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new[,] { { 0.3, -1.0 }, { 1.2, 0.4 }, { -0.7, 2.0 } });
        (double value, double[] gradient) = Run((Loss)boxed, x, tensor(new[,] { { 1, s_nan }, { 0, 1 }, { 1, 0 } }));
        (double sameValue, double[] sameGradient) =
            Run((Loss)boxed, x, tensor(new double[,] { { 1, -1 }, { 0, 1 }, { 1, 0 } }));
        Assert.IsTrue(double.IsFinite(value));
        Assert.AreEqual(sameValue, value);
        CollectionAssert.AreEqual(sameGradient, gradient);
        Assert.AreEqual(0.0, gradient[1]);
    }

    /// <summary>-1 is a number like those beside it: the value changes little where it is changed by little.</summary>
    [TestMethod]
    [DynamicData(nameof(NumberLosses))]
    public void Compute_NumberMinusOne_TakesPart(object boxed)
    {
        using DisposeScope scope = NewDisposeScope();
        var loss = (Loss)boxed;
        Tensor x = tensor(new[,] { { 0.3 }, { 1.2 }, { -0.7 } });
        (double value, double[] gradient) = Run(loss, x, Target(-1));
        (double beside, double[] besideGradient) = Run(loss, x, Target(-1 - 1e-9));
        Assert.AreEqual(beside, value, 1e-7);
        Assert.AreNotEqual(0.0, gradient[0]);
        Assert.AreEqual(besideGradient[0], gradient[0], 1e-7);
        (_, double[] missing) = Run(loss, x, Target(s_nan));
        Assert.AreEqual(0.0, missing[0]);

        Tensor Target(double first) => loss is ScalarTargetLoss
            ? tensor(new[] { first, 1, 0.5 }) : tensor(new[,] { { first }, { 1 }, { 0.5 } });
    }

    [TestMethod]
    [DynamicData(nameof(ClassLosses))]
    public void Compute_MissingRow_EqualsRowRemoved(object boxed)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new[,] { { 0.3, -1.0, 0.2 }, { 1.2, 0.4, 0.1 }, { -0.7, 2.0, 0.0 } });
        (double value, double[] gradient) = Run((Loss)boxed, x, tensor(new double[] { 2, s_nan, 1 }));
        (double removed, double[] rest) =
            Run((Loss)boxed, x.index_select(0, tensor(new long[] { 0, 2 })), tensor(new double[] { 2, 1 }));
        Assert.AreEqual(removed, value, 1e-15);
        CollectionAssert.AreEqual(new double[3], gradient[3..6]);
        Assert.AreEqual(rest.Sum(), gradient.Sum(), 1e-15);
    }

    [TestMethod]
    [DynamicData(nameof(ClassLosses))]
    public void Compute_AllMissing_IsZeroWithZeroGradient(object boxed)
    {
        using DisposeScope scope = NewDisposeScope();
        (double value, double[] gradient) =
            Run((Loss)boxed, tensor(new[,] { { 0.3, -1.0, 0.2 }, { 1.2, 0.4, 0.1 } }), tensor(new long[] { -1, -1 }));
        Assert.AreEqual(0.0, value);
        CollectionAssert.AreEqual(new double[6], gradient);
    }

    [TestMethod]
    public void ComputeParts_UnevenMicroBatches_AddUpToTheWhole()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new[,] { { 0.3, -1.0 }, { 1.2, 0.4 }, { -0.7, 2.0 } }),
            y = tensor(new double[,] { { 1, -1 }, { 0, 1 }, { 1, 0 } });
        var loss = new BinaryCrossEntropyLoss();
        LossParts first = loss.ComputeParts(x.narrow(0, 0, 1), y.narrow(0, 0, 1)),
            rest = loss.ComputeParts(x.narrow(0, 1, 2), y.narrow(0, 1, 2));
        Assert.AreEqual(loss.Compute(x, y).item<double>(),
            ((first.Sum + rest.Sum) / (first.Weight + rest.Weight)).item<double>(), 1e-15);
        Assert.AreEqual(1.0, first.Weight.item<double>());
    }

    [TestMethod]
    public void Compute_ConfidentFocalWithSmallGamma_GradientIsFinite()
    {
        using DisposeScope scope = NewDisposeScope();
        (_, double[] binary) = Run(new BinaryFocalLoss(0.5), tensor(new float[,] { { 200 } }),
            tensor(new float[,] { { 1 } }));
        (_, double[] multi) = Run(
            new MulticlassFocalLoss(0.5), tensor(new float[,] { { 200, 0 } }), tensor(new long[] { 0 }));
        Assert.IsTrue(binary.Concat(multi).All(double.IsFinite));
    }

    [TestMethod]
    public void Compute_ManyTimes_LeavesOneTensorEach()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = rand(4, 2), y = ones(4, 2);
        long before = scope.DisposablesCount;
        _ = new RankedClassificationLoss().Compute(x, y);
        Assert.AreEqual(before + 1, scope.DisposablesCount);
    }

    [TestMethod]
    public void Compute_BFloat16Output_IsSummedInFloat32()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = zeros(4096, 1, dtype: ScalarType.BFloat16, requires_grad: true);
        Tensor value = new BinaryCrossEntropyLoss().Compute(x, ones(4096, 1));
        value.backward();
        Assert.AreEqual(Math.Log(2), value.item<float>(), 1e-6);
        Assert.AreEqual(ScalarType.BFloat16, x.grad!.dtype);
    }

    [TestMethod]
    public void Compute_TargetOfOtherShape_NamesBothShapes()
    {
        using DisposeScope scope = NewDisposeScope();
        ArgumentException error =
            Assert.ThrowsExactly<ArgumentException>(() => new BinaryCrossEntropyLoss().Compute(rand(8, 4), rand(8, 3)));
        Assert.AreEqual(
            "BinaryCrossEntropyLoss: expected output and target of one shape (batch, targets), got output (8, 4) and " +
            "target (8, 3).", error.Message);
        error = Assert.ThrowsExactly<ArgumentException>(() => new CrossEntropyLoss([1, 2])
            .Compute(rand(8, 4), zeros(8)));
        Assert.AreEqual("CrossEntropyLoss: expected 4 class weights, one per column of the output, got 2.",
            error.Message);
    }

    [TestMethod]
    public void ClassWeights_FromData_FollowCounts()
    {
        CollectionAssert.AreEqual(new[] { 4.0 / 9, 4.0 / 3, 0 }, ClassWeights.Balanced([0, 0, 1, -1, s_nan, 0], 3));
        CollectionAssert.AreEqual(
            new[] { 2.0, 1, 1 }, ClassWeights.Positive([[1, 0, -1], [0, 0, s_nan], [0, 0, 1]], 3));
    }

    private static (double Value, double[] Gradient) Run(Loss loss, Tensor x, Tensor y)
    {
        Tensor input = x.clone().requires_grad_();
        Tensor value = loss.Compute(input, y);
        value.backward();
        return (value.to(float64).item<double>(), input.grad!.to(float64).reshape(-1).data<double>().ToArray());
    }
}
