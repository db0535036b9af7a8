using SpeechML.Encoders.Families.Conformer;
using SpeechML.Model;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Layers;

/// <summary>What queries and keys are made of is turned by its position, as <see cref="RotaryAttention"/>.</summary>
internal sealed class RotaryPositions(EncoderWork work, ConformerConfig config)
    : ConformerPositions(work, config.HiddenSize, config.Heads)
{
    private const string Rates = SpeechNetwork.EncoderPrefix + "encoder.embed_positions.inv_freq";

    private (string Cosines, string Sines)? _turns;

    protected override string Seen(string x, string count)
    {
        (string cosines, string sines) = _turns ??= Turns(count);
        string[] halves = Graph.Ops(
            2, "Split", [Graph.Reshape(x, 0, 0, Heads, 2, HeadSize / 2)], ("axis", 3L));
        string first = Graph.Sub(Graph.Mul(halves[0], cosines), Graph.Mul(halves[1], sines));
        string second = Graph.Add(Graph.Mul(halves[1], cosines), Graph.Mul(halves[0], sines));
        return Graph.Reshape(Graph.Concat(3, first, second), 0, 0, Hidden);
    }

    // (frames, 1, 1, half a head).
    private (string Cosines, string Sines) Turns(string count)
    {
        string places = Graph.Unsqueeze(Graph.Cast(Graph.Range(count), ElementType.Float), 1, 2, 3);
        string angles = Graph.Mul(places, Graph.Vector(Work.Weights, Rates));
        return (Graph.Op("Cos", angles), Graph.Op("Sin", angles));
    }
}
