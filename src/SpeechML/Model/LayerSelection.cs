using SpeechML.Audio.Common;
using SpeechML.Encoders.Adapters;

namespace SpeechML.Model;

/// <summary>The hidden states that feed the pooling.</summary>
/// <param name="Last">Whether the one state in use is <c>last_hidden_state</c>.</param>
/// <param name="Numbers">Numbers in Hugging Face's <c>hidden_states</c>, ascending; empty where
/// <paramref name="Last"/>, and where <paramref name="All"/> until it is resolved.</param>
/// <param name="All">Whether every hidden state is meant.</param>
internal sealed record LayerSelection(bool Last, int[] Numbers, bool All)
{
    private const string AllWord = "all";

    /// <summary>Reads the two options that say it.</summary>
    /// <param name="layer">One layer, or <see cref="SpeechTrainingOptions.LastLayer"/>.</param>
    /// <param name="layers">Several, such as <c>1,3</c>, <c>0-6</c> or <c>all</c>; empty to use
    /// <paramref name="layer"/>.</param>
    /// <exception cref="ArgumentException">The text is none of these.</exception>
    public static LayerSelection Parse(int layer, string layers)
    {
        if (string.IsNullOrWhiteSpace(layers))
        {
            return layer == SpeechTrainingOptions.LastLayer ? new LayerSelection(true, [], false)
                : new LayerSelection(false, [layer], false);
        }
        OptionChecks.Check(
            layer == SpeechTrainingOptions.LastLayer, nameof(SpeechTrainingOptions.Layer),
            $"-1, because {nameof(SpeechTrainingOptions.Layers)} is '{layers}'", layer);
        if (layers.Trim() == AllWord)
        {
            return new LayerSelection(false, [], true);
        }
        return OptionList.TryRanges(layers, out int[] numbers, out string wrong)
            ? new LayerSelection(false, numbers, false)
            : throw new ArgumentException(
                $"Option {nameof(SpeechTrainingOptions.Layers)}: expected numbers and ranges of hidden states such " +
                $"as '1,3' or '0-6', or 'all', got '{wrong}'.");
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
                $"Option {(Numbers.Length == 1 ? nameof(SpeechTrainingOptions.Layer) : nameof(SpeechTrainingOptions.Layers))}: expected hidden states from 0 to {layerCount}, the layers of the encoder, got {missing}.");
        }
        return this;
    }

    /// <summary>How many transformer layers are needed; <see langword="null"/> for all.</summary>
    public int? Needed => Last || All ? null : Numbers.Max();

    /// <summary>How many hidden states are combined.</summary>
    public int Count => Last ? 1 : Numbers.Length;
}
