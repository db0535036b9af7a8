using SpeechML.Encoders.Families.Conformer;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Layers;

/// <summary>Scores of the distance by its sinusoids, as <see cref="RelativeAttention"/>.</summary>
internal sealed class RelativePositions(EncoderWork work, ConformerConfig config)
    : ConformerPositions(work, config.HiddenSize, config.Heads)
{
    private string? _sinusoids;

    protected override float[]? QueryShift(string name) => Work.Weights.Values(name + "pos_bias_u");

    protected override string Bias(string queries, string name, string count)
    {
        string distances = Graph.Linear(Work.Weights, _sinusoids ??= Sinusoids(count), name + "linear_pos");
        string perHead = Graph.Transpose(Graph.Reshape(distances, -1, Heads, HeadSize), 1, 2, 0);
        // The queries have the other shift already, scaled.
        float scale = (float)Math.Pow(HeadSize, -0.5);
        float[] shift = [.. Work.Weights.Values(name + "pos_bias_v").Zip(
            Work.Weights.Values(name + "pos_bias_u"), (v, u) => scale * (v - u))];
        string shifted = Graph.Add(queries, Graph.Weight(shift, 1, Heads, 1, HeadSize));
        return ByKey(Graph.MatMul(shifted, perHead), count);
    }

    // (2 · frames - 1, hidden), of the distances query - key from the greatest down; angles in double.
    private string Sinusoids(string count)
    {
        string one = Graph.Constant(1L);
        string places = Graph.Range(Graph.Sub(Graph.Add(count, count), one));
        string distances = Graph.Cast(Graph.Sub(Graph.Sub(count, one), places), ElementType.Double);
        double[] rates = [.. Enumerable.Range(0, (int)(Hidden / 2)).Select(
            i => Math.Exp(-2 * Math.Log(RelativeAttention.Base) / Hidden * i))];
        string angles = Graph.Mul(
            Graph.Unsqueeze(distances, 1), Graph.Constant(ElementType.Double, rates, rates.Length));
        // Cosines as sines: runtimes have these in double, too.
        string sines = Graph.Op("Sin", angles);
        string cosines = Graph.Op("Sin", Graph.Add(angles, Graph.Constant(Math.PI / 2)));
        return Graph.Cast(
            Graph.Reshape(Graph.Concat(2, Graph.Unsqueeze(sines, 2), Graph.Unsqueeze(cosines, 2)), -1, Hidden),
            ElementType.Float);
    }
}
