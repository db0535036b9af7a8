using System.Text.Json;
using SpeechML.TestSupport;
using SpeechML.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Tests.Optimization;

[TestClass]
public sealed class OptimizationGoldenTests
{
    [ClassInitialize]
    public static void Load(TestContext context) => TorchNativeLibrary.EnsureLoaded();

    public static IEnumerable<object?[]> Optimizers() => Names("optimizers.json", j => j.GetProperty("cases"), "name");

    public static IEnumerable<object?[]> Clips() =>
        Names("optimizers.json", j => j.GetProperty("clip").GetProperty("cases"), "key");

    public static IEnumerable<object?[]> Schedules() => Names("schedules.json", j => j.GetProperty("cases"), "name");

    public static IEnumerable<object?[]> Plateaus() =>
        Names("schedules.json", j => j.GetProperty("plateau").GetProperty("cases"), "name");

    public static IEnumerable<object?[]> Stops() => File.Exists(Golden.At("optim", "early_stopping.json"))
        ? Enumerable.Range(0, Golden.Json("optim", "early_stopping.json").GetProperty("cases").GetArrayLength())
            .Select(i => new object?[] { i })
        : [[null]];

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Optimizers))]
    public void Step_Golden_EveryValueAfterEveryStepEqual(string? name)
    {
        JsonElement json = Part("optimizers.json", name), row = Row(json.GetProperty("cases"), "name", name);
        (double relative, double absolute) = Tolerance(json);
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile file = SafetensorsFile.Open(Golden.At("optim", "optim.safetensors"));
        OptimizerGroup[] groups = [.. row.GetProperty("groups").EnumerateArray().Select((g, i) => Group(g, i, file))];
        string kind = row.GetProperty("optimizer").GetString()!;
        ParameterOptimizer? built =
            kind switch
            {
                "AdamW" => new AdamOptimizer(groups),
                "Adam" => new AdamOptimizer(groups, decoupled: false),
                "SGD" => new SgdOptimizer(groups),
                _ => null
            };
        if (built is null)
        {
            Assert.Inconclusive($"Optimizer not built: {kind}");
        }
        using ParameterOptimizer optimizer = built;
        HashSet<int> zeroAt = [.. row.GetProperty("zero_gradient_at_steps").EnumerateArray().Select(v => v.GetInt32())];
        (string Name, Parameter Parameter)[] parameters = [.. groups.SelectMany(g => g.Parameters)];
        for (int t = 0; t < json.GetProperty("steps").GetInt32(); t++)
        {
            foreach ((string parameter, Parameter p) in parameters)
            {
                if (file.Entries.ContainsKey($"gradient.{parameter}") && parameter != "unused")
                {
                    Tensor gradient = file.Read($"gradient.{parameter}")[t].clone();
                    p.grad = zeroAt.Contains(t) ? zeros_like(gradient) : gradient;
                }
            }
            optimizer.Step();
            foreach ((string parameter, Parameter p) in parameters)
            {
                AssertNear(file.Read($"{name}.{parameter}")[t], p.detach(), relative, absolute,
                    $"step {t}, {parameter}");
            }
        }
    }

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Clips))]
    public void Clip_Golden_NormAndGradientsEqual(string? key)
    {
        JsonElement json = Part("optimizers.json", key),
            row = Row(json.GetProperty("clip").GetProperty("cases"), "key", key);
        (double relative, double absolute) = Tolerance(json);
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile file = SafetensorsFile.Open(Golden.At("optim", "optim.safetensors"));
        string[] names = [.. file.Entries.Keys.Where(k => k.StartsWith($"{key}.", StringComparison.Ordinal))
            .Select(k => k[(key!.Length + 1)..]).Where(n => file.Entries.ContainsKey($"start.{n}"))];
        Parameter[] parameters =
            [.. names.Select(n => new Parameter(file.Read($"start.{n}")) { grad =
            file.Read($"gradient.{n}")[0] * (float)row.GetProperty("gradient_scale").GetDouble() })];
        JsonElement type = row.GetProperty("norm_type");
        double order = type.ValueKind == JsonValueKind.String ? double.PositiveInfinity : type.GetDouble();
        double norm = GradientClipping.Clip(parameters, row.GetProperty("max_norm").GetDouble(), order).item<float>();
        double wanted = row.GetProperty("total_norm").GetDouble();
        Assert.IsLessThanOrEqualTo(absolute + (relative * wanted), Math.Abs(norm - wanted));
        for (int i = 0; i < names.Length; i++)
        {
            AssertNear(file.Read($"{key}.{names[i]}"), parameters[i].grad!, relative, absolute, names[i]);
        }
    }

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Schedules))]
    public void RateAt_Golden_EveryRateEqual(string? name)
    {
        JsonElement json = Part("schedules.json", name), row = Row(json.GetProperty("cases"), "name", name);
        LearningRateSchedule schedule = Schedule(row);
        AssertRates(json, row, (t, _) => schedule.RateAt(t));
    }

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Plateaus))]
    public void Report_GoldenPlateau_EveryRateEqual(string? name)
    {
        JsonElement json = Part("schedules.json", name),
            row = Row(json.GetProperty("plateau").GetProperty("cases"), "name", name),
            p = row.GetProperty("parameters");
        double[] metric = [.. row.GetProperty("metric").EnumerateArray().Select(Golden.Number)];
        var plateau = new PlateauSchedule(
            row.GetProperty("lr").GetDouble(), p.GetProperty("factor").GetDouble(),
            p.GetProperty("patience").GetInt32(), row.GetProperty("mode").GetString() == "min",
            p.GetProperty("threshold").GetDouble(), p.GetProperty("threshold_mode").GetString() == "rel",
            p.GetProperty("cooldown").GetInt32(),
            p.GetProperty("min_lr").GetDouble(), p.GetProperty("eps").GetDouble());
        AssertRates(json, row, (t, _) =>
        {
            double rate = plateau.Rate;
            plateau.Report(metric[t]);
            return rate;
        });
    }

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Stops))]
    public void Report_GoldenEarlyStopping_StopsAtTheSameEpoch(int? index)
    {
        if (index is not int at)
        {
            Assert.Inconclusive($"No 'optim/early_stopping.json' in {Golden.Folder}.");
            return;
        }
        JsonElement row = Golden.Json("optim", "early_stopping.json").GetProperty("cases")[at];
        var stopping = new EarlyStopping(
            row.GetProperty("patience").GetInt32(), row.GetProperty("min_delta").GetDouble(),
            row.GetProperty("mode").GetString() == "min");
        double[] values = [.. row.GetProperty("values").EnumerateArray().Select(Golden.Number)];
        int? stop = null;
        for (int epoch = 0; epoch < values.Length && stop is null; epoch++)
        {
            stop = stopping.Report(values[epoch]) ? epoch : null;
        }
        int? Whole(string name) =>
            row.GetProperty(name).ValueKind == JsonValueKind.Null ? null : row.GetProperty(name).GetInt32();
        Assert.AreEqual(Whole("stop_epoch"), stop);
        Assert.AreEqual(Whole("best_epoch"), stopping.State.BestEpoch);
        Assert.AreEqual(row.GetProperty("best_value").ValueKind == JsonValueKind.Null ? (double?)null
            : row.GetProperty("best_value").GetDouble(), stopping.State.BestValue);
    }

    private static OptimizerGroup Group(JsonElement json, int index, SafetensorsFile file)
    {
        double Number(string name) => json.TryGetProperty(name, out JsonElement v) ? v.GetDouble() : 0;
        bool Flag(string name) => json.TryGetProperty(name, out JsonElement v) && v.GetBoolean();
        var group = new OptimizerGroup(
            $"group {index}", [.. json.GetProperty("params").EnumerateArray()
            .Select(p => (p.GetString()!, new Parameter(file.Read($"start.{p.GetString()}"))))])
        {
            LearningRate = Number("lr"),
            WeightDecay = Number("weight_decay"),
            AmsGrad = Flag("amsgrad"),
            Momentum = Number("momentum"),
            Dampening = Number("dampening"),
            Nesterov = Flag("nesterov"),
        };
        if (json.TryGetProperty("betas", out JsonElement betas))
        {
            (group.Beta1, group.Beta2, group.Epsilon) = (betas[0].GetDouble(), betas[1].GetDouble(), Number("eps"));
        }
        return group;
    }

    private static LearningRateSchedule Schedule(JsonElement row)
    {
        double rate = row.GetProperty("lr").GetDouble();
        JsonElement p = row.GetProperty("parameters");
        long Whole(string name) => p.GetProperty(name).GetInt64();
        double Number(string name) => p.GetProperty(name).GetDouble();
        switch (row.GetProperty("kind").GetString())
        {
            case "constant": return LearningRateSchedule.Constant(rate);
            case "constant_warmup": return LearningRateSchedule.Constant(rate, Whole("warmup"));
            case "linear": return LearningRateSchedule.Linear(rate, Whole("warmup"), Whole("total"));
            case "cosine":
                return LearningRateSchedule.Cosine(rate, Whole("warmup"), Whole("total"), Number("cycles"),
                holdEnd: false);
            case "cosine_restarts":
                return LearningRateSchedule.CosineRestarts(rate, Whole("warmup"), Whole("total"),
                Number("cycles"));
            case "polynomial":
                return LearningRateSchedule.Polynomial(rate, Whole("warmup"), Whole("total"),
                Number("end"), Number("power"));
            case "inverse_sqrt":
                return LearningRateSchedule.InverseSquareRoot(rate, Whole("warmup"),
                Whole("timescale"));
            case "cosine_warm_restarts":
                return LearningRateSchedule.CosineWarmRestarts(
                rate, Whole("first_period"), Whole("period_factor"), Number("minimum"));
            case "exponential": return LearningRateSchedule.Exponential(rate, Number("gamma"));
            case "step": return LearningRateSchedule.Step(rate, Whole("every"), Number("gamma"));
            case "one_cycle":
                return LearningRateSchedule.OneCycle(
                    Number("max_lr"), Whole("total_steps"), Number("pct_start"), Number("div_factor"),
                    Number("final_div_factor"),
                    p.GetProperty("anneal_strategy").GetString() == "linear",
                    p.TryGetProperty("three_phase", out JsonElement three) && three.GetBoolean());
            case string kind:
                Assert.Inconclusive($"Schedule not built: {kind}");
                throw new InvalidOperationException();
            default: throw new FormatException("A schedule case has no kind.");
        }
    }

    private static void AssertRates(JsonElement json, JsonElement row, Func<int, double, double> rateAt)
    {
        (double relative, double absolute) = Tolerance(json);
        double[] wanted = [.. row.GetProperty("rates").EnumerateArray().Select(v => v.GetDouble())];
        for (int t = 0; t < wanted.Length; t++)
        {
            double got = rateAt(t, wanted[t]);
            Assert.IsTrue(Math.Abs(got - wanted[t]) <= absolute + (relative * Math.Abs(wanted[t])),
                $"step {t}: want {wanted[t]:R}, got {got:R}");
        }
    }

    private static void AssertNear(Tensor want, Tensor got, double relative, double absolute, string what)
    {
        double[] w = want.to(float64).reshape(-1).data<double>().ToArray(),
            g = got.to(float64).reshape(-1).data<double>().ToArray();
        Assert.HasCount(w.Length, g, what);
        for (int i = 0; i < w.Length; i++)
        {
            Assert.IsTrue(Math.Abs(g[i] - w[i]) <= absolute + (relative * Math.Abs(w[i])),
                $"{what}[{i}]: want {w[i]:R}, got {g[i]:R}");
        }
    }

    private static (double Relative, double Absolute) Tolerance(JsonElement json) =>
        (json.GetProperty("tolerance").GetProperty("relative").GetDouble(),
            json.GetProperty("tolerance").GetProperty("absolute").GetDouble());

    private static IEnumerable<object?[]> Names(string file, Func<JsonElement, JsonElement> cases, string property) =>
        File.Exists(Golden.At("optim", file))
        ? cases(Golden.Json("optim", file)).EnumerateArray()
            .Select(c => new object?[] { c.GetProperty(property).GetString() })
        : [[null]];

    private static JsonElement Part(string file, string? name)
    {
        if (name is null)
        {
            Assert.Inconclusive($"No 'optim/{file}' in {Golden.Folder}.");
        }
        return Golden.Json("optim", file);
    }

    private static JsonElement Row(JsonElement cases, string property, string? name) =>
        cases.EnumerateArray().Single(c => c.GetProperty(property).GetString() == name);
}
