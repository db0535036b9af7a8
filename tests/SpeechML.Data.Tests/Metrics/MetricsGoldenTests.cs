using System.Text.Json;
using System.Text.Json.Serialization;
using SpeechML.Data.Evaluation.Calibration;
using SpeechML.Data.Evaluation.Resampling;
using SpeechML.TestSupport;

namespace SpeechML.Data.Tests.Metrics;

[TestClass]
public sealed class MetricsGoldenTests
{
    // Property names in snake case are the names of the reference; an undefined value is null.
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static IEnumerable<object?[]> Cases() => File.Exists(Golden.At("metrics", "metrics.json"))
        ? Rows().Select(c => new object?[] { c.GetProperty("name").GetString() })
        : [[null]];

    [TestMethod]
    [TestCategory("Golden")]
    [DynamicData(nameof(Cases))]
    public void Evaluate_Golden_ValuesOrErrorEqual(string? name)
    {
        if (name is null)
        {
            Assert.Inconclusive($"No part 'metrics' in {Golden.Folder}.");
        }
        JsonElement row = Rows().Single(c => c.GetProperty("name").GetString() == name);
        if (row.TryGetProperty("error", out JsonElement error))
        {
            string message = Assert.ThrowsExactly<ArgumentException>(() => Compute(row)).Message;
            Assert.StartsWith(error.GetString()!, message, StringComparison.OrdinalIgnoreCase);
            if (row.TryGetProperty("row", out JsonElement number))
            {
                Assert.Contains($"row {number.GetInt32()}:", message);
            }
            return;
        }
        // 1e-9 as the file says; where the definition iterates the file allows 1e-4, and 1e-6 is held.
        double relative = Math.Min(1e-6, row.GetProperty("relative").GetDouble()),
            absolute = Math.Min(1e-6, row.GetProperty("absolute").GetDouble());
        Dictionary<string, JsonElement> got = Flatten(Compute(row));
        foreach ((string key, JsonElement want) in Flatten(row.GetProperty("expected")))
        {
            Assert.IsTrue(got.TryGetValue(key, out JsonElement value),
                $"{key} is not computed; there are {string.Join(", ", got.Keys)}");
            AssertNear(key, want, value, relative, absolute);
        }
    }

    private static JsonElement Compute(JsonElement row)
    {
        JsonElement inputs = row.GetProperty("inputs");
        double[] Vector(string name) => [.. inputs.GetProperty(name).EnumerateArray().Select(Golden.Number)];
        int[] Integers(string name) => [.. inputs.GetProperty(name).EnumerateArray().Select(v => v.GetInt32())];
        double[][] Matrix(string name) =>
            [.. inputs.GetProperty(name).EnumerateArray()
            .Select(r => r.EnumerateArray().Select(Golden.Number).ToArray())];
        object result;
        switch (row.GetProperty("task").GetString())
        {
            case "binary": result = GoldenMetrics.Binary(Integers("y"), Vector("s")); break;
            case "multiclass": result = GoldenMetrics.Multiclass(Integers("y"), Matrix("p")); break;
            case "multilabel": result = MultiLabelMetrics.Evaluate(Matrix("y"), Matrix("s")); break;
            case "ordinal":
                result =
                OrdinalMetrics.Evaluate(Integers("y"), Integers("x"), inputs.GetProperty("k").GetInt32()); break;
            case "regression": result = SpeechRegressionMetrics.Evaluate(Vector("y"), Vector("x")); break;
            case "temperature": result = TemperatureScaling.Fit(Matrix("logits"), Integers("y")); break;
            case "platt":
                PlattScaling platt = PlattScaling.Fit(Vector("f"), Integers("y"));
                result = new { platt.A, platt.B, Probabilities = Vector("f").Select(platt.Apply) };
                break;
            case "isotonic":
                IsotonicCalibration isotonic = IsotonicCalibration.Fit(Vector("f"), Vector("y"));
                result = new { Predicted = Vector("query").Select(isotonic.Apply) };
                break;
            case "bootstrap":
                string[] subjects = [.. inputs.GetProperty("subjects").EnumerateArray().Select(s => s.GetString()!)];
                int[][] draws = [.. inputs.GetProperty("draws").EnumerateArray()
                    .Select(d => d.EnumerateArray().Select(v => v.GetInt32()).ToArray())];
                result = Bootstrap(
                    subjects, Metric(inputs.GetProperty("metric").GetString()!, Vector("y"), Vector("s")), draws);
                break;
            case string task:
                Assert.Inconclusive($"Metric task not built: {task}");
                throw new InvalidOperationException();
            default: throw new FormatException("A metric case has no task.");
        }
        return JsonSerializer.SerializeToElement(result, s_json);
    }

