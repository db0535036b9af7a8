using SpeechML.Encoders.Layers;
using static TorchSharp.torch;

namespace SpeechML.Encoders;

/// <summary>Weights without adapters that compute what they compute with them.</summary>
internal static class MergedWeights
{
    /// <summary>
    /// A module's <c>state_dict</c> with every adapter folded into its map's weight; the module is not changed. What is
    /// folded is a tensor of the current dispose scope.
    /// </summary>
    public static Dictionary<string, Tensor> Of(nn.Module module)
    {
        Dictionary<string, Tensor> state = module.state_dict();
        foreach ((string name, nn.Module part) in module.named_modules())
        {
            if (part is Projection { Adapter: { } adapter } map)
            {
                foreach ((string parameter, _) in adapter.named_parameters())
                {
                    state.Remove($"{name}.{adapter.GetName()}.{parameter}");
                }
                state[$"{name}.weight"] = adapter.Merge(map.Weight);
            }
        }
        return state;
    }
}
