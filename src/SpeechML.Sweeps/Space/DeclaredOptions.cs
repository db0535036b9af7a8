using System.Reflection;
using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Options;

namespace SpeechML.Sweeps.Space;

/// <summary>
/// The options of a class that declare a search space: <c>[Range]</c>, <c>[Choice]</c>, <c>[BooleanChoice]</c>, also
/// within options marked <c>[NestOption]</c>.
/// </summary>
internal static class DeclaredOptions
{
    public static IEnumerable<OptionPath> Of(Type options) =>
        OptionModel.Of(options).Paths.Where(
        o => IsDeclared(o.Property) && o.Groups.All(p => p.Property.IsDefined(typeof(NestOptionAttribute))));

    /// <summary>When an option takes part.</summary>
    public static IEnumerable<SweepCondition> Conditions(OptionPath option)
    {
        return option.Option.Conditions
            .Select(w => new SweepCondition(option.Prefix + w.Option, w.Values.Length > 0 ? w.Values : null, w.Above));
    }

    /// <summary>
    /// A parameter that is as declared, with the declared conditions on others of the space. Others must hold already.
    /// </summary>
    /// <exception cref="ArgumentException">A condition can never hold.</exception>
    public static SweepParameter WithConditions(
        SweepParameter parameter, OptionPath option, object defaults, IReadOnlyCollection<string> space)
    {
        List<SweepCondition> conditions = [.. Conditions(option)];
        SweepCondition? never = conditions.Find(c => !space.Contains(c.Parent) && !HoldsIn(c, defaults));
        SweepParameter.Require(never is null, parameter.Name, $"a space or defaults in which it takes part ({never})",
            never is null
            ? null : $"{never.Parent} = {SweepOption.Find(defaults.GetType(), never.Parent).Get(defaults)}");
        return parameter.With([.. parameter.Conditions, .. conditions.Where(c => space.Contains(c.Parent))]);
    }

    public static bool HoldsIn(SweepCondition condition, object options) =>
        condition.Holds(SweepOption.Find(options.GetType(), condition.Parent).Get(options)!);

    private static bool IsDeclared(PropertyInfo property) =>
        property.IsDefined(typeof(RangeAttribute)) || property.IsDefined(typeof(ChoiceAttribute))
            || property.IsDefined(typeof(BooleanChoiceAttribute));
}
