using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Encoders.Adapters.Lora;
using SpeechML.Encoders.Checkpoints;

namespace SpeechML.Encoders.Adapters.Peft;

/// <summary>A PEFT folder's <c>adapter_config.json</c> (PEFT 0.21; older ones have fewer fields).</summary>
/// <param name="Rules">What it says.</param>
/// <param name="Json">All of it, so that writing it again loses nothing.</param>
internal sealed record PeftConfig(LoraRules Rules, JsonObject Json)
{
    public const string FileName = "adapter_config.json";

    // What a LoraConfig of PEFT 0.21.2 without any choice is saved as, sorted as there.
    private const string Defaults = """
        {"alora_invocation_tokens":null,"alpha_pattern":{},"arrow_config":null,"auto_mapping":null,
        "base_model_name_or_path":null,"bias":"none",
        "corda_config":null,"ensure_weight_tying":false,"eva_config":null,"exclude_modules":null,"fan_in_fan_out":false,
        "inference_mode":true,
        "init_lora_weights":true,"kasa_config":null,"layer_replication":null,"layers_pattern":null,
        "layers_to_transform":null,"loftq_config":{},
        "lora_alpha":8,"lora_bias":false,"lora_dropout":0.0,"lora_ga_config":null,"megatron_config":null,
        "megatron_core":"megatron.core",
        "modules_to_save":null,"monteclora_config":null,"peft_type":"LORA","peft_version":"0.21.2",
        "qalora_group_size":16,"r":8,"rank_pattern":{},
        "revision":null,"target_modules":null,"target_parameters":null,"task_type":null,"trainable_token_indices":null,
        "use_bdlora":null,
        "use_dora":false,"use_qalora":false,"use_rslora":false,"velora_config":null}
        """;

    // Each changes what an adapted map computes, or which weights it stands on.
    private static readonly string[] s_unsupported =
    [
        "alora_invocation_tokens", "arrow_config", "fan_in_fan_out", "kasa_config", "layer_replication", "lora_bias",
        "monteclora_config", "target_parameters",
        "use_bdlora", "use_qalora", "velora_config",
    ];

    // The others (PiSSA, OLoRA, LoftQ, CorDA, ...) also change the base weights.
    private static readonly string[] s_initializations = ["gaussian", "eva", "orthogonal"];

