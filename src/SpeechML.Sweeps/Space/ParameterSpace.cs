using SpeechML.Audio.Common;
using SpeechML.Sweeps.Space;
using SpeechML.Sweeps.Tuners;

namespace SpeechML;

/// <summary>
/// The search space that a tuner chooses from: parameters, those that others depend on first, and the combinations that
/// the options allow. Made by <see cref="SweepSpace{TOptions}"/>.
/// </summary>
public sealed class ParameterSpace
{
    // The share of combinations that the options refuse is small; beyond this the space is as good as empty.
    private const int MaxDraws = 1000;

    private readonly Func<SweepPoint, bool> _allowed;

    /// <param name="parameters">The parameters, in any order.</param>
    /// <param name="allowed">Whether a combination is possible; <see langword="null"/> where all are.</param>
    /// <exception cref="ArgumentException">Two have one name, or a condition names what is not there or not
    /// possible.</exception>
    internal ParameterSpace(IReadOnlyList<SweepParameter> parameters, Func<SweepPoint, bool>? allowed = null)
    {
        _allowed = allowed ?? (_ => true);
        Parameters = Order(parameters);
    }

    /// <summary>The parameters; those that others depend on come before them.</summary>
    public IReadOnlyList<SweepParameter> Parameters { get; }

    /// <summary>Whether the options allow a point.</summary>
    /// <param name="point">The point.</param>
    public bool Allows(SweepPoint point) => _allowed(point);

    /// <summary>Whether a parameter takes part, given the encoded values of those before it.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="codes">Encoded values of the parameters before it, by name.</param>
    public bool TakesPart(SweepParameter parameter, IReadOnlyDictionary<string, double> codes) =>
        parameter.Conditions.All(
            c => codes.TryGetValue(c.Parent, out double code) && c.Holds(Find(c.Parent).ValueOf(code)));

    /// <summary>Builds a point from one parameter after the other; the point may not be allowed.</summary>
    /// <param name="draw">Gives the encoded value of a parameter that takes part.</param>
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

    /// <summary>Draws an allowed point, every parameter uniformly on its scale; the same for the same seed and
    /// trial.</summary>
    /// <param name="seed">Seed of the sweep.</param>
    /// <param name="trial">Number of the trial, from 0.</param>
    /// <exception cref="InvalidOperationException">No combination is allowed.</exception>
    public SweepPoint Draw(int seed, int trial) => Draw(RandomTuner.Stream(seed, trial));

    /// <summary>An allowed point, every parameter uniform on its scale.</summary>
    /// <exception cref="InvalidOperationException">No combination is allowed.</exception>
    internal SweepPoint Draw(SeededRandom random) => Draw(() => Build(p => ParameterScale.Of(p).Draw(random)));

    /// <summary>The first allowed one of up to 1000 points.</summary>
    /// <param name="next">Makes a point.</param>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public SweepPoint Draw(Func<SweepPoint> next)
    {
        for (int i = 0; i < MaxDraws; i++)
        {
            if (next() is var point && Allows(point))
            {
                return point;
            }
        }
        throw new InvalidOperationException(
            $"Search space: expected combinations that the options allow, got none in {MaxDraws} draws.");
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
                || parent.Values.All(v => v is int or double or float or long);
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
