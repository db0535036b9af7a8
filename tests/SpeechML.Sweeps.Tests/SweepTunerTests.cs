using SpeechML.Audio.Common;
using SpeechML.Sweeps.Tuners;
using static SpeechML.SweepParameter;

namespace SpeechML.Sweeps.Tests;

/// <summary>Tuners on functions of the literature, each with a switch on which some of the parameters depend.</summary>
[TestClass]
public sealed class SweepTunerTests
{
    private const int Trials = 50;
    private const int Seeds = 20;
    private const int FewSeeds = 4;

    private static readonly Dictionary<string,
        (SweepParameter[] Parameters, Func<IReadOnlyDictionary<string, object>, double> Value)> s_functions = new()
        {
            // Branin, or a paraboloid that is worse everywhere.
            ["branin"] = (
            [Switch("kind", "branin", "bowl"), Range("x", -5.0, 10.0).OnlyWhen("kind", "branin"),
            Range("y", 0.0, 15.0).OnlyWhen("kind", "branin"), Range("z", -5.0, 5.0).OnlyWhen("kind", "bowl")],
            p => (string)p["kind"] == "branin" ? Branin(D(p, "x"), D(p, "y")) : 5 + Math.Pow(D(p, "z") - 1, 2)),
            // Rates on log scales, a momentum for one of three optimizers.
            ["rates"] = (
            [
                Range("encoder", 1e-7, 1e-2, true), Range("head", 1e-5, 1.0, true),
                Switch("optimizer", "sgd", "adam", "adagrad"),
                Range("momentum", 0.0, 1.0).OnlyWhen("optimizer", "sgd"),
                Range("beta", 0.5, 1.0).OnlyWhen("optimizer", "adam"),
            ],
            p => Math.Pow(Math.Log10(D(p, "encoder") / 2e-5), 2) + Math.Pow(Math.Log10(D(p, "head") / 3e-3), 2)
                + ((string)p["optimizer"] switch
                {
                    "sgd" => 0.5 + Math.Pow(D(p, "momentum") - 0.9, 2),
                    "adam" => 4 * Math.Pow(D(p, "beta") - 0.9, 2),
                    _ => 1
                })),
            // Hartmann in six dimensions, two of which exist in one branch only.
            ["hartmann"] = (
            [
                .. Enumerable.Range(0, 4).Select(i => Range($"x{i}", 0.0, 1.0)), Switch("all", "yes", "no"),
                .. Enumerable.Range(4, 2).Select(i => Range($"x{i}", 0.0, 1.0).OnlyWhen("all", "yes")),
            ],
            p => Hartmann([.. Enumerable.Range(0, 6)
            .Select(i => p.TryGetValue($"x{i}", out object? x) ? (double)x : 0.9)])),
            // Ackley over whole numbers, as many as a depth says.
            ["ackley"] = (
            [Range("depth", 1, 4), .. Enumerable.Range(0, 4)
            .Select(i => Range($"n{i}", -10, 10).OnlyWhenAbove("depth", i))],
            p => Ackley([.. Enumerable.Range(0, (int)p["depth"]).Select(i => (int)p[$"n{i}"] - 3.0)]) +
            (4 - (int)p["depth"])),
            // Styblinski and Tang, in one of four boxes.
            ["styblinski"] = (
            [Choice("box", 0, 1, 2, 3), .. Enumerable.Range(0, 3).Select(i => Range($"x{i}", -5.0, 5.0)),
            Range("shift", -5.0, 5.0).OnlyWhen("box", 2)],
            p => Enumerable.Range(0, 3)
            .Sum(i => Styblinski(D(p, $"x{i}"))) + ((int)p["box"] == 2 ? Styblinski(D(p, "shift")) : -10)),
        };

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void Tpe_FiveFunctionsWithConditions_BeatsRandomOnFour() => AssertBetterThanRandom(FewSeeds);

    [TestMethod]
    [TestCategory("Slow")]
    public void Tpe_FiveFunctionsAndManySeeds_BeatsRandomOnFour() => AssertBetterThanRandom(Seeds);

    private void AssertBetterThanRandom(int seeds)
    {
        int better = 0;
        foreach ((string name, (
            SweepParameter[] parameters, Func<IReadOnlyDictionary<string, object>, double> value)) in s_functions)
        {
            double tpe = Median(SweepTuner.Tpe(), parameters, value, seeds);
            double random = Median(SweepTuner.Random(), parameters, value, seeds);
            TestContext.WriteLine(FormattableString.Invariant($"{name}: TPE {tpe:F4}, random {random:F4}"));
            better += tpe < random ? 1 : 0;
        }
        Assert.IsGreaterThanOrEqualTo(4, better);
    }

