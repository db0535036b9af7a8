using SpeechML.Encoders.Layers;
using TorchSharp.Modules;

namespace SpeechML.Encoders.Adapters.Lora;

/// <summary>One linear map of an encoder, with the adapter that it gets or has.</summary>
/// <param name="Name">The map's name in the encoder.</param>
/// <param name="PythonName">The name of the module in Python, without the model's prefix.</param>
/// <param name="Projection">The map.</param>
/// <param name="Adapter">The adapter, given to the map or not yet.</param>
internal sealed record LoraSite(
    string Name, string PythonName, Projection Projection, LowRankAdapter Adapter)
{
    /// <summary>The encoder's linear maps by name, always in the same order.</summary>
    public static SortedDictionary<string, Projection> Maps(SpeechEncoder encoder)
    {
        var maps = new SortedDictionary<string, Projection>(StringComparer.Ordinal);
        foreach ((string name, TorchSharp.torch.nn.Module module) in encoder.named_modules())
        {
            if (module is Projection projection)
            {
                maps.Add(name, projection);
            }
        }
        return maps;
    }

    /// <summary>The maps that have an adapter, in the same order.</summary>
    public static List<LoraSite> Attached(SpeechEncoder encoder) =>
        [.. Maps(encoder).Where(map => map.Value.Adapter is LowRankAdapter)
            .Select(map => new LoraSite(map.Key, EncoderFamily.Of(encoder).ModuleName(map.Key), map.Value,
                (LowRankAdapter)map.Value.Adapter!))];

    /// <summary>Makes an adapter, its values not set, for each map that the rules choose.</summary>
    /// <param name="encoder">The encoder; it is not changed.</param>
    /// <param name="rules">What is adapted.</param>
    /// <param name="prefix">What the Python model has before the encoder's names.</param>
    /// <param name="moduleName">From a map's name to that of the module in Python; <see langword="null"/> for the
    /// family's.</param>
    public static List<LoraSite> Plan(
        SpeechEncoder encoder, LoraRules rules, string prefix, Func<string, string>? moduleName = null)
    {
        moduleName ??= EncoderFamily.Of(encoder).ModuleName;
        var sites = new List<LoraSite>();
        foreach ((string name, Projection map) in Maps(encoder))
        {
            string python = moduleName(name);
            string full = prefix + python;
            if (rules.Adapts(full))
            {
                (long outputs, long inputs) = (map.WeightForm.shape[0], map.WeightForm.shape[1]);
                int rank = rules.RankOf(full);
                double scaling = rules.ScalingOf(full);
                sites.Add(new LoraSite(name, python, map, rules.Dora
                    ? new MagnitudeAdapter(inputs, outputs, rank, scaling, rules.Dropout)
                    : new LowRankAdapter(inputs, outputs, rank, scaling, rules.Dropout)));
            }
        }
        return sites;
    }

    /// <summary>
    /// The adapter's parameters with the names that PEFT gives them behind <c>base_model.model.</c> and the prefix.
    /// </summary>
    public IEnumerable<(string Name, Parameter Parameter)> PeftParameters() =>
        Adapter.Parts.Select(part => ($"{PythonName}.{part.PeftName}", part.Parameter));
}
