namespace SpeechML.Encoders;

/// <summary>
/// The parameters of an encoder in groups, for freezing and for layer-wise rates. Each entry is the dotted name of a
/// module or parameter;
/// it stands for everything below it (<see cref="Contains"/>).
/// </summary>
/// <param name="FrontEnd">What fine-tuning leaves alone: the conv front end and masked embedding (SSL), convolutions,
/// patches and stored positions (spectrograms).</param>
/// <param name="Projection">The feature projection between front end and transformer; may be empty.</param>
/// <param name="Optional">Positional convolution and the transformer's layer norm; may be empty.</param>
/// <param name="Layers">The transformer layers in order.</param>
/// <param name="FinalNorm">Whisper's final layer norm, which goes with its layers; empty for SSL, where the norm is in
/// <paramref name="Optional"/>.</param>
internal sealed record EncoderParameterGroups(
    IReadOnlyList<string> FrontEnd,
    IReadOnlyList<string> Projection,
    IReadOnlyList<string> Optional,
    IReadOnlyList<string> Layers,
    IReadOnlyList<string> FinalNorm)
{
    /// <summary>
    /// What comes after the last layer and is not built without it, whatever group it is in;
    /// <see cref="FinalNorm"/> unless said otherwise.
    /// </summary>
    public IReadOnlyList<string> AboveLayers { get; init; } = FinalNorm;

    /// <summary>Whether a parameter belongs to a group.</summary>
    /// <param name="group">One of the groups.</param>
    /// <param name="parameter">A parameter's name, such as <c>encoder.layers.0.attention.q_proj.weight</c>.</param>
    public static bool Contains(IReadOnlyList<string> group, string parameter) =>
        group.Any(entry => IsBelow(entry, parameter));

    /// <summary>The number of the layer that a parameter belongs to, or -1.</summary>
    public int LayerOf(string parameter)
    {
        for (int layer = 0; layer < Layers.Count; layer++)
        {
            if (IsBelow(Layers[layer], parameter))
            {
                return layer;
            }
        }
        return -1;
    }

    private static bool IsBelow(string entry, string parameter) =>
        parameter.StartsWith(entry, StringComparison.Ordinal)
            && (parameter.Length == entry.Length || parameter[entry.Length] == '.');
}
