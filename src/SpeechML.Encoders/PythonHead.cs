using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace SpeechML.Encoders;

/// <summary>The head of a Python class, as it stands beside the encoder in a folder.</summary>
/// <param name="Class">The Python class.</param>
/// <param name="Fields">What <c>config.json</c> says of it.</param>
/// <param name="Tensors">Its tensors by the names that the class gives them.</param>
internal sealed record PythonHead(
    string Class, JsonObject Fields, IReadOnlyList<(string Name, Tensor Tensor)> Tensors)
{
    // A parameter of the model itself, which no module of PEFT's modules_to_save holds.
    private const string LayerWeights = "layer_weights";

    /// <summary>Those of the tensors that an adapter's folder can hold.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Saved => Tensors.Where(t => t.Name != LayerWeights);

    /// <summary>The modules that these are of, for <c>modules_to_save</c>.</summary>
    public IEnumerable<string> SavedModules =>
        Saved.Select(t => t.Name[..t.Name.IndexOf('.', StringComparison.Ordinal)]).Distinct(StringComparer.Ordinal);
}
