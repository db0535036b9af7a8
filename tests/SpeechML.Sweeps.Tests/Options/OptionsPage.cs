using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SpeechML.Audio.Options;

namespace SpeechML.Sweeps.Tests.Options;

/// <summary>The page <c>docs/reference/options.md</c>, made of the classes of options.</summary>
internal static partial class OptionsPage
{
    public static string Write()
    {
        var page = new StringBuilder();
        page.Append("# Options\n\n");
        page.Append("Every class of options with its properties. The page is made from the classes and their XML " +
            "documentation; a test\nkeeps it true.\n\n");
        page.Append("*Valid* is what an option takes; anything else is refused with a message that names the option, " +
            "what is\nexpected and what it is. *Takes part* says on which other options an option depends. *Changes* " +
            "says whether\nresults depend on it: the trained weights, the figures, the audio.\n\n");
        page.Append(string.Join('\n', OptionClasses.All.Select(t => $"- [{t.Name}](#{Anchor(t)})"))).Append('\n');
        foreach (Type type in OptionClasses.All)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {type.Name}\n\n");
            if (OptionClasses.All.Contains(type.BaseType!))
            {
                page.Append(CultureInfo.InvariantCulture,
                    $"All of [{type.BaseType!.Name}](#{Anchor(type.BaseType)}), and:\n\n");
            }
            page.Append("| option | type | default | valid | takes part | changes | |\n")
                .Append("|---|---|---|---|---|---|---|\n");
            foreach (Option option in OptionClasses.Own(type))
            {
                page.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", Row(option).Select(Escape))} |\n");
            }
        }
        return page.ToString();
    }

    private static IEnumerable<string> Row(Option option)
    {
        yield return $"`{option.Name}`";
        yield return TypeOf(option);
        yield return option.IsRequired ? "(required)" : option.IsGroup ? "" : OptionClasses.Default(option) ?? "";
        yield return option.IsGroup ? "" : Valid(option);
        yield return string.Join(" and ", option.Conditions.Select(Condition));
        yield return option.AffectsResult ? "yes" : "no";
        yield return FirstSentence().Match(option.Summary).Value;
    }

    private static string TypeOf(Option option)
    {
        Type type = OptionTypes.Plain(option.Type);
        return option.IsGroup && OptionClasses.All.Contains(type) ? $"[{type.Name}](#{Anchor(type)})"
            : OptionTypes.ElementOf(type) is { } element ? $"list of {Word(element)}" : Word(type);
    }

    private static string Word(Type type) =>
        type == typeof(string) ? "text" : type == typeof(bool) ? "flag"
            : type == typeof(int) || type == typeof(long) ? "whole number"
            : type == typeof(double) || type == typeof(float) ? "number"
            : type == typeof(TimeSpan) ? "time" : type.IsGenericType ? type.Name.Split('`')[0] : type.Name;

    private static string Valid(Option option) =>
        option.Type == typeof(bool) ? "" : option.Expected == "a text" ? "any" : option.Expected;

    private static string Condition(ActiveWhenAttribute condition) =>
        condition.Values.Length == 0
            ? string.Create(CultureInfo.InvariantCulture, $"`{condition.Option}` above {condition.Above}")
            : $"`{condition.Option}` is {string.Join(" or ", condition.Values.Select(v =>
                Convert.ToString(v, CultureInfo.InvariantCulture)))}";

    private static string Escape(string text) => text.Replace("|", "\\|").Replace("<", "&lt;");

    private static string Anchor(Type type) => type.Name.ToLowerInvariant();

    [GeneratedRegex(@"^.*?(\.(?=\s[A-Z(])|$)")]
    private static partial Regex FirstSentence();
}
