using System.Globalization;
using System.Text.Json;
using SpeechML.Sweeps.Space;

namespace SpeechML;

/// <summary>
/// One option of a trainer that a sweep varies, by name; options within options with a dot (<c>Lora.Rank</c>). Checked
/// against the options' class
/// when it is put into a <see cref="SweepSpace{TOptions}"/>.
/// </summary>
public sealed class SweepParameter
{
    internal SweepParameter(string name, ParameterKind kind)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        Kind = kind;
    }

    /// <summary>Name of the option, or of the switch.</summary>
    public string Name { get; }

    /// <summary>What values it takes.</summary>
    public ParameterKind Kind { get; internal init; }

    /// <summary>Smallest value of a range.</summary>
    public double Min { get; internal init; }

    /// <summary>Greatest value of a range, inclusive.</summary>
    public double Max { get; internal init; }

    /// <summary>Whether a range counts on a log scale.</summary>
    public bool LogScale { get; internal init; }

    /// <summary>The values of a choice; a point holds the index of one.</summary>
    public IReadOnlyList<object> Values { get; internal init; } = [];

    /// <summary>Whether it is no option, but there for others' conditions.</summary>
    internal bool IsSwitch { get; init; }

    internal IReadOnlyList<SweepCondition> Conditions { get; init; } = [];

    /// <summary>Numbers of a range; for an option that is a whole number, both ends included.</summary>
    /// <param name="option">Name of the option.</param>
    /// <param name="min">Smallest value.</param>
    /// <param name="max">Greatest value.</param>
    /// <param name="logScale">Every order of magnitude counts alike; needs <paramref name="min"/> above 0.</param>
    /// <exception cref="ArgumentException">The range is none.</exception>
    public static SweepParameter Range(string option, double min, double max, bool logScale = false) =>
        Ranged(option, ParameterKind.Real, min, max, logScale);

    /// <inheritdoc cref="Range(string, double, double, bool)"/>
    public static SweepParameter Range(string option, int min, int max, bool logScale = false) =>
        Ranged(option, ParameterKind.Whole, min, max, logScale);

    /// <summary>Some values of the option's type: numbers, flags, texts, enum values or their names.</summary>
    /// <param name="option">Name of the option.</param>
    /// <param name="values">The values, each once.</param>
    /// <exception cref="ArgumentException">There is no value, or one twice.</exception>
    public static SweepParameter Choice(string option, params object[] values) => Chosen(option, values, false);

    /// <summary>
    /// No option, but a choice that others depend on by <see cref="OnlyWhen"/>: <c>Switch("adapter", "none",
    /// "lora")</c>.
    /// </summary>
    /// <param name="name">A name unlike any option's.</param>
    /// <param name="values">The values, each once.</param>
    public static SweepParameter Switch(string name, params string[] values) => Chosen(name, values, true);

    /// <summary>An option in the range that its search-space attribute declares (<c>[Range]</c>, <c>[Choice]</c>,
    /// <c>[BooleanChoice]</c> of ML.NET); flags and enums without one take all their values. Where it takes part only
    /// with
    /// another option of the space, as <c>Lora.Alpha</c> with <c>Lora.Rank</c>, it is conditional on that.</summary>
    /// <param name="option">Name of the option.</param>
    public static SweepParameter AsDeclared(string option) => new(option, ParameterKind.AsDeclared);

    /// <summary>
    /// The same parameter, which takes part only where another has one of some values; elsewhere the option stays as it
    /// is in the defaults. Several conditions must all hold.
    /// </summary>
    /// <param name="parent">Name of the other parameter, which is in the same space.</param>
    /// <param name="values">Values of the other, as given to it.</param>
    public SweepParameter OnlyWhen(string parent, params object[] values)
    {
        Require(values is { Length: > 0 }, Name, $"at least one value of '{parent}' under which it takes part", "none");
        return With(new SweepCondition(parent, [.. values], 0));
    }

    /// <summary>
    /// As <see cref="OnlyWhen"/>, where another parameter is a number above a limit: <c>OnlyWhenAbove("Lora.Rank",
    /// 0)</c>.
    /// </summary>
    /// <param name="parent">Name of the other parameter.</param>
    /// <param name="limit">The limit, exclusive.</param>
    public SweepParameter OnlyWhenAbove(string parent, double limit) => With(new SweepCondition(parent, null, limit));

    /// <summary>The value that a point's number stands for.</summary>
    internal object ValueOf(double code) => Kind switch
    {
        ParameterKind.Choice => Values[(int)code],
        ParameterKind.Whole => (int)code,
        _ => code,
    };

    /// <summary>A point's number as it is in the log.</summary>
    internal JsonElement ToJson(double code) =>
        JsonSerializer.SerializeToElement(ValueOf(code) is Enum value ? value.ToString() : ValueOf(code));

    /// <summary>
    /// The number of a value in the log; <see langword="null"/> where it is not one of this parameter's.
    /// </summary>
    internal double? FromJson(JsonElement json)
    {
        if (Kind != ParameterKind.Choice)
        {
            return json.ValueKind == JsonValueKind.Number && json.GetDouble() is var number && number >= Min
                && number <= Max ? number : null;
        }
        int found = Values.ToList().FindIndex(v => ToJsonText(v) == json.GetRawText());
        return found < 0 ? null : found;
    }

    /// <summary>What it takes, for the study's identity and for messages.</summary>
    internal string Describe()
    {
        string values = Kind == ParameterKind.Choice
            ? $"{(IsSwitch ? "switch" : "choice")} of {string.Join(", ", Values.Select(ToJsonText))}"
            : string.Create(CultureInfo.InvariantCulture,
                $"{(Kind == ParameterKind.Whole ? "whole numbers" : "numbers")} from {Min:R} to " +
                $"{Max:R}{(LogScale ? " on a log scale" : "")}");
        return Conditions.Count == 0 ? values : $"{values}, only when {string.Join(" and ", Conditions)}";
    }

    internal SweepParameter With(IReadOnlyList<SweepCondition> conditions) =>
        new(Name, Kind)
        {
            Min = Min,
            Max = Max,
            LogScale = LogScale,
            Values = Values,
            IsSwitch = IsSwitch,
            Conditions = conditions
        };

    internal static void Require(bool valid, string parameter, string expected, object? got)
    {
        if (!valid)
        {
            string text = Convert.ToString(got, CultureInfo.InvariantCulture) ?? "nothing";
            throw new ArgumentException(
                $"Sweep parameter '{parameter}': expected {expected}, got {text.TrimEnd('.')}.");
        }
    }

    internal static SweepParameter Ranged(string option, ParameterKind kind, double min, double max, bool logScale)
    {
        Require(double.IsFinite(min) && double.IsFinite(max) && min < max, option,
            "a smallest value below the greatest, both finite", FormattableString.Invariant($"{min} and {max}"));
        Require(!logScale || min > 0, option, "a smallest value above 0, because it is on a log scale", min);
        return new SweepParameter(option, kind) { Min = min, Max = max, LogScale = logScale };
    }

    internal static SweepParameter Chosen(string option, object[] values, bool isSwitch)
    {
        Require(values is { Length: > 0 } && !values.Contains(null), option, "at least one value, none of them null",
            values is null ? "null" : $"{values.Length} values");
        Require(values!.Distinct().Count() == values!.Length, option, "every value once",
            string.Join(", ", values.Select(ToJsonText)));
        return new SweepParameter(option, ParameterKind.Choice) { Values = [.. values], IsSwitch = isSwitch };
    }

    private static string ToJsonText(object value) =>
        JsonSerializer.Serialize(value is Enum named ? named.ToString() : value);

    private SweepParameter With(SweepCondition condition) => With([.. Conditions, condition]);
}