    private static readonly JsonSerializerOptions s_written =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="CheckpointException">It is missing, or no JSON object.</exception>
    /// <exception cref="InvalidDataException">It is not of LoRA, or asks for what is not supported.</exception>
    public static PeftConfig Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new CheckpointException(
                folder, null, $"an adapter folder with '{FileName}' and {PeftFolder.LookedFor}",
                Directory.Exists(folder) ? $"no '{FileName}'" : "nothing: there is no such folder");
        }
        JsonElement json = CheckpointJson.ReadObject(path);
        return new PeftConfig(Parse(json, new JsonFieldReader(json, $"'{path}'")), JsonObject.Create(json)!);
    }

    /// <summary>The text of the file.</summary>
    /// <param name="rules">What to say.</param>
    /// <param name="python">The Python class of the base model and the module that it is in.</param>
    /// <param name="baseModel">The base model, if it is to be said anew.</param>
    /// <param name="source">The configuration that the rules were read from, if any.</param>
    /// <param name="saved">Whole modules that the folder holds; <see langword="null"/> for none.</param>
    public static string Write(
        LoraRules rules, (string Class, string Module) python, string? baseModel, JsonObject? source,
        IEnumerable<string>? saved = null)
    {
        JsonObject json = source is not null ? (JsonObject)source.DeepClone() : Fresh(rules, python);
        json["inference_mode"] = true;
        if (source is null && saved is not null)
        {
            json["modules_to_save"] = new JsonArray([.. saved.Select(name => (JsonNode)name)]);
        }
        if (baseModel is not null)
        {
            json["base_model_name_or_path"] = baseModel;
        }
        return json.ToJsonString(s_written);
    }

    private static JsonObject Fresh(LoraRules rules, (string Class, string Module) python)
    {
        JsonObject json = JsonNode.Parse(Defaults)!.AsObject();
        json["auto_mapping"] = new JsonObject
        {
            ["base_model_class"] = python.Class,
            ["parent_library"] = python.Module
        };
        json["r"] = rules.Rank;
        json["lora_alpha"] = rules.Alpha;
        // Python writes a float with its point.
        json["lora_dropout"] = rules.Dropout == 0 ? JsonNode.Parse("0.0") : rules.Dropout;
        json["use_rslora"] = rules.RsLora;
        json["use_dora"] = rules.Dora;
        json["target_modules"] = new JsonArray([.. rules.Targets.Names.Select(name => (JsonNode)name)]);
        json["layers_to_transform"] = rules.Layers.Count == 0 ? null
            : new JsonArray([.. rules.Layers.Select(layer => (JsonNode)layer)]);
        json["rank_pattern"] = new JsonObject(
            rules.RankPattern.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)(int)p.Value)));
        json["alpha_pattern"] =
            new JsonObject(rules.AlphaPattern.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)));
        return json;
    }

    private static LoraRules Parse(JsonElement json, JsonFieldReader reader)
    {
        reader.Require("peft_type", "LORA", "nothing");
        reader.Require("bias", "none", "none");
        foreach (string field in s_unsupported)
        {
            if (json.TryGetProperty(field, out JsonElement value) && !IsOff(value))
            {
                throw reader.Wrong(field, "null, false or empty (the only one supported)", value.GetRawText());
            }
        }
        if (json.TryGetProperty("init_lora_weights", out JsonElement start) && start.ValueKind == JsonValueKind.String
            && !s_initializations.Contains(start.GetString()))
        {
            throw reader.Wrong("init_lora_weights",
                $"true, false, '{string.Join("', '", s_initializations)}' (the others change the base model's weights)",
                start.GetRawText());
        }
        return new LoraRules
        {
            Rank = reader.PositiveInt("r", 8),
            Alpha = reader.Number("lora_alpha", 8, 1e-9, 1e9),
            Dropout = reader.Probability("lora_dropout", 0),
            RsLora = reader.Flag("use_rslora", false),
            Dora = reader.Flag("use_dora", false),
            Targets = Selector(json, reader, "target_modules")
            ?? throw reader.Wrong("target_modules", "a list of names or an expression", "nothing"),
            Excluded = Selector(json, reader, "exclude_modules"),
            Layers = Items(json, reader, "layers_to_transform", "a whole number of at least 0, or a list of them",
            item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int layer) && layer >= 0 ? layer
            : null),
            LayerLists = [.. Items(json, reader, "layers_pattern", "an expression, or a list of them", Word)],
            RankPattern = Pattern(json, reader, "rank_pattern", "whole numbers of at least 1 by name",
            value => value >= 1 && value <= int.MaxValue && value == Math.Floor(value)),
            AlphaPattern = Pattern(json, reader, "alpha_pattern", "numbers above 0 by name",
            value => value > 0 && double.IsFinite(value)),
        };
    }

    private static bool IsOff(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    private static NameSelector? Selector(JsonElement json, JsonFieldReader reader, string field)
    {
        if (!json.TryGetProperty(field, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        if (value.ValueKind == JsonValueKind.String)
        {
            string text = value.GetString()!;
            return text == LoraRules.AllLinear
                ? NameSelector.Matching(".*")
                : NamePattern.IsValid(text) ? NameSelector.Matching(text)
                    : throw reader.Wrong(field, "a list of names or an expression", value.GetRawText());
        }
        return NameSelector.Ends(
            [.. Items(json, reader, field, "a list of names or an expression",
            item => item.ValueKind == JsonValueKind.String ? item.GetString() : null)]);
    }

    private static string? Word(JsonElement item) =>
        item.ValueKind == JsonValueKind.String && NamePattern.IsValid(item.GetString()!) ? item.GetString() : null;

    /// <summary>What a field holds, one value or a list; none where it is null.</summary>
    private static List<T> Items<T>(
        JsonElement json, JsonFieldReader reader, string field, string expected, Func<JsonElement, T?> read)
        where T : class => [.. Elements(json, field)
            .Select(item => read(item) ?? throw reader.Wrong(field, expected, item.GetRawText()))];

    private static List<int> Items(
        JsonElement json, JsonFieldReader reader, string field, string expected, Func<JsonElement, int?> read) =>
        [.. Elements(json, field).Select(item => read(item) ?? throw reader.Wrong(field, expected, item.GetRawText()))];

    private static List<JsonElement> Elements(JsonElement json, string field)
    {
        if (!json.TryGetProperty(field, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return [];
        }
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
    }

    private static List<(string Key, double Value)> Pattern(
        JsonElement json, JsonFieldReader reader, string field, string expected, Func<double, bool> valid)
    {
        if (!json.TryGetProperty(field, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return [];
        }
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw reader.Wrong(field, expected, value.GetRawText());
        }
        var pattern = new List<(string Key, double Value)>();
        foreach (JsonProperty entry in value.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetDouble(out double number)
                || !valid(number) || !NamePattern.IsValid(entry.Name))
            {
                throw reader.Wrong(field, expected,
                    string.Create(CultureInfo.InvariantCulture,
                    $"'{CheckpointException.Shorten(entry.Name)}': {entry.Value.GetRawText()}"));
            }
            pattern.Add((entry.Name, number));
        }
        return pattern;
    }
}