    [TestMethod]
    public void Suggest_SameSeedAndHistory_SamePoint()
    {
        (SweepParameter[] parameters, Func<IReadOnlyDictionary<string, object>, double> value) = s_functions["rates"];
        foreach (SweepTuner tuner in new[] { SweepTuner.Tpe(), SweepTuner.Random(), SweepTuner.Grid(3) })
        {
            string[] first = [.. Run(tuner, parameters, value, 1, 20).Select(o => o.Point.ToString())];
            CollectionAssert.AreEqual(
                first, Run(tuner, parameters, value, 1, 20).Select(o => o.Point.ToString()).ToArray());
            CollectionAssert.AreNotEqual(
                first, Run(tuner, parameters, value, 2, 20).Select(o => o.Point.ToString()).ToArray());
        }
    }

    [TestMethod]
    public void Suggest_FailedTrials_AreAvoided()
    {
        // The upper half of the range fails.
        var space = new ParameterSpace([Range("x", 0.0, 1.0)]);
        var history = new List<TunerObservation>();
        for (int trial = 0; trial < 60; trial++)
        {
            SweepPoint point = SweepTuner.Tpe().Suggest(space, history, trial, 1)!;
            bool fails = point["x"] > 0.5;
            history.Add(new TunerObservation(
                point, fails ? SweepTrialState.Failed : SweepTrialState.Finished,
                fails ? double.NaN : Math.Abs(point["x"] - 0.2), 1));
        }
        Assert.IsLessThan(8, history.TakeLast(40).Count(o => o.State == SweepTrialState.Failed));
        Assert.IsLessThan(0.01, history.Where(o => o.State == SweepTrialState.Finished).Min(o => o.Loss));
    }

    [TestMethod]
    public void LogDensity_SumsToOneOverAllPoints()
    {
        // Whole numbers and choices can be added up; what takes no part in a point adds nothing.
        var space = new ParameterSpace(
            [Choice("c", "a", "b", "d"), Range("n", 1, 5, true).OnlyWhen("c", "a", "b"),
            Range("m", -2, 2).OnlyWhen("c", "d")]);
        List<SweepPoint> all = SweepSpaceTests.Points(SweepTuner.Grid(5), space);
        Assert.HasCount((2 * 5) + 5, all);
        var estimator = new ParzenEstimator(space, [all[3], all[8], all[8], all[14]], [1, 0.5, 1, 1]);
        Assert.AreEqual(1, all.Sum(p => Math.Exp(estimator.LogDensity(p))), 1e-6);

        var random = new SeededRandom(1);
        Dictionary<string, int> drawn = Enumerable.Range(0, 20_000).Select(_ => estimator.Draw(random).ToString())
            .CountBy(t => t).ToDictionary();
        foreach (SweepPoint point in all)
        {
            double expected = 20_000 * Math.Exp(estimator.LogDensity(point));
            Assert.AreEqual(expected, drawn.GetValueOrDefault(point.ToString()), 5 * Math.Sqrt(expected) + 1,
                point.ToString());
        }
    }

    private static double Median(
        SweepTuner tuner, SweepParameter[] parameters, Func<IReadOnlyDictionary<string, object>, double> value,
        int seeds)
    {
        double[] best = [.. Enumerable.Range(0, seeds)
            .Select(seed => Run(tuner, parameters, value, seed, Trials).Min(o => o.Loss)).Order()];
        return (best[(seeds / 2) - 1] + best[seeds / 2]) / 2;
    }

    private static List<TunerObservation> Run(
        SweepTuner tuner, SweepParameter[] parameters, Func<IReadOnlyDictionary<string, object>, double> value,
        int seed, int trials)
    {
        var space = new ParameterSpace(parameters);
        var history = new List<TunerObservation>();
        while (history.Count < trials && tuner.Suggest(space, history, history.Count, seed) is { } point)
        {
            var values = space.Parameters.Where(p => point.Has(p.Name))
                .ToDictionary(p => p.Name, p => p.ValueOf(point[p.Name]));
            history.Add(new TunerObservation(point, SweepTrialState.Finished, value(values), 1));
        }
        return history;
    }

    private static double D(IReadOnlyDictionary<string, object> values, string name) => (double)values[name];

    private static double Branin(double x, double y) =>
        Math.Pow(y - (5.1 / (4 * Math.PI * Math.PI) * x * x) + (5 / Math.PI * x) - 6, 2) +
            (10 * (1 - (1 / (8 * Math.PI))) * Math.Cos(x)) + 10;

    private static double Styblinski(double x) => (Math.Pow(x, 4) - (16 * x * x) + (5 * x)) / 2;

    private static double Ackley(double[] x) =>
        (-20 * Math.Exp(-0.2 * Math.Sqrt(x.Average(v => v * v)))) -
            Math.Exp(x.Average(v => Math.Cos(2 * Math.PI * v))) + 20 + Math.E;

    private static double Hartmann(double[] x)
    {
        double[] alpha = [1, 1.2, 3, 3.2];
        double[][] a = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8],
            [17, 8, 0.05, 10, 0.1, 14]];
        double[][] p =
        [
            [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886], [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
            [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650], [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
        ];
        return -Enumerable.Range(0, 4)
            .Sum(i => alpha[i] * Math.Exp(-Enumerable.Range(0, 6).Sum(j => a[i][j] * Math.Pow(x[j] - p[i][j], 2))));
    }
}
