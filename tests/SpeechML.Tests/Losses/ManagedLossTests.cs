using SpeechML.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Losses;

/// <summary>Losses that are computed without torch give torch's value and gradient.</summary>
[TestClass]
public sealed class ManagedLossTests
{
    private const int Clips = 40, Width = 3;

    [ClassInitialize]
    public static void Load(TestContext context) => TorchNativeLibrary.EnsureLoaded();

    private static IEnumerable<object[]> Losses() =>
    [
        [new MeanSquaredErrorLoss()], [new BinaryCrossEntropyLoss()],
        [new BinaryCrossEntropyLoss([0.5, 3, 1], [1, 2, 0.1])],
        [new CrossEntropyLoss()], [new CrossEntropyLoss([0.5, 3, 0], 0.2)],
        [new CoralLoss()], [new CoralLoss([0.5, 3, 1])], [new CornLoss()], [new CornLoss([0.5, 3, 1])],
    ];

    [TestMethod]
    [DynamicData(nameof(Losses))]
    public void Sum_EveryLoss_IsThatOfTorch(object boxed)
    {
        using DisposeScope scope = NewDisposeScope();
        var loss = (Loss)boxed;
        var random = new Random(1);
        bool rows = loss is CrossEntropyLoss or OrdinalObjective;
        int classes = loss is CrossEntropyLoss ? Width : Width + 1;
        // Far from 0 too, where exp overflows; soft labels where the loss takes them; some missing, in both spellings.
        double[] outputs = [.. Enumerable.Range(0, Clips * Width).Select(i =>
            (random.NextDouble() - 0.5) * (i % 7 == 0 ? 2000 : 10))];
        float[] targets = [.. Enumerable.Range(0, rows ? Clips : Clips * Width).Select(i =>
            i % 11 == 0 ? float.NaN : i % 13 == 0 ? -1
            : rows ? random.Next(classes) : i % 5 == 0 ? random.NextSingle() : random.Next(2))];

        double[] slopes = new double[outputs.Length];
        double value = loss.Managed!.Sum(outputs, targets, Width, slopes);

        Tensor x = tensor(outputs, [Clips, Width], ScalarType.Float64, requires_grad: true);
        Tensor sum = loss.ComputeParts(x, rows ? tensor(targets) : tensor(targets, [Clips, Width])).Sum;
        sum.backward();
        Assert.AreEqual(sum.item<double>(), value, 1e-12 * value);
        double[] expected = x.grad!.data<double>().ToArray();
        for (int i = 0; i < slopes.Length; i++)
        {
            Assert.AreEqual(expected[i], slopes[i], 1e-12 * Math.Max(1, Math.Abs(expected[i])), $"output {i}");
        }
    }

    [TestMethod]
    public void Managed_OfOneTarget_IsThatOfTheInnerLoss()
    {
        var inner = new BinaryCrossEntropyLoss();
        Assert.AreSame(inner, new ScalarTargetLoss(inner).Managed);
        Assert.IsNull(new ScalarTargetLoss(new ConcordanceLoss()).Managed);
    }

    [TestMethod]
    public void Losses_HaveEveryOneWithoutTorch() => CollectionAssert.AreEquivalent(
        typeof(Loss).Assembly.GetTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(IManagedLoss))).ToArray(),
        Losses().Select(l => l[0].GetType()).Distinct().ToArray());
}
