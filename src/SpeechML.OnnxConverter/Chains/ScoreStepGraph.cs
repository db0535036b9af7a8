using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using SpeechML.Data.Evaluation.Calibration;
using SpeechML.Data.Onnx;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Chains;

/// <summary>The small transformers behind a model: calibrations and thresholds.</summary>
internal static class ScoreStepGraph
{
    /// <summary>Whether a step can be added.</summary>
    public static bool Takes(ITransformer step) =>
        step is ProbabilityCalibrationTransformer or ProbabilityTemperatureTransformer or ThresholdTransformer
            or CalibratorTransformer<PlattCalibrator>;

    /// <summary>Adds a step.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="step">The transformer.</param>
    /// <param name="columns">The columns before it, which it adds to.</param>
    /// <exception cref="NotSupportedException">A step that cannot be converted.</exception>
    public static void Add(GraphBuilder graph, ITransformer step, Dictionary<string, ColumnValue> columns)
    {
        using IDisposable scope = graph.Scope(OnnxParts.Output);
        switch (step)
        {
            case ProbabilityCalibrationTransformer calibration:
                Calibrate(graph, calibration, columns);
                break;
            case ProbabilityTemperatureTransformer temperature:
                Temper(graph, temperature, columns);
                break;
            case ThresholdTransformer threshold:
                Decide(graph, threshold, columns);
                break;
            case CalibratorTransformer<PlattCalibrator> platt:
                Platt(graph, platt, columns);
                break;
            default:
                throw Refused(step);
        }
    }

    public static NotSupportedException Refused(ITransformer step) => new(
        $"ONNX converter: expected a speech model or featuriser, and behind it calibrations, thresholds and " +
        $"MapKeyToValue, got {step.GetType().Name}. mlContext.Model.ConvertToOnnx writes chains with ML.NET's own " +
        "transformers.");

    private static void Calibrate(
        GraphBuilder graph, ProbabilityCalibrationTransformer step, Dictionary<string, ColumnValue> columns)
    {
        (string scores, string probabilities, string predicted) = step.Columns;
        string values = TaskGraph.Double(graph, columns[scores].Value);
        int count = step.Labels.Count;
        string calibrated = graph.Concat(1, [.. step.Labels.Select((label, i) =>
        {
            string own = graph.Slice(values, 1, i, i + 1);
            return label switch
            {
                PlattCalibration { Scaling: var s } => Sigmoid(graph, own, s.A, s.B),
                StepCalibration { Function: var steps } => Steps(graph, own, steps),
                _ => throw new NotSupportedException(
                    $"ONNX converter: expected a sigmoid or steps, got {label.GetType().Name}."),
            };
        })]);
        columns[probabilities] = TaskGraph.Single(graph, calibrated, count);
        columns[predicted] = TaskGraph.AtLeast(
            graph, columns[probabilities].Value, graph.Constant(0.5f), count);
    }

    private static string Sigmoid(GraphBuilder graph, string score, double a, double b) => graph.SigmoidDouble(
        graph.Op("Neg", graph.Add(graph.Mul(score, graph.Constant(a)), graph.Constant(b))));

    // Between knots a straight line: the first value, and for each interval as much of its rise as was passed.
    private static string Steps(GraphBuilder graph, string score, IsotonicCalibration steps)
    {
        int intervals = steps.Scores.Count - 1;
        string first = graph.Constant(steps.Values[0]);
        if (intervals == 0)
        {
            return graph.Add(graph.Mul(score, graph.Constant(0.0)), first);
        }
        string Row(Func<int, double> value) => graph.Constant(
            ElementType.Double, (double[])[.. Enumerable.Range(0, intervals).Select(value)], 1, intervals);
        string share = graph.Div(
            graph.Sub(score, Row(i => steps.Scores[i])), Row(i => steps.Scores[i + 1] - steps.Scores[i]));
        share = graph.Where(graph.Less(share, graph.Constant(0.0)), graph.Constant(0.0), share);
        share = graph.Where(graph.Less(share, graph.Constant(1.0)), share, graph.Constant(1.0));
        string rises = graph.Mul(share, Row(i => steps.Values[i + 1] - steps.Values[i]));
        return graph.Add(graph.Sum(rises, true, 1), first);
    }

    private static void Temper(
        GraphBuilder graph, ProbabilityTemperatureTransformer step, Dictionary<string, ColumnValue> columns)
    {
        ColumnValue before = columns[step.ScoreColumn];
        string probability = TaskGraph.Double(graph, before.Value);
        string least = graph.Constant((double)float.Epsilon);
        string floored = graph.Where(graph.Less(probability, least), least, probability);
        string logits = graph.Div(graph.Op("Log", floored), graph.Constant(step.Temperature));
        columns[step.ScoreColumn] = TaskGraph.Single(graph, graph.SoftmaxDouble(logits), before.Size);
    }

    private static void Decide(
        GraphBuilder graph, ThresholdTransformer step, Dictionary<string, ColumnValue> columns)
    {
        (string probability, string predicted, string score) = step.Columns;
        string values = TaskGraph.Double(graph, columns[probability].Value);
        double[] thresholds = [.. step.Thresholds];
        string limits = graph.Constant(ElementType.Double, thresholds, 1, thresholds.Length);
        columns[predicted] = TaskGraph.AtLeast(graph, values, limits, thresholds.Length);
        if (score.Length > 0)
        {
            string difference = graph.Sub(values, limits);
            string above = graph.Cast(difference, ElementType.Float);
            columns[score] = new ColumnValue(
                graph.Where(graph.Op("Equal", values, limits), graph.Constant(float.Epsilon), above),
                ElementType.Float, 1);
        }
    }

    private static void Platt(
        GraphBuilder graph, CalibratorTransformer<PlattCalibrator> step, Dictionary<string, ColumnValue> columns)
    {
        PlattCalibrator calibrator = ((IPredictionTransformer<PlattCalibrator>)step).Model;
        string score = TaskGraph.Double(graph, columns[ScoreColumn(step)].Value);
        columns[DefaultColumnNames.Probability] = TaskGraph.Single(
            graph, Sigmoid(graph, score, calibrator.Slope, calibrator.Offset), 1);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_scoreColumnName")]
    private static extern ref string ScoreColumn(CalibratorTransformer<PlattCalibrator> step);
}
