using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Audio.Options;

namespace SpeechML.Training.Checkpoints;

/// <summary>What identifies a run: a checkpoint is gone on from by a run of the same identity only.</summary>
/// <param name="Options">The options that bear on the result, as JSON by name.</param>
/// <param name="TrainingClips">Number of training clips.</param>
/// <param name="TrainingHash">SHA-256 over their samples and targets, in order.</param>
/// <param name="ValidationClips">Number of validation clips; 0 without validation data.</param>
/// <param name="ValidationHash">SHA-256 over their samples and targets; empty without validation data.</param>
/// <param name="WeightsHash">SHA-256 over all weights that the run began with.</param>
internal sealed record RunIdentity(
    Dictionary<string, string> Options, int TrainingClips, string TrainingHash, int ValidationClips,
    string ValidationHash, string WeightsHash)
{
    /// <summary>Every option that bears on the result, by its path.</summary>
    public static Dictionary<string, string> Describe(SpeechTrainingOptions options) =>
        OptionModel.Of(options.GetType()).Paths.Where(p => p.AffectsResult).ToDictionary(
            p => p.Name, p => JsonSerializer.Serialize(p.Get(options), p.Type, TrainingCheckpoints.Json),
            StringComparer.Ordinal);

    /// <summary>The same with the options' names of today, where an earlier version wrote it.</summary>
    /// <param name="type">The class of the options.</param>
    public RunIdentity AsOf(Type type)
    {
        OptionModel model = OptionModel.Of(type);
        if (Options.Keys.Any(k => k.Contains('.', StringComparison.Ordinal)))
        {
            return WithLaterOptions(model);
        }
        JsonObject json = OptionUpgrade.Apply(model, new JsonObject(Options.Select(
            o => KeyValuePair.Create(o.Key, JsonNode.Parse(o.Value)))));
        var now = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (OptionPath path in model.Paths.Where(p => p.AffectsResult))
        {
            JsonNode? value = path.Name.Split('.').Aggregate((JsonNode?)json, (node, step) => node?[step]);
            if (value is not null)
            {
                now[path.Name] = value.ToJsonString(TrainingCheckpoints.Json);
            }
        }
        return (this with { Options = now }).WithLaterOptions(model);
    }

    /// <summary>
    /// The first thing in which this run differs from a checkpoint's; <see langword="null"/> where they are the same.
    /// </summary>
    public string? DifferenceFrom(RunIdentity saved)
    {
        foreach (string name in Options.Keys.Union(saved.Options.Keys).Order(StringComparer.Ordinal))
        {
            string then = Written(name, saved.Options.GetValueOrDefault(name, "no such option"));
            string now = Options.GetValueOrDefault(name, "no such option");
            if (now != then)
            {
                return $"option {name}: expected {then}, got {now}";
            }
        }
        return DataDifference("training", saved.TrainingClips, saved.TrainingHash, TrainingClips, TrainingHash)
            ?? DataDifference("validation", saved.ValidationClips, saved.ValidationHash, ValidationClips,
                ValidationHash)
            ?? (WeightsHash == saved.WeightsHash ? null
                : "initial weights: expected those that the run began with, got others (the encoder's files have " +
                "changed)");
    }

    /// <summary>With the defaults of options that were added since: a new one changes nothing by its default.</summary>
    private RunIdentity WithLaterOptions(OptionModel model)
    {
        Dictionary<string, string> all = Describe((SpeechTrainingOptions)model.Create());
        foreach ((string name, string value) in Options)
        {
            all[name] = value;
        }
        return this with { Options = all };
    }

    /// <summary>An option's JSON as it is written today: earlier versions named metrics otherwise.</summary>
    internal static string Written(string option, string json) =>
        option is "EarlyStopping.Metric" or "EarlyStoppingMetric" && json is ['"', .., '"']
            ? $"\"{SpeechMetrics.NameOf(json[1..^1])}\"" : json;

    private static string? DataDifference(string role, int clipsThen, string hashThen, int clipsNow, string hashNow) =>
        clipsThen != clipsNow ? $"{role} data: expected {clipsThen} clips, got {clipsNow}"
        : hashThen != hashNow
            ? $"{role} data: expected the clips that the run began with, got as many of which some differ in audio, " +
            $"label or order"
        : null;
}
