using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Audio.Options;

namespace SpeechML.Runs;

/// <summary>What a run folder must know of its training's options, whatever version wrote them.</summary>
internal sealed record RunManifest
{
    /// <inheritdoc cref="SpeechMultiLabelOptions.RatingThreshold"/>
    public double RatingThreshold { get; init; }

    /// <inheritdoc cref="SpeechTrainingOptions.EarlyStopping"/>
    public EarlyStoppingOptions EarlyStopping { get; init; } = new();

    /// <summary>Reads the settings of a training.</summary>
    public static RunManifest Of(JsonElement trainConfig) =>
        Upgrade(trainConfig).Deserialize<RunManifest>(RunFiles.Json)!;

    /// <summary>
    /// The first option in which two settings differ; <see langword="null"/> where they are the same.
    /// </summary>
    /// <param name="type">The class of the options.</param>
    /// <param name="then">The settings in a folder.</param>
    /// <param name="now">The settings that are to be.</param>
    public static (string Name, string Then, string Now)? Difference(Type type, JsonElement then, JsonElement now)
    {
        JsonObject before = Upgrade(then), after = Upgrade(now);
        // An option that was added since had its default then.
        JsonObject defaults = JsonSerializer.SerializeToNode(OptionModel.Of(type).Create(), type, RunFiles.Json)!
            .AsObject();
        foreach (OptionPath path in OptionModel.Of(type).Paths)
        {
            string was = Value(before, path) ?? Value(defaults, path) ?? "nothing";
            string its = Value(after, path) ?? "nothing";
            if (was != its)
            {
                return (path.Name, was, its);
            }
        }
        return null;
    }

    private static JsonObject Upgrade(JsonElement trainConfig) =>
        OptionUpgrade.Apply(OptionModel.Of(typeof(SpeechTrainingOptions)),
            trainConfig.ValueKind == JsonValueKind.Object
                ? (JsonObject)JsonNode.Parse(trainConfig.GetRawText())! : []);

    private static string? Value(JsonObject json, OptionPath path) =>
        path.Key.Split('.').Aggregate((JsonNode?)json, (node, key) => node?[key])?.ToJsonString();
}
