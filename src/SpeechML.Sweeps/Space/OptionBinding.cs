using System.Globalization;
using System.Reflection;
using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Options;
using static SpeechML.SweepParameter;

namespace SpeechML.Sweeps.Space;

/// <summary>
/// Fits a parameter to the option it is for: values of the option's type, ranges from its attributes.
/// </summary>
internal static class OptionBinding
{
    /// <summary>The parameter with values of the option's own type.</summary>
    /// <exception cref="ArgumentException">The option cannot have such values, or declares none.</exception>
    public static SweepParameter Bind(SweepParameter parameter, OptionPath option) => parameter.Kind switch
    {
        ParameterKind.AsDeclared => Bind(Declared(option).With(parameter.Conditions), option),
        ParameterKind.Choice =>
        Chosen(parameter.Name, [.. parameter.Values.Select(v => Convert(v, option))], false).With(parameter.Conditions),
        _ => BindRange(parameter, option),
    };

    /// <summary>A value as the option's type.</summary>
    public static object Convert(object value, OptionPath option)
    {
        Type type = option.Type;
        if (option.Option.Names is { } names)
        {
            return names.Find(value as string) ?? throw Wrong(option, value);
        }
        if (type.IsInstanceOfType(value))
        {
            return value;
        }
        if (type.IsEnum)
        {
            return value is string name && Enum.TryParse(type, name, out object? parsed)
                && Enum.IsDefined(type, parsed!) ? parsed! : throw Wrong(option, value);
        }
        bool number = value is int or long or float or double;
        if (type == typeof(double) && number)
        {
            return System.Convert.ToDouble(value, CultureInfo.InvariantCulture);
        }
        if (type == typeof(float) && number)
        {
            return System.Convert.ToSingle(value, CultureInfo.InvariantCulture);
        }
        if (type == typeof(int) && number && System.Convert.ToDouble(value, CultureInfo.InvariantCulture) is var whole
            && whole == Math.Floor(whole) && Math.Abs(whole) <= int.MaxValue)
        {
            return (int)whole;
        }
        throw Wrong(option, value);
    }

    private static SweepParameter BindRange(SweepParameter parameter, OptionPath option)
    {
        if (option.Type == typeof(int))
        {
            _ = Convert(parameter.Min, option);
            _ = Convert(parameter.Max, option);
            return Ranged(parameter.Name, ParameterKind.Whole, parameter.Min, parameter.Max, parameter.LogScale)
                .With(parameter.Conditions);
        }
        Require(option.Type == typeof(double) || option.Type == typeof(float), option.Name,
            $"a choice, because the option is {TypeName(option)}", "a range");
        return Ranged(parameter.Name, ParameterKind.Real, parameter.Min, parameter.Max, parameter.LogScale)
            .With(parameter.Conditions);
    }

    private static SweepParameter Declared(OptionPath option)
    {
        if (option.Property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            return Ranged(option.Name, ParameterKind.Real,
                System.Convert.ToDouble(range.Min, CultureInfo.InvariantCulture),
                System.Convert.ToDouble(range.Max, CultureInfo.InvariantCulture), range.LogBase);
        }
        if (option.Property.GetCustomAttribute<ChoiceAttribute>() is { } choice)
        {
            return Chosen(option.Name, choice.Candidates, false);
        }
        if (option.Type == typeof(bool))
        {
            return Chosen(option.Name, [false, true], false);
        }
        if (option.Option.Names is { } names)
        {
            return Chosen(option.Name, [.. names.Names], false);
        }
        Require(option.Type.IsEnum, option.Name,
            $"{nameof(Range)} or {nameof(Choice)}, because the option declares no range of its own",
            nameof(AsDeclared));
        return Chosen(option.Name, [.. Enum.GetValues(option.Type).Cast<object>()], false);
    }

    private static ArgumentException Wrong(OptionPath option, object value) =>
        new(string.Create(CultureInfo.InvariantCulture,
            $"Sweep parameter '{option.Name}': expected values that are {TypeName(option)}, got '{value}' " +
            $"({value.GetType().Name})."));

    private static string TypeName(OptionPath option) => option.Option.Names?.Expected ?? TypeName(option.Type);

    private static string TypeName(Type type) => type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
        : type == typeof(bool) ? "true or false"
        : type == typeof(string) ? "text"
        : type == typeof(int) ? "whole numbers"
        : "numbers";
}
