using SpeechML.Audio.Common;
using SpeechML.Audio.Options;
using SpeechML.Sweeps.Space;

namespace SpeechML;

/// <summary>
/// The trainer options that a sweep varies, with their values; all others stay as in the defaults. Checked when it is
/// made: names, types, conditions, and that the options
/// take every value. Combinations that the options refuse are never tried.
/// </summary>
/// <typeparam name="TOptions">The options' class of the trainer.</typeparam>
public sealed class SweepSpace<TOptions>
    where TOptions : SpeechTrainingOptions
{
    private const int Contexts = 200; // combinations in which a value is tried before it counts as refused
    private readonly Dictionary<string, OptionPath> _paths;

    /// <param name="defaults">What holds for every trial; the encoder, at least.</param>
    /// <param name="parameters">What varies.</param>
    /// <exception cref="ArgumentException">No option has that name (the nearest is named), or an option takes no such
    /// value.</exception>
    public SweepSpace(TOptions defaults, params SweepParameter[] parameters)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        ArgumentNullException.ThrowIfNull(parameters);
        SweepParameter.Require(parameters.Length > 0, "(none)", "at least one parameter", "none");
        Defaults = (TOptions)defaults.Copy();
        foreach (SweepParameter parameter in parameters)
        {
            OptionPath? option = OptionModel.Of(typeof(TOptions)).Find(parameter.Name);
            SweepParameter.Require(!(parameter.IsSwitch && option is not null), parameter.Name,
                "a switch's name unlike any option's", "the name of an option");
            SweepParameter.Require(option?.IsVaried != false, parameter.Name,
                "an option that bears on the result and is not the sweep's own",
                "one that a sweep sets or leaves alone");
        }
        _paths = parameters.Where(p => !p.IsSwitch).DistinctBy(p => p.Name)
            .ToDictionary(p => p.Name, p => SweepOption.Find(typeof(TOptions), p.Name), StringComparer.Ordinal);
        Dictionary<string, SweepParameter> byName = parameters.DistinctBy(p => p.Name)
            .ToDictionary(p => p.Name, StringComparer.Ordinal);
        parameters = [.. parameters.Select(
            p => p.Kind == ParameterKind.AsDeclared
            ? DeclaredOptions.WithConditions(p, _paths[p.Name], Defaults, byName.Keys) : p)];
        Parameters = new ParameterSpace(
            [.. parameters.Select(p => BindConditions(p.IsSwitch ? p : OptionBinding.Bind(p, _paths[p.Name]), byName))],
            point => Refusal(point) is null);
        foreach (SweepParameter parameter in Parameters.Parameters.Where(p => !p.IsSwitch))
        {
            CheckValues(parameter);
        }
    }

    /// <summary>What does not vary.</summary>
    internal TOptions Defaults { get; }

    internal ParameterSpace Parameters { get; }

    /// <summary>Options as a point says.</summary>
    internal TOptions Create(SweepPoint point)
    {
        var options = (TOptions)Defaults.Copy();
        foreach (SweepParameter parameter in Parameters.Parameters.Where(p => !p.IsSwitch && point.Has(p.Name)))
        {
            OptionPath path = _paths[parameter.Name];
            path.Set(options, OptionBinding.Convert(parameter.ValueOf(point[parameter.Name]), path));
        }
        return options;
    }

    /// <summary>What the options say against a point; <see langword="null"/> where they take it.</summary>
    private string? Refusal(SweepPoint point)
    {
        try
        {
            Create(point).Validate();
            return null;
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }

    private SweepParameter BindConditions(SweepParameter parameter, Dictionary<string, SweepParameter> byName) =>
        parameter.With(
    [
        .. parameter.Conditions.Select(
        c => c.Values is not null && byName.TryGetValue(c.Parent, out SweepParameter? parent) && !parent.IsSwitch
            ? c with { Values = [.. c.Values.Select(v => OptionBinding.Convert(v, _paths[c.Parent]))] }
            : c),
    ]);

    /// <summary>Each value (of a range, both ends) must be possible in some combination of the others.</summary>
    private void CheckValues(SweepParameter parameter)
    {
        double[] values = parameter.Kind == ParameterKind.Choice
            ? [.. Enumerable.Range(0, parameter.Values.Count).Select(i => (double)i)] : [parameter.Min, parameter.Max];
        foreach (double value in values)
        {
            string? refusal = $"no combination of the others makes it take part ({parameter.Describe()})";
            var random = new SeededRandom(1);
            for (int i = 0; i < Contexts && refusal is not null; i++)
            {
                SweepPoint point = Parameters.Build(p => p == parameter ? value : ParameterScale.Of(p).Draw(random));
                if (point.Has(parameter.Name))
                {
                    refusal = Refusal(point);
                }
            }
            SweepParameter.Require(refusal is null, parameter.Name, "values that the options take",
                FormattableString.Invariant($"{parameter.ToJson(value)}. {refusal}"));
        }
    }
}
