using SpeechML.Audio.Common;

namespace SpeechML.Sweeps.Space;

/// <summary>
/// What a tuner chooses from: parameters, those that others depend on first, and which of their combinations are
/// allowed.
/// </summary>
internal sealed class ParameterSpace
{
    // The share of combinations that the options refuse is small; beyond this the space is as good as empty.
    private const int MostDraws = 1000;

    private readonly Func<SweepPoint, bool> _allowed;

    /// <param name="parameters">The parameters, in any order.</param>
    /// <param name="allowed">Whether a combination is possible; <see langword="null"/> where all are.</param>
    /// <exception cref="ArgumentException">Two have one name, or a condition names what is not there or not
    /// possible.</exception>
    public ParameterSpace(IReadOnlyList<SweepParameter> parameters, Func<SweepPoint, bool>? allowed = null)
    {
        _allowed = allowed ?? (_ => true);
        Parameters = Order(parameters);
    }

    /// <summary>Those that others depend on come before them.</summary>
    public IReadOnlyList<SweepParameter> Parameters { get; }

    public bool Allows(SweepPoint point) => _allowed(point);

    /// <summary>Whether a parameter takes part, given those before it.</summary>
    public bool TakesPart(SweepParameter parameter, IReadOnlyDictionary<string, double> codes) =>
        parameter.Conditions.All(
            c => codes.TryGetValue(c.Parent, out double code) && c.Holds(Find(c.Parent).ValueOf(code)));

    /// <summary>A point whose parameters are drawn one after the other.</summary>
    /// <param name="draw">A number for a parameter that takes part.</param>
    public SweepPoint Build(Func<SweepParameter, double> draw)
    {
        var codes = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (SweepParameter parameter in Parameters)
        {
            if (TakesPart(parameter, codes))
            {
                codes[parameter.Name] = draw(parameter);
            }
        }
        return new SweepPoint(codes);
    }

    /// <summary>An allowed point, every parameter uniform on its scale.</summary>
    /// <exception cref="InvalidOperationException">No combination is allowed.</exception>
    public SweepPoint Draw(SeededRandom random) => Draw(() => Build(p => ParameterScale.Of(p).Draw(random)));

    /// <summary>The first allowed one of many points.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public SweepPoint Draw(Func<SweepPoint> next)
    {
        for (int i = 0; i < MostDraws; i++)
        {
            if (next() is var point && Allows(point))
            {
                return point;
            }
        }
        throw new InvalidOperationException(
            $"Search space: expected combinations that the options allow, got none in {MostDraws} draws.");
    }

    private SweepParameter Find(string name) => Parameters.First(p => p.Name == name);

    private static List<SweepParameter> Order(IReadOnlyList<SweepParameter> parameters)
    {
        var byName = new Dictionary<string, SweepParameter>(StringComparer.Ordinal);
        foreach (SweepParameter parameter in parameters)
        {
            SweepParameter.Require(byName.TryAdd(parameter.Name, parameter), parameter.Name,
                "one parameter of this name", "two");
        }
        var ordered = new List<SweepParameter>();
        while (ordered.Count < parameters.Count)
        {
            SweepParameter? next = parameters.FirstOrDefault(p => !ordered.Contains(p)
                && p.Conditions.All(c => ordered.Exists(o => o.Name == c.Parent)));
            if (next is null)
            {
                SweepParameter stuck = parameters.First(p => !ordered.Contains(p));
                SweepCondition condition = stuck.Conditions.First(c => !ordered.Exists(o => o.Name == c.Parent));
                SweepParameter.Require(byName.ContainsKey(condition.Parent), stuck.Name,
                    $"a condition on another parameter of the space " +
                    $"('{string.Join("', '", byName.Keys.Where(k => k != stuck.Name))}')", $"'{condition.Parent}'");
                SweepParameter.Require(false, stuck.Name, "conditions that do not go round in a circle",
                    string.Join(" and ", stuck.Conditions));
            }
            foreach (SweepCondition condition in next!.Conditions)
            {
                CheckCondition(next, condition, byName[condition.Parent]);
            }
            ordered.Add(next);
        }
        return ordered;
    }

    private static void CheckCondition(SweepParameter parameter, SweepCondition condition, SweepParameter parent)
    {
        if (condition.Values is null)
        {
            bool numbers = parent.Kind != ParameterKind.Choice
                || Array.TrueForAll(parent.Values, v => v is int or double or float or long);
            SweepParameter.Require(numbers, parameter.Name,
                $"a limit on numbers, because '{parent.Name}' is compared with {condition.Above}", parent.Describe());
            return;
        }
        SweepParameter.Require(parent.Kind == ParameterKind.Choice, parameter.Name,
            $"{nameof(SweepParameter.OnlyWhenAbove)}, because '{parent.Name}' has a range", condition);
        object? odd = Array.Find(condition.Values, v => !parent.Values.Contains(v));
        SweepParameter.Require(odd is null, parameter.Name,
            $"a condition on values that '{parent.Name}' has, {parent.Describe()}", odd);
    }
}
