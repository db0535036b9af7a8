using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Layers;

/// <summary>A conformer's attention; how it learns where a frame is, kinds of it say.</summary>
/// <param name="work">The graph.</param>
/// <param name="hidden">Size of a frame.</param>
/// <param name="heads">Heads.</param>
internal abstract class ConformerPositions(EncoderWork work, int hidden, int heads)
{
    protected EncoderWork Work => work;

    protected GraphBuilder Graph => work.Graph;

    protected long Hidden => hidden;

    protected long Heads => heads;

    protected long HeadSize => hidden / heads;

    /// <param name="x">(batch, frames, hidden).</param>
    /// <param name="name">The prefix of the attention's weights.</param>
    /// <param name="mask">Of <see cref="AttentionGraph.KeyMask"/>.</param>
    /// <param name="count">A scalar: how many frames.</param>
    public string Attend(string x, string name, string? mask, string count) => AttentionGraph.Attend(
        Graph, work.Weights, x,
        new AttentionMaps(name + "linear_q", name + "linear_k", name + "linear_v", name + "linear_out"), heads,
        queries => Bias(queries, name, count), mask, Seen(x, count), QueryShift(name));

    /// <summary>What queries and keys are made of.</summary>
    protected virtual string Seen(string x, string count) => x;

    /// <summary>What is added to queries before they meet the keys.</summary>
    protected virtual float[]? QueryShift(string name) => null;

    /// <summary>From scaled queries (batch, heads, frames, size) to what is added to the scores.</summary>
    protected virtual string? Bias(string queries, string name, string count) => null;

    /// <summary>
    /// From scores by distance (batch, heads, frames, 2 · frames - 1), that of key k and query q in column
    /// k - q + frames - 1, to scores by key (batch, heads, frames, frames).
    /// </summary>
    protected string ByKey(string byDistance, string count)
    {
        // Rows of one value more, read as rows of so many frames, begin one value earlier each.
        string padded = Graph.Op("Pad", byDistance, Graph.Vector(0, 0, 0, 1, 0, 0, 0, 0));
        string one = Graph.Unsqueeze(count, 0);
        string turned = Graph.Op("Reshape", padded, Graph.Concat(0, Graph.Vector(0, 0, -1), one));
        string rows = Graph.Op("Reshape", Graph.Slice(turned, 2, 1, long.MaxValue),
            Graph.Concat(0, Graph.Vector(0, 0), one, Graph.Vector(-1)));
        return Graph.Op("Slice", rows, Graph.Vector(0), one, Graph.Vector(3));
    }
}
