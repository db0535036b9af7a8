using SpeechML.Model;
using SpeechML.OnnxConverter.Graph;

namespace SpeechML.OnnxConverter.Encoders;

/// <summary>How the encoders of some families become a graph.</summary>
internal abstract class EncoderGraph
{
    /// <summary>The prefix of the encoder's weights in a network.</summary>
    protected const string Prefix = SpeechNetwork.EncoderPrefix;

    /// <summary>Every converter: an encoder that none takes is refused by its family's name.</summary>
    private static readonly IReadOnlyList<EncoderGraph> s_all =
    [
        new SslGraph(), new ConformerGraph(), new W2vBertGraph(), new SewGraph(), new PatchGraph(), new WhisperGraph(),
    ];

    /// <summary>The values of <c>model_type</c> that it converts.</summary>
    public abstract IReadOnlyList<string> Families { get; }

    /// <summary>Whether scores of a recording that is cut are of samples normalised over all of it.</summary>
    public abstract bool NormalizesWaveform(SpeechEncoder encoder);

    /// <summary>Adds what computes the hidden states.</summary>
    /// <param name="work">The graph and its inputs.</param>
    /// <param name="keep">The numbers of the states that are needed.</param>
    /// <param name="last">Whether the last of them is normed as the encoder's own output is.</param>
    /// <param name="prompt">The name of the soft prompt's weights; <see langword="null"/> without one.</param>
    public abstract EncoderStates Build(EncoderWork work, IReadOnlySet<int> keep, bool last, string? prompt);

    /// <exception cref="NotSupportedException">No converter takes the family.</exception>
    public static EncoderGraph Of(SpeechEncoder encoder)
    {
        string family = encoder.Config.ModelType;
        return s_all.FirstOrDefault(e => e.Families.Contains(family)) ?? throw new NotSupportedException(
            $"ONNX converter: expected an encoder of the families " +
            $"{string.Join(", ", s_all.SelectMany(e => e.Families).Order(StringComparer.Ordinal))}, got '{family}'.");
    }
}

/// <summary>What an encoder's graph is made from.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="Weights">The network's weights.</param>
/// <param name="Encoder">The encoder.</param>
/// <param name="Audio">(batch, samples) float.</param>
/// <param name="Lengths">(batch) samples that count.</param>
/// <param name="Tokens">Whether the tokens before the frames are wanted instead of these.</param>
internal sealed record EncoderWork(
    GraphBuilder Graph, ModelTensors Weights, SpeechEncoder Encoder, string Audio, string Lengths, bool Tokens);

/// <summary>Hidden states.</summary>
/// <param name="States">Number to (batch, frames, hidden).</param>
/// <param name="Lengths">(batch) frames that count.</param>
/// <param name="Frames">A scalar: how many frames.</param>
internal sealed record EncoderStates(IReadOnlyDictionary<int, string> States, string Lengths, string Frames)
{
    /// <summary>(batch) frames that attention sees, silence behind a clip among them.</summary>
    public string Attended { get; init; } = Lengths;
}
