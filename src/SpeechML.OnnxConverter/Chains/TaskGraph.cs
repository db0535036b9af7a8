using SpeechML.Data.Onnx;
using SpeechML.Model;
using SpeechML.OnnxConverter.Graph;
using SpeechML.Training.Losses;

namespace SpeechML.OnnxConverter.Chains;

/// <summary>From a head's outputs to the columns of a task, in double as the transformers do it.</summary>
internal static class TaskGraph
{
    /// <param name="graph">The graph.</param>
    /// <param name="step">The transformer.</param>
    /// <param name="logits">(batch, outputs).</param>
    /// <param name="columns">The names of its columns, in the order in which it makes them.</param>
    public static Dictionary<string, ColumnValue> Build(
        GraphBuilder graph, SpeechScoringTransformer step, string logits, IReadOnlyList<string> columns)
    {
        SpeechModel model = step.Model;
        long size = model.Facts.Outputs;
        ColumnValue score = new(logits, ElementType.Float, size);
        using IDisposable scope = graph.Scope(OnnxParts.Output);
        switch (step)
        {
            case SpeechClassificationTransformer when model.Ordinal is { } objective:
                (ColumnValue level, ColumnValue shares) = Ordinal(graph, model, objective, logits);
                return new() { [columns[0]] = level, [columns[1]] = shares };
            case SpeechClassificationTransformer:
                string best = graph.Op("ArgMax", [logits], ("axis", 1L), ("keepdims", 1L));
                return new()
                {
                    [columns[0]] = Key(graph, best),
                    [columns[1]] = Single(graph, graph.SoftmaxDouble(Double(graph, logits)), size),
                };
            case SpeechBinaryTransformer or SpeechMultiLabelTransformer:
                return new()
                {
                    [columns[0]] = score,
                    [columns[1]] = Single(graph, graph.SigmoidDouble(Double(graph, logits)), size),
                    [columns[2]] = AtLeast(graph, logits, graph.Constant(0f), size),
                };
            case SpeechRegressionTransformer:
                return new() { [columns[0]] = score };
            default:
                throw new NotSupportedException(
                    $"ONNX converter: expected a classifier, a regression or a featuriser, got {step.GetType().Name}.");
        }
    }

    /// <summary>A double as float32.</summary>
    public static ColumnValue Single(GraphBuilder graph, string value, long size) =>
        new(graph.Cast(value, ElementType.Float), ElementType.Float, size);

    public static string Double(GraphBuilder graph, string value) => graph.Cast(value, ElementType.Double);

    public static ColumnValue AtLeast(GraphBuilder graph, string value, string limit, long size) =>
        new(graph.Not(graph.Less(value, limit)), ElementType.Boolean, size);

    // Keys count from 1.
    private static ColumnValue Key(GraphBuilder graph, string index) => new(
        graph.Cast(graph.Add(index, graph.Constant(1L)), ElementType.UInt32), ElementType.UInt32, 1);

    private static (ColumnValue Level, ColumnValue Shares) Ordinal(
        GraphBuilder graph, SpeechModel model, OrdinalObjective objective, string logits)
    {
        string outputs = Double(graph, logits);
        string above = objective switch
        {
            CoralLoss => graph.SigmoidDouble(outputs),
            CornLoss => Products(graph, graph.SigmoidDouble(outputs), model.Facts.Outputs),
            EarthMoversLoss => graph.Sub(graph.Constant(1.0), Sums(graph, outputs, model.Facts.Outputs)),
            _ => throw new NotSupportedException(
                $"ONNX converter: expected an ordinal loss of SpeechML ({OrdinalLoss.Coral}, {OrdinalLoss.Corn}, " +
                $"{OrdinalLoss.EarthMovers}), got '{model.Facts.Ordinal}'."),
        };
        string passed = graph.Cast(graph.Less(graph.Constant(0.5), above), ElementType.Int64);
        string level = graph.Sum(passed, true, 1);
        // P(class) is the difference of neighbouring levels; what rounding makes negative is none.
        string one = graph.Add(graph.Mul(graph.Slice(above, 1, 0, 1), graph.Constant(0.0)), graph.Constant(1.0));
        string none = graph.Mul(one, graph.Constant(0.0));
        string shares = graph.Sub(graph.Concat(1, one, above), graph.Concat(1, above, none));
        shares = graph.Where(graph.Less(shares, graph.Constant(0.0)), graph.Constant(0.0), shares);
        string proper = graph.Div(shares, graph.Sum(shares, true, 1));
        return (Key(graph, level), Single(graph, proper, model.Facts.Labels!.Values.Length));
    }

    private static string Products(GraphBuilder graph, string shares, int count)
    {
        var levels = new List<string> { graph.Slice(shares, 1, 0, 1) };
        for (int level = 1; level < count; level++)
        {
            levels.Add(graph.Mul(levels[^1], graph.Slice(shares, 1, level, level + 1)));
        }
        return graph.Concat(1, [.. levels]);
    }

    private static string Sums(GraphBuilder graph, string outputs, int count)
    {
        string shares = graph.SoftmaxDouble(outputs);
        var levels = new List<string> { graph.Slice(shares, 1, 0, 1) };
        for (int level = 1; level < count - 1; level++)
        {
            levels.Add(graph.Add(levels[^1], graph.Slice(shares, 1, level, level + 1)));
        }
        return graph.Concat(1, [.. levels]);
    }
}
