using System.Globalization;
using System.Text.RegularExpressions;

namespace SpeechML.Encoders.Adapters.Lora;

/// <summary>
/// Which maps get a LoRA adapter and of which size: what PEFT's <c>LoraConfig</c> says, with PEFT's ways of matching
/// names. Names have the prefix of the Python model.
/// </summary>
internal sealed record LoraRules
{
    /// <summary>What means every linear map of the encoder, as in PEFT.</summary>
    public const string AllLinear = "all-linear";

    public required int Rank { get; init; }

    public required double Alpha { get; init; }

    public double Dropout { get; init; }

    public bool RsLora { get; init; }

    public bool Dora { get; init; }

    public required NameSelector Targets { get; init; }

    public NameSelector? Excluded { get; init; }

    /// <summary>The layers to adapt; empty for all.</summary>
    public IReadOnlyList<int> Layers { get; init; } = [];

    /// <summary>Names of the lists of layers; empty for any.</summary>
    public IReadOnlyList<string> LayerLists { get; init; } = [];

    public IReadOnlyList<(string Key, double Value)> RankPattern { get; init; } = [];

    public IReadOnlyList<(string Key, double Value)> AlphaPattern { get; init; } = [];

    public static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];

    /// <summary>Whether a map is adapted.</summary>
    public bool Adapts(string name)
    {
        if (Excluded?.Selects(name) == true || !Targets.Selects(name))
        {
            return false;
        }
        // As in PEFT, an expression and a whole name do not heed the layers.
        return Layers.Count == 0 || Targets.Expression is not null || Targets.IsWhole(name)
            || (LayerOf(name) is { } layer && Layers.Contains(layer));
    }

    public int RankOf(string name) => (int)Value(RankPattern, name, Rank);

    public double AlphaOf(string name) => Value(AlphaPattern, name, Alpha);

    /// <summary>The factor of a map's change.</summary>
    public double ScalingOf(string name) => AlphaOf(name) / (RsLora ? Math.Sqrt(RankOf(name)) : RankOf(name));

    /// <summary>The number of the layer that a name lies in.</summary>
    private int? LayerOf(string name)
    {
        foreach (string? list in LayerLists.DefaultIfEmpty())
        {
            Match match = NamePattern.Layer(list).Match(name);
            if (match.Success && int.TryParse(
                match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int layer))
            {
                return layer;
            }
        }
        return null;
    }

    private static double Value(IReadOnlyList<(string Key, double Value)> pattern, string name, double otherwise)
    {
        foreach ((string key, double value) in pattern)
        {
            if (NamePattern.End(key).IsMatch(name))
            {
                return value;
            }
        }
        return otherwise;
    }
}
