using SpeechML.Training.Losses;
using SpeechML.Training.Probing;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Training.Probing;

/// <summary>Linear models solved to their minimum.</summary>
[TestClass]
public sealed class LinearProbeTests
{
    private const double Strength = 0.1;

    [TestMethod]
    [DataRow(40, 6)]
    [DataRow(12, 30)]
    public void Fit_Regression_IsRidgeInClosedForm(int clips, int size)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor x, float[][] targets) = Data(clips, size);
        var objective = new LinearObjective(new ScalarTargetLoss(new MeanSquaredErrorLoss()), true) { Scale = 1.0 / 8 };
        using LinearProbe probe = LinearProbe.Fit(x, targets, 1, objective, Strength, 1e-10);
        Tensor standard = (x - x.mean([0])) / x.std(0, unbiased: false);
        Tensor y = tensor([.. targets.Select(t => (double)t[0])], ScalarType.Float64);
        // d/dw of (1/8) Σ (y - ȳ - xw)² + |w|² / 2C = 0.
        Tensor left = (standard.t().mm(standard) / 4) + (eye(size, dtype: ScalarType.Float64) / Strength);
        Tensor w = linalg.solve(left, standard.t().mm((y - y.mean()).unsqueeze(1)) / 4);
        Tensor expected = standard.mm(w) + y.mean();
        Assert.IsLessThan(1e-6, (probe.Run(x) - expected).abs().max().item<double>());
    }

    [TestMethod]
    public void Fit_ProcessOfManyThreads_SolvesOnOneAndLeavesThem()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor x, float[][] targets) = Data(40, 6);
        int before = get_num_threads();
        try
        {
            set_num_threads(3);
            var loss = new ThreadCountingLoss();
            using LinearProbe probe = LinearProbe.Fit(
                x, targets, 1, new LinearObjective(new ScalarTargetLoss(loss), true), Strength, 1e-10);
            CollectionAssert.AreEqual(new[] { 1 }, loss.Threads.ToArray());
            Assert.AreEqual(3, get_num_threads());
        }
        finally
        {
            set_num_threads(before);
        }
    }

    private sealed class ThreadCountingLoss : Loss
    {
        private readonly MeanSquaredErrorLoss _loss = new();

        public SortedSet<int> Threads { get; } = [];

        protected override LossParts Parts(Tensor output, Tensor target)
        {
            Threads.Add(get_num_threads());
            return _loss.ComputeParts(output, target);
        }

        protected override void CheckShapes(Tensor output, Tensor target)
        {
        }
    }

    [TestMethod]
    public void Fit_SeveralLabels_EachIsAsAlone()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor x, _) = Data(40, 6);
        float[][] both = [.. Enumerable.Range(0, 40).Select(i => new[] { i % 2, i % 5 == 0 ? float.NaN : i / 20 })];
        var objective = new LinearObjective(new BinaryCrossEntropyLoss(), true);
        using LinearProbe joint = LinearProbe.Fit(x, both, 2, objective, Strength, 1e-10);
        var single = new LinearObjective(new ScalarTargetLoss(new BinaryCrossEntropyLoss()), true);
        using LinearProbe alone = LinearProbe.Fit(x, [.. both.Select(b => b[..1])], 1, single, Strength, 1e-10);
        Assert.IsLessThan(1e-6, (joint.Weight.narrow(1, 0, 1) - alone.Weight).abs().max().item<double>());
        Assert.IsGreaterThan(1e-3, joint.Weight.narrow(1, 1, 1).abs().max().item<double>());
    }

    [TestMethod]
    [DataRow(60, 5)]
    [DataRow(20, 50)]
    public void Fit_Classes_NothingNearbyIsLess(int clips, int size)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor x, _) = Data(clips, size);
        float[][] targets = [.. Enumerable.Range(0, clips).Select(i => new[] { (float)(i % 3) })];
        var objective = new LinearObjective(new CrossEntropyLoss(), true);
        using LinearProbe probe = LinearProbe.Fit(x, targets, 3, objective, Strength, 1e-8);
        Tensor scale = x.std(0, unbiased: false).unsqueeze(1);
        Tensor classes = tensor(targets.Select(t => t[0]).ToArray());
        double Value(Tensor weight, Tensor bias)
        {
            double loss = objective.Loss.ComputeParts(x.mm(weight) + bias, classes).Sum.item<double>();
            return loss + ((weight * scale).square().sum().item<double>() / (2 * Strength));
        }
        double least = Value(probe.Weight, probe.Bias);
        using var generator = new Generator(3);
        for (int i = 0; i < 20; i++)
        {
            Tensor step = rand([size, 3], ScalarType.Float64, generator: generator) - 0.5;
            Assert.IsGreaterThan(least, Value(probe.Weight + (step * 1e-3), probe.Bias));
            Assert.IsGreaterThan(least, Value(probe.Weight, probe.Bias + (step[0] * 1e-3)));
        }
    }

    [TestMethod]
    public void Fit_ConstantFeature_HasNoWeight()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor x, float[][] targets) = Data(30, 4);
        x[.., 2] = 7;
        var objective = new LinearObjective(new ScalarTargetLoss(new MeanSquaredErrorLoss()), true);
        using LinearProbe probe = LinearProbe.Fit(x, targets, 1, objective, Strength, 1e-8);
        Assert.AreEqual(0, probe.Weight[2, 0].item<double>(), 1e-9);
    }

    private static (Tensor X, float[][] Targets) Data(int clips, int size)
    {
        using var generator = new Generator(1);
        Tensor x = randn([clips, size], ScalarType.Float64, generator: generator);
        Tensor y = x.mm(randn([size, 1], ScalarType.Float64, generator: generator)) + 3;
        return (x * 5 + 2, [.. y.squeeze(1).data<double>().Select(v => new[] { (float)v })]);
    }
}
