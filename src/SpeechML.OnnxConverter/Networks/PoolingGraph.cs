using SpeechML.Data.Onnx;
using SpeechML.Model.Pooling;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Networks;

/// <summary>(batch, frames, size) to (batch, outputs), frames behind a clip's own left out.</summary>
internal static class PoolingGraph
{
    private const string Prefix = "pooling.";

    /// <summary>What a pooling is, for windows of a recording.</summary>
    /// <exception cref="NotSupportedException">A pooling of the user's own, or a speaker embedding.</exception>
    public static OnnxPooling KindOf(FramePooling pooling, string name) => pooling switch
    {
        MeanPooling => OnnxPooling.Mean,
        MeanStdPooling => OnnxPooling.MeanStd,
        ExtremePooling { Largest: true } => OnnxPooling.Max,
        ExtremePooling => OnnxPooling.Min,
        AttentionPooling => OnnxPooling.Attention,
        XVectorPooling => throw new NotSupportedException(
            "ONNX converter: expected a classifier, a regression or a featuriser, got a speaker embedding " +
            "(…ForXVector). Embed speakers with SpeechML."),
        _ => throw new NotSupportedException(
            $"ONNX converter: expected a pooling of SpeechML ({string.Join(", ", SpeechPooling.Names)} without those " +
            $"that were registered), got '{name}'."),
    };

    /// <param name="graph">The graph.</param>
    /// <param name="weights">The network's weights.</param>
    /// <param name="kind">The pooling.</param>
    /// <param name="frames">(batch, frames, size).</param>
    /// <param name="lengths">(batch) frames that count.</param>
    /// <param name="count">A scalar: how many frames.</param>
    public static string Build(
        GraphBuilder graph, ModelTensors weights, OnnxPooling kind, string frames, string lengths, string count)
    {
        string valid = graph.Unsqueeze(graph.Before(lengths, count), 2);
        switch (kind)
        {
            case OnnxPooling.Max:
                return graph.Reduce(
                    "ReduceMax", graph.Where(valid, frames, graph.Constant(float.MinValue)), false, 1);
            case OnnxPooling.Min:
                return graph.Reduce(
                    "ReduceMin", graph.Where(valid, frames, graph.Constant(float.MaxValue)), false, 1);
            case OnnxPooling.Attention:
                return Attention(graph, weights, graph.Where(valid, frames, graph.Constant(0f)), valid);
        }
        string own = graph.Where(valid, frames, graph.Constant(0f));
        string divisor = graph.Cast(graph.Unsqueeze(lengths, 1), ElementType.Float);
        string mean = graph.Div(graph.Sum(own, false, 1), divisor);
        if (kind == OnnxPooling.Mean)
        {
            return mean;
        }
        string centred = graph.Where(valid, graph.Sub(frames, graph.Unsqueeze(mean, 1)), graph.Constant(0f));
        string variance = graph.Div(graph.Sum(graph.Mul(centred, centred), false, 1), divisor);
        string floor = graph.Constant((float)MeanStdPooling.VarianceFloor);
        return graph.Concat(1, mean, graph.Op("Sqrt", graph.Op("Max", variance, floor)));
    }

    private static string Attention(GraphBuilder graph, ModelTensors weights, string frames, string valid)
    {
        string hidden = weights.Has(Prefix + "hidden.weight")
            ? graph.Op("Tanh", graph.Linear(weights, frames, Prefix + "hidden")) : frames;
        string scores = graph.Named(
            "Identity", OnnxParts.FrameScores, [graph.Linear(weights, hidden, Prefix + "score")]);
        string masked = graph.Where(valid, scores, graph.Constant(float.MinValue));
        string shares = graph.Softmax(graph.Transpose(masked, 0, 2, 1));
        return graph.Squeeze(graph.MatMul(shares, frames), 1);
    }
}