    private static WeightedMetric Metric(string metric, double[] y, double[] s)
    {
        EvaluatedClips Label() => EvaluatedClips.Binary([.. y.Select(v => v == 1)], s);
        switch (metric)
        {
            case "roc_auc": return SpeechMetrics.RocAuc.Prepare(Label());
            case "balanced_accuracy": return SpeechMetrics.BalancedAccuracy.Prepare(Label());
            case "brier": return SpeechMetrics.Brier.Prepare(Label());
            case "spearman": return SpeechMetrics.Spearman.Prepare(EvaluatedClips.Regression(y, s));
            default:
                Assert.Inconclusive($"Resampled metric not built: {metric}");
                throw new InvalidOperationException();
        }
    }

    private static object Bootstrap(string[] subjects, WeightedMetric metric, int[][] draws)
    {
        ResampledStatistic statistic = SubjectResampling.Run(new SubjectIndex(subjects), [metric], draws)[0];
        double[] sorted = statistic.Sorted();
        return new
        {
            statistic.Estimate,
            statistic.Values,
            Low = ResampledStatistic.Percentile(sorted, 0.025),
            High = ResampledStatistic.Percentile(sorted, 0.975),
            UndefinedResamples = statistic.Values.Count(v => v.Value is null),
        };
    }

    private static void AssertNear(string what, JsonElement want, JsonElement got, double relative, double absolute)
    {
        switch (want.ValueKind)
        {
            case JsonValueKind.Array:
                Assert.AreEqual(want.GetArrayLength(), got.GetArrayLength(), what);
                for (int i = 0; i < want.GetArrayLength(); i++)
                {
                    AssertNear($"{what}[{i}]", want[i], got[i], relative, absolute);
                }
                break;
            case JsonValueKind.True or JsonValueKind.False:
                Assert.AreEqual(want.ValueKind, got.ValueKind, what);
                break;
            case JsonValueKind.String when want.GetString() == "undefined":
                Assert.AreEqual(JsonValueKind.Null, got.ValueKind, $"{what}: want undefined, got {got}");
                break;
            default:
                Assert.AreNotEqual(JsonValueKind.Null, got.ValueKind, $"{what}: want {want}, got undefined");
                double w = Golden.Number(want), g = Golden.Number(got);
                Assert.IsTrue(w.Equals(g) || Math.Abs(g - w) <= absolute + (relative * Math.Abs(w)),
                    $"{what}: want {w:R}, got {g:R}");
                break;
        }
    }

    private static Dictionary<string, JsonElement> Flatten(JsonElement element)
    {
        var flat = new Dictionary<string, JsonElement>();
        foreach (JsonProperty p in element.EnumerateObject())
        {
            if (p.Value.ValueKind == JsonValueKind.Object)
            {
                foreach ((string key, JsonElement value) in Flatten(p.Value))
                {
                    flat[$"{p.Name}_{key}"] = value;
                }
            }
            else
            {
                flat[p.Name] = p.Value;
            }
        }
        return flat;
    }

    private static List<JsonElement> Rows() =>
        [.. Golden.Json("metrics", "metrics.json").GetProperty("cases").EnumerateArray()];
}
