using SpeechML.Training.Optimization;
using SpeechML.TrainingSupport;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Tests.Optimization;

[TestClass]
public sealed class OptimizerTests
{
    [ClassInitialize]
    public static void Load(TestContext context) => TorchNativeLibrary.EnsureLoaded();

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Step_SinglePassKernel_EqualsTensorOperations(bool decoupled)
    {
        // more than two blocks and a tail that fills no vector; float64 takes the tensor operations
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(3);
        Tensor start = randn(150_003, generator: generator);
        Parameter single = new(start.clone()), wide = new(start.to(float64));
        using AdamOptimizer fast = new([Group(single)], decoupled), slow = new([Group(wide)], decoupled);
        for (int t = 0; t < 5; t++)
        {
            Tensor gradient = randn(150_003, generator: generator);
            (single.grad, wide.grad) = (gradient, gradient.to(float64));
            fast.Step();
            slow.Step();
        }
        Assert.AreEqual(0.0, (single.to(float64) - wide).abs().max().item<double>(), 2e-6);

        static OptimizerGroup Group(Parameter p) => new("all", [("w", p)]) { LearningRate = 0.01, WeightDecay = 0.1 };
    }

    [TestMethod]
    [DataRow("adamw")]
    [DataRow("amsgrad")]
    [DataRow("sgd")]
    public void LoadState_SavedAfterSteps_ContinuesToTheBit(string kind)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] gradients = [.. Enumerable.Range(0, 6).Select(_ => randn(7))];
        Parameter whole = new(ones(7)), first = new(ones(7));
        using ParameterOptimizer uninterrupted = Create(kind, whole), begun = Create(kind, first);
        for (int t = 0; t < 6; t++)
        {
            whole.grad = gradients[t];
            uninterrupted.Step();
            if (t < 3)
            {
                first.grad = gradients[t];
                begun.Step();
            }
        }
        Parameter second = new(first.detach().clone());
        using ParameterOptimizer resumed = Create(kind, second);
        resumed.LoadState(begun.State.ToDictionary(s => s.Key, s => s.Value.clone()));
        for (int t = 3; t < 6; t++)
        {
            second.grad = gradients[t];
            resumed.Step();
        }
        CollectionAssert.AreEqual(whole.bytes.ToArray(), second.bytes.ToArray());
    }

    [TestMethod]
    public void LoadState_OfAnotherModel_NamesTheEntry()
    {
        using DisposeScope scope = NewDisposeScope();
        using ParameterOptimizer optimizer = Create("adamw", new Parameter(ones(7)));
        Assert.AreEqual(
            "Optimizer state 'v.exp_avg' belongs to no parameter in training. (Parameter 'state')",
            Assert.ThrowsExactly<ArgumentException>(() =>
            optimizer.LoadState(new Dictionary<string, Tensor> { ["v.exp_avg"] = ones(7) })).Message);
        Assert.AreEqual(
            "Optimizer state 'w.exp_avg': expected shape (7), got (6). (Parameter 'state')",
            Assert.ThrowsExactly<ArgumentException>(() =>
            optimizer.LoadState(new Dictionary<string, Tensor> { ["w.exp_avg"] = ones(6) })).Message);
    }

    [TestMethod]
    public void Step_ManyTimes_LeavesNoTensors()
    {
        using DisposeScope scope = NewDisposeScope();
        var parameter = new Parameter(ones(7));
        using ParameterOptimizer optimizer = Create("amsgrad", parameter);
        parameter.grad = ones(7);
        optimizer.Step();
        long before = LiveTensors.Count();
        for (int t = 0; t < 10; t++)
        {
            optimizer.Step();
            using Tensor norm = GradientClipping.Clip([parameter], 1);
        }
        Assert.AreEqual(before, LiveTensors.Count());
        optimizer.ClearGradients();
        Assert.IsNull(parameter.grad);
    }

    [TestMethod]
    public void Create_ParameterInTwoGroups_IsRefused()
    {
        using DisposeScope scope = NewDisposeScope();
        var parameter = new Parameter(ones(7));
        OptimizerGroup Group(string name) => new(name, [("w", parameter)]);
        Assert.AreEqual(
            "Optimizer expected every parameter in one group, got 'w' twice. (Parameter 'groups')",
            Assert.ThrowsExactly<ArgumentException>(() => new AdamOptimizer([Group("a"), Group("b")])).Message);
    }

    [TestMethod]
    public void Clip_NaNGradient_SaysSoAndChangesNothing()
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter bad = new(ones(2)) { grad = tensor(new[] { float.NaN, 1f }) },
            good = new(ones(1)) { grad = tensor(new[] { 5f }) };
        Assert.IsTrue(GradientClipping.Clip([bad, good], 1).isnan().ToBoolean());
        Assert.AreEqual(5f, good.grad!.item<float>());
    }

    [TestMethod]
    public void ExponentialTo_EndRate_IsReachedAtTheEnd()
    {
        LearningRateSchedule schedule = LearningRateSchedule.ExponentialTo(1e-3, 1e-5, 40);
        Assert.AreEqual(1e-3, schedule.RateAt(0), 1e-15);
        Assert.AreEqual(1e-4, schedule.RateAt(20), 1e-12);
        Assert.AreEqual(1e-5, schedule.RateAt(40), 1e-15);
    }

    [TestMethod]
    public void Cosine_AfterTheEnd_StaysThere() =>
        Assert.AreEqual(0, LearningRateSchedule.Cosine(1, 0, 10).RateAt(15), 1e-15);

    private static ParameterOptimizer Create(string kind, Parameter parameter)
    {
        var group = new OptimizerGroup("all", [("w", parameter)])
        {
            LearningRate = 0.01,
            WeightDecay = 0.1,
            AmsGrad = kind == "amsgrad",
            Momentum = 0.9,
            Nesterov = true
        };
        return kind == "sgd" ? new SgdOptimizer([group]) : new AdamOptimizer([group]);
    }
}
