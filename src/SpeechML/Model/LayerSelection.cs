using SpeechML.Encoders.Adapters;

namespace SpeechML.Model;

/// <summary>The hidden states that feed the pooling.</summary>
/// <param name="Last">Whether the one state in use is <c>last_hidden_state</c>.</param>
/// <param name="Numbers">Numbers in Hugging Face's <c>hidden_states</c>, ascending; empty where
/// <paramref name="Last"/>, and where <paramref name="All"/> until it is resolved.</param>
/// <param name="All">Whether every hidden state is meant.</param>
internal sealed record LayerSelection(bool Last, int[] Numbers, bool All)
{
    /// <summary>The number that stands for the last hidden state in a model's metadata.</summary>
    public const int LastNumber = -1;

    /// <summary>Reads the option.</summary>
    /// <param name="layers"><c>last</c>, <c>all</c>, or numbers and ranges such as <c>1,3</c> or <c>0-6</c>.</param>
    /// <exception cref="ArgumentException">The text is none of these.</exception>
    public static LayerSelection Parse(string layers)
    {
        string wrong = layers;
        switch (layers?.Trim())
        {
            case EncoderLayers.Last:
                return new LayerSelection(true, [], false);
            case EncoderLayers.All or EncoderLayers.Auto: // until the trainer has chosen
                return new LayerSelection(false, [], true);
            case { Length: > 0 } when OptionList.TryRanges(layers, out int[] numbers, out wrong):
                return new LayerSelection(false, numbers, false);
        }
        throw new ArgumentException(
            $"Option {nameof(SpeechTrainingOptions.Layers)}: expected numbers and ranges of hidden states such as " +
            $"'3', '1,3' or '0-6', 'auto', 'last' or 'all', got '{wrong}'.");
    }

    /// <summary>The numbers for an encoder of <paramref name="layerCount"/> layers.</summary>
    /// <exception cref="ArgumentException">A number that the encoder does not have.</exception>
    public LayerSelection Resolve(int layerCount)
    {
        if (All)
        {
            return this with { Numbers = [.. Enumerable.Range(0, layerCount + 1)] };
        }
        if (Array.Find(Numbers, n => n > layerCount) is > 0 and int missing)
        {
            throw new ArgumentException(
                $"Option {nameof(SpeechTrainingOptions.Layers)}: expected hidden states from 0 to {layerCount}, the " +
                $"layers of the encoder, got {missing}.");
        }
        return this;
    }

    /// <summary>How many transformer layers are needed; <see langword="null"/> for all.</summary>
    public int? Needed => Last || All ? null : Numbers.Max();

    /// <summary>How many hidden states are combined.</summary>
    public int Count => Last ? 1 : Numbers.Length;
}
