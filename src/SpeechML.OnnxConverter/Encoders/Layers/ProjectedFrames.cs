using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders.Layers;

/// <summary>Frames of the transformer's width, padded ones 0.</summary>
/// <param name="Values">(batch, frames, hidden).</param>
/// <param name="Valid">(batch, frames, 1) Boolean.</param>
/// <param name="Lengths">(batch) frames that count.</param>
/// <param name="Count">A scalar: how many frames.</param>
internal sealed record ProjectedFrames(string Values, string Valid, string Lengths, string Count)
{
    /// <param name="work">The graph.</param>
    /// <param name="frames">(batch, frames, inputs).</param>
    /// <param name="lengths">(batch) frames that count.</param>
    /// <param name="norm">The norm's name; <see langword="null"/> without one.</param>
    /// <param name="epsilon">The norm's.</param>
    /// <param name="projection">The map's name; <see langword="null"/> without one.</param>
    public static ProjectedFrames Build(
        EncoderWork work, string frames, string lengths, string? norm, double epsilon, string? projection)
    {
        GraphBuilder graph = work.Graph;
        string projected = norm is null ? frames : graph.Norm(work.Weights, frames, norm, epsilon);
        projected = projection is null ? projected : graph.Linear(work.Weights, projected, projection);
        string count = graph.Size(projected, 1);
        string valid = graph.Unsqueeze(graph.Before(lengths, count), 2);
        return new ProjectedFrames(graph.Where(valid, projected, graph.Constant(0f)), valid, lengths, count);
    }
}
