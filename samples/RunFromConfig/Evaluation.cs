using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML;

namespace RunFromConfig;

/// <summary>Judges a model on validation and test data.</summary>
internal static class Evaluation
{
    private static readonly JsonSerializerOptions s_written = new() { WriteIndented = true };

    public static void Write(MLContext mlContext, SpeechTask task, ITransformer model, SpeechDataSplit split, string label, string file)
    {
        var result = new JsonObject { ["task"] = task.ToString(), ["split"] = split.Split.Name };
        foreach ((string part, IDataView data) in new[] { ("validation", split.Validation), ("test", split.Test) })
        {
            long clips = data.GetRowCount() ?? data.GetColumn<string>(data.Schema[0].Name).LongCount();
            if (clips > 0)
            {
                JsonObject figures = Judge(mlContext, task, model.Transform(data), label);
                figures.Insert(0, "clips", clips);
                result[part] = figures;
                Console.WriteLine($"{part}: {figures.ToJsonString()}");
            }
        }
        File.WriteAllText(file, result.ToJsonString(s_written) + "\n");
    }

    private static JsonObject Judge(MLContext mlContext, SpeechTask task, IDataView scored, string label)
    {
        switch (task)
        {
            case SpeechTask.MultiLabel:
                MultiLabelMetrics labels = mlContext.Speech().EvaluateMultiLabel(scored, label);
                return new JsonObject
                {
                    ["macroRocAuc"] = labels.RocAuc.Macro.Value,
                    ["macroBalancedAccuracy"] = labels.BalancedAccuracy.Macro.Value,
                    ["macroF1"] = labels.F1.Macro.Value,
                    ["rocAuc"] = new JsonObject(labels.LabelNames.Select((n, j) => KeyValuePair.Create(n, (JsonNode?)labels.RocAuc.PerLabel[j].Value))),
                };
            case SpeechTask.Binary:
                var binary = mlContext.BinaryClassification.Evaluate(scored, label);
                return Figures(("accuracy", binary.Accuracy), ("rocAuc", binary.AreaUnderRocCurve), ("f1", binary.F1Score), ("logLoss", binary.LogLoss));
            case SpeechTask.Regression:
                var number = mlContext.Regression.Evaluate(scored, label);
                return Figures(("meanAbsoluteError", number.MeanAbsoluteError), ("rootMeanSquaredError", number.RootMeanSquaredError), ("rSquared", number.RSquared));
            default:
                var classes = mlContext.MulticlassClassification.Evaluate(scored, label);
                return Figures(("accuracy", classes.MicroAccuracy), ("balancedAccuracy", classes.MacroAccuracy), ("logLoss", classes.LogLoss));
        }
    }

    // An undefined figure is null: JSON has no NaN.
    private static JsonObject Figures(params (string Name, double Value)[] figures) =>
        new(figures.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)(double.IsFinite(f.Value) ? f.Value : null))));
}
