using System.Globalization;
using System.Text.RegularExpressions;
using SpeechML.Audio.Options;
using SpeechML.Encoders;
using SpeechML.Encoders.Adapters;
using SpeechML.Encoders.Adapters.Lora;

namespace SpeechML.Training.Options;

/// <summary>Fits LoRA options to an encoder, and back.</summary>
internal static class LoraChecks
{
    /// <summary>The rules that options mean for an encoder.</summary>
    /// <exception cref="ArgumentException">An option is out of its range, or names what the encoder does not
    /// have.</exception>
    public static LoraRules Check(LoraOptions options, SpeechEncoder encoder, string prefix)
    {
        options.Validate();
        OptionChecks.Check(options.Rank >= 1, "Lora.Rank", "at least 1 for an adapter", options.Rank);
        Dictionary<string, string> names = LoraSite.Maps(encoder).Keys
            .ToDictionary(name => name, EncoderFamily.Of(encoder).ModuleName, StringComparer.Ordinal);
        SortedSet<string> maps = [.. names.Values];
        var rules = ToRules(options, prefix, names, EncoderFamily.Of(encoder).AttentionMaps);
        string known = string.Join(
            ", ", maps.Select(LoraRules.LastPart).Distinct().Order(StringComparer.Ordinal).Select(name => $"'{name}'"));
        foreach (string target in rules.Targets.Names)
        {
            OptionChecks.Check(
                maps.Any(map => NameSelector.EndsAt(prefix + map, target)),
                "Lora.Targets",
                $"names of linear maps of encoder '{encoder.Config.ModelType}' ({known}) or '{LoraOptions.AllLinear}'",
                target);
        }
        foreach (int layer in rules.Layers)
        {
            OptionChecks.Check(layer < encoder.BuiltLayers, "Lora.Layers",
                $"layers within 0 to {encoder.BuiltLayers - 1} (the layers in use)", layer);
        }
        string[] adapted = [.. maps.Select(map => prefix + map).Where(rules.Adapts)];
        OptionChecks.Check(adapted.Length > 0, "Lora.Layers", "layers with a map that Lora.Targets names",
            options.Layers);
        CheckKeys(rules.RankPattern, "Lora.RankPattern", adapted);
        CheckKeys(rules.AlphaPattern, "Lora.AlphaPattern", adapted);
        return rules;
    }

    /// <summary>
    /// Options that mean for this encoder what the rules mean. Where the rules have what options cannot say (an
    /// expression for whole names, exclusions,
    /// names that this encoder does not have), the adapted maps are named one by one.
    /// </summary>
    public static LoraOptions ToOptions(
        LoraRules rules, SpeechEncoder encoder, string prefix, IReadOnlyList<LoraSite> sites)
    {
        string[] adapted = [.. sites.Select(site => prefix + site.PythonName)];
        bool plain = sites.All(site => site.PythonName == EncoderFamily.Of(encoder).ModuleName(site.Name))
            && rules.Targets.Expression is null
            && rules.Excluded is null
            && rules.LayerLists.Count <= 1
            && rules.Targets.Names.All(name => IsWord(name) && adapted.Any(a => NameSelector.EndsAt(a, name)))
            && rules.Layers.All(layer => layer < encoder.BuiltLayers)
            && rules.RankPattern.Concat(rules.AlphaPattern)
                .All(p => IsWord(p.Key) && adapted.Any(NamePattern.End(p.Key).IsMatch));
        var options = new LoraOptions
        {
            Rank = rules.Rank,
            Alpha = rules.Alpha,
            Dropout = rules.Dropout,
            RsLora = rules.RsLora,
            Dora = rules.Dora,
        };
        return plain
            ? options with
            {
                Targets = string.Join(',', rules.Targets.Names),
                Layers = string.Join(',', rules.Layers),
                RankPattern = Join(rules.RankPattern),
                AlphaPattern = Join(rules.AlphaPattern),
            }
            : options with
            {
                Targets = string.Join(',', sites.Select(site => site.Name)),
                RankPattern = Join(sites.Select(
                site => (Key(site, encoder), Value: (double)rules.RankOf(prefix + site.PythonName)))
                .Where(p => p.Value != rules.Rank)),
                AlphaPattern = Join(sites.Select(
                site => (Key(site, encoder), Value: rules.AlphaOf(prefix + site.PythonName)))
                .Where(p => p.Value != rules.Alpha)),
            };
    }

    /// <summary>The expression for one map in a pattern of ranks or alphas.</summary>
    private static string Key(LoraSite site, SpeechEncoder encoder) =>
        Regex.Escape(EncoderFamily.Of(encoder).ModuleName(site.Name));

    /// <summary>From what a user chose.</summary>
    /// <param name="options">The options, in their ranges.</param>
    /// <param name="prefix">What the Python model has before the encoder's names.</param>
    /// <param name="modules">The encoder's linear maps, with their names in Python.</param>
    /// <param name="attention">The library's names of the attention's maps, with those in Python.</param>
    private static LoraRules ToRules(
        LoraOptions options, string prefix, Dictionary<string, string> modules,
        IReadOnlyDictionary<string, string> attention)
    {
        string[] targets = OptionList.Items(options.Targets);
        if (targets is [LoraOptions.AllLinear])
        {
            targets = [.. modules.Values.Select(LoraRules.LastPart).Distinct()];
        }
        return new LoraRules
        {
            Rank = options.Rank,
            Alpha = options.Alpha,
            Dropout = options.Dropout,
            RsLora = options.RsLora,
            Dora = options.Dora,
            // Whole names of the encoder become whole names of the Python model.
            Targets = NameSelector.Ends(
                [.. targets.Select(target => modules.TryGetValue(target, out string? python) ? prefix + python
                    : attention.GetValueOrDefault(target, target))]),
            Layers = OptionList.Ranges(options.Layers, "Lora.Layers"),
            RankPattern = InPython(OptionList.Pairs(options.RankPattern, "Lora.RankPattern")),
            AlphaPattern = InPython(OptionList.Pairs(options.AlphaPattern, "Lora.AlphaPattern")),
        };

        IReadOnlyList<(string Key, double Value)> InPython(IReadOnlyList<(string Key, double Value)> pattern) =>
            [.. pattern.Select(p => (attention.GetValueOrDefault(p.Key, p.Key), p.Value))];
    }

    private static void CheckKeys(IReadOnlyList<(string Key, double Value)> pattern, string option, string[] adapted)
    {
        foreach ((string key, _) in pattern)
        {
            OptionChecks.Check(adapted.Any(NamePattern.End(key).IsMatch), option,
                $"ends of names of adapted maps such as '{adapted[0]}'", key);
        }
    }

    /// <summary>Without what separates the entries of an option.</summary>
    private static bool IsWord(string name) =>
        name.Length > 0 && !name.Any(c => c is ',' or '=' || char.IsWhiteSpace(c));

    private static string Join(IEnumerable<(string Key, double Value)> pattern) =>
        string.Join(',', pattern.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Key}={p.Value}")));
}
