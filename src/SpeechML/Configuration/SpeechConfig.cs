using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Audio.Options;
using SpeechML.Configuration;

namespace SpeechML;

/// <summary>
/// Reads and writes the files of configured runs, <see cref="SpeechLoadConfig"/> and <see cref="SpeechModelConfig"/>.
/// Keys are the names of the classes' public properties in camel
/// case, found by reflection: an option that a trainer has can be configured.
/// </summary>
public static class SpeechConfig
{
    /// <summary>Reads a file.</summary>
    /// <typeparam name="T">The class of configuration.</typeparam>
    /// <param name="path">The file's path or address: JSON, in which comments and trailing commas may stand.</param>
    /// <param name="overrides">Texts by path (<see cref="ConfigOption.Path"/>) that count instead of what the file
    /// says; <see langword="null"/> for none.</param>
    /// <exception cref="InvalidDataException">An unknown key (the message names the nearest known one), a value of
    /// another type, a required one that is missing: names file or option, key, expected, got.</exception>
    public static T Load<T>(string path, IReadOnlyDictionary<string, IReadOnlyList<string>>? overrides = null)
        where T : class => Parse<T>(StoragePath.ReadAllText(path), path, overrides);

    /// <summary>Reads text.</summary>
    /// <typeparam name="T">The class of configuration.</typeparam>
    /// <param name="json">The text.</param>
    /// <param name="name">Its name in messages.</param>
    /// <param name="overrides">Texts by path that count instead of what the text says; <see langword="null"/> for
    /// none.</param>
    /// <exception cref="InvalidDataException">As for <see cref="Load"/>.</exception>
    public static T Parse<T>(
        string json, string name, IReadOnlyDictionary<string, IReadOnlyList<string>>? overrides = null)
        where T : class
    {
        try
        {
            JsonNode? document = JsonNode.Parse(json, null, new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
                AllowDuplicateProperties = false,
            });
            return document is JsonObject given
                ? (T)new ConfigReader(name, overrides ?? new Dictionary<string, IReadOnlyList<string>>())
                    .Read(typeof(T), given)
                : throw new InvalidDataException(
                    $"'{name}': expected an object, got {document?.GetValueKind() ?? JsonValueKind.Null}.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{name}': expected JSON with every key once, got: {e.Message}", e);
        }
    }

    /// <summary>Every value, also those that are the default, as indented JSON.</summary>
    public static string Write<T>(T config)
        where T : class => Tree(config).ToJsonString(ConfigReader.Json) + "\n";

    /// <summary>Writes <see cref="Write"/>'s text; the file appears whole or not at all.</summary>
    /// <typeparam name="T">The class of configuration.</typeparam>
    /// <param name="config">The configuration.</param>
    /// <param name="path">The file's path or address; one that is there is replaced.</param>
    public static void Save<T>(T config, string path)
        where T : class => StoragePath.WriteAllText(path, Write(config), overwrite: true);

    /// <summary>The JSON Schema (draft 7) of a class of configuration.</summary>
    public static string Schema<T>()
        where T : class => ConfigSchema.Of(typeof(T)).ToJsonString(ConfigReader.Json) + "\n";

    /// <summary>Every value that the files of a class can hold, as options of a command line.</summary>
    public static IReadOnlyList<ConfigOption> Options<T>()
        where T : class => ConfigOption.Of(typeof(T));

    private static JsonObject Tree(object config)
    {
        JsonObject json = JsonSerializer.SerializeToNode(config, config.GetType(), ConfigReader.Json)!.AsObject();
        if (ConfigVariants.Of(OptionModel.Of(config.GetType())) is { } variant)
        {
            object its = variant.Property.GetValue(config)!;
            json[variant.Key] = JsonSerializer.SerializeToNode(its, its.GetType(), ConfigReader.Json);
        }
        return json;
    }
}
