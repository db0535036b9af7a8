using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Options;
using SpeechML.Sweeps.Space;

namespace SpeechML.Sweeps.Tests;

/// <summary>
/// How <c>SearchSpace&lt;T&gt;</c> of ML.NET's AutoML (package Microsoft.ML.AutoML 0.23, which cannot be restored
/// everywhere) makes options: each declared option from a number in [0, 1], put into the JSON of the defaults, which is
/// deserialized with enums by name. Follows Microsoft.ML.SearchSpace of ML.NET 5.0.0 (MIT): SearchSpace.cs,
/// Parameter.cs, Option/*.cs.
/// </summary>
internal sealed class AutoMLSpace(SpeechTrainingOptions defaults)
{
    private static readonly JsonSerializerOptions s_json =
        new()
        {
            WriteIndented = true,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Converters = { new JsonStringEnumConverter() }
        };

    public SpeechTrainingOptions Sample(Func<OptionPath, double> feature)
    {
        JsonObject json = Object(defaults);
        foreach (OptionPath option in DeclaredOptions.Of(defaults.GetType()))
        {
            string[] steps = option.Name.Split('.');
            JsonObject owner = steps.SkipLast(1).Aggregate(json, (o, step) => o[step]!.AsObject());
            owner[steps[^1]] = Value(option, feature(option));
        }
        return (SpeechTrainingOptions)JsonSerializer.Deserialize(json.ToJsonString(s_json), defaults.GetType(),
            s_json)!;
    }

    /// <summary>The number that stands for the value that an option's attribute names as its first.</summary>
    public static double Initial(OptionPath option)
    {
        switch (Attribute(option))
        {
            case RangeAttribute range:
                (double min, double max, double init) = ((double)range.Min, (double)range.Max, (double)range.Init);
                return range.LogBase ? (Math.Log(init) - Math.Log(min)) / (Math.Log(max) - Math.Log(min))
                    : (init / (max - min)) - (min / (max - min));
            case ChoiceAttribute choice:
                return Array.IndexOf(choice.Candidates, choice.DefaultValue) / (double)choice.Candidates.Length;
            case BooleanChoiceAttribute flag:
                return flag.DefaultValue ? 0 : 0.5;
            default:
                throw new InvalidOperationException(option.Name);
        }
    }

    private static JsonNode Value(OptionPath option, double feature)
    {
        switch (Attribute(option))
        {
            case RangeAttribute range:
                (double min, double max) = ((double)range.Min, (double)range.Max);
                return JsonValue.Create(
                    range.LogBase ? min * Math.Pow(max / min, feature) : min + ((max - min) * feature));
            case ChoiceAttribute choice:
                return Scalar(choice.Candidates[Index(choice.Candidates.Length, feature)]);
            default:
                return JsonValue.Create(Index(2, feature) == 0);
        }
    }

    // In single precision, as ChoiceOption does.
    private static int Index(int count, double feature) =>
        Math.Min(count - 1, (int)Math.Floor((float)(count * feature)));

    private static object Attribute(OptionPath option) =>
        option.Property.GetCustomAttributes(false)
        .Single(a => a is RangeAttribute or ChoiceAttribute or BooleanChoiceAttribute);

    /// <summary>Public properties that can be read and written, without nulls.</summary>
    private static JsonObject Object(object value) =>
        new(value.GetType().GetProperties().Where(p => p.CanRead && p.CanWrite && p.GetValue(value) is not null)
            .Select(p => KeyValuePair.Create(p.Name, (JsonNode?)Scalar(p.GetValue(value)!))));

    private static JsonNode Scalar(object value) => value switch
    {
        int number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        Enum name => JsonValue.Create(name.ToString()),
        _ => Object(value),
    };
}
