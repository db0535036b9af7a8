using System.Globalization;
using SpeechML.Audio.Options;

namespace SpeechML.Sweeps.Tests.Options;

[TestClass]
public class OptionClassesTests
{
    private const double Tolerance = 1e-12;

    [TestMethod]
    public void EveryOption_SaysWhatIsValid()
    {
        string[] silent = [.. Each().Where(o => !o.Option.SaysWhatIsValid).Select(o => o.Name)];
        Assert.IsEmpty(silent,
            $"Options without [InRange], [IsText] or names: {string.Join(", ", silent)}");
    }

    [TestMethod]
    public void EveryOption_NamesItsDefaultInItsDocumentation()
    {
        string[] silent = [.. Each().Where(o => !o.Option.IsGroup && !o.Option.IsRequired
            && OptionClasses.Default(o.Option) is null).Select(o => o.Name)];
        Assert.IsEmpty(silent,
            $"Options whose summary has no 'The default is …' or '…, the default': {string.Join(", ", silent)}");
    }

    [TestMethod]
    public void EveryNumberAndFlag_IsWhatItsDocumentationSays()
    {
        List<string> wrong = [];
        foreach ((Type type, Option option, string name) in Each().Where(o => !o.Option.IsRequired))
        {
            object created = OptionClasses.Create(type);
            string said = OptionClasses.Default(option) ?? "";
            bool right = option.Property.GetValue(created) switch
            {
                bool flag => said.EndsWith(flag ? "true" : "false", StringComparison.Ordinal)
                    || said.StartsWith("what ", StringComparison.Ordinal),
                null => !option.Type.IsValueType || said == "null",
                _ => OptionClasses.Number(option, created) is not { } number || SaysNumber(said, number),
            };
            if (!right)
            {
                wrong.Add($"{name}: '{said}'");
            }
        }
        Assert.IsEmpty(wrong, string.Join(", ", wrong));
    }

    [TestMethod]
    public void EveryClass_IsValidAsItIsCreated()
    {
        foreach (Type type in OptionClasses.All)
        {
            object created = OptionClasses.Create(type);
            foreach (Option option in OptionModel.Of(type).Members.Where(m => !m.IsRequired))
            {
                option.Check(option.Property.GetValue(created), $"{type.Name}.{option.Name}");
            }
        }
    }

    [TestMethod]
    public void Condition_NamesAnOptionOfItsClassAndValuesOfItsType()
    {
        foreach ((Type type, Option option, string name) in Each())
        {
            foreach (ActiveWhenAttribute condition in option.Conditions)
            {
                OptionPath? other = OptionModel.Of(type).Find(condition.Option);
                Assert.IsNotNull(other, $"{name}: {condition.Option}");
                Type expected = OptionTypes.Plain(other.Type);
                Assert.IsTrue(condition.Values.All(v => v.GetType() == expected), $"{name}: {condition.Option}");
            }
        }
    }

    private static bool SaysNumber(string said, double number) =>
        said switch
        {
            "π" => Math.Abs(number - Math.PI) < Tolerance,
            "-π" => Math.Abs(number + Math.PI) < Tolerance,
            "PositiveInfinity" => double.IsPositiveInfinity(number),
            _ => double.TryParse(said.Split(' ')[0], CultureInfo.InvariantCulture, out double value)
                && Math.Abs(value - number) <= Tolerance * Math.Abs(number),
        };

    private static IEnumerable<(Type Type, Option Option, string Name)> Each() =>
        OptionClasses.All.SelectMany(t => OptionClasses.Own(t).Select(o => (t, o, $"{t.Name}.{o.Name}")));
}
