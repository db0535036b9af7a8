using System.Globalization;

namespace SpeechML.Sweeps.Space;

/// <summary>The values of one parameter over some trials, in order: numbers by size, others as they came.</summary>
internal sealed class ParameterAxis
{
    // From this ratio of the greatest to the smallest on, numbers are looked at on a log scale.
    private const double LogFrom = 20;

    private readonly object[] _values;
    private readonly double[] _places;

    private ParameterAxis(string name, object[] values, bool isNumber)
    {
        Name = name;
        IsNumber = isNumber;
        if (!isNumber)
        {
            _values = values;
            _places = [.. values.Select((_, i) => values.Length == 1 ? 0.5 : i / (values.Length - 1.0))];
            return;
        }
        _values = [.. values.OrderBy(Number)];
        (double low, double high) = (Number(_values[0]), Number(_values[^1]));
        IsLog = low > 0 && high / low >= LogFrom;
        double Scale(double value) => IsLog ? Math.Log(value) : value;
        _places = [.. _values.Select(
            v => high == low ? 0.5 : (Scale(Number(v)) - Scale(low)) / (Scale(high) - Scale(low)))];
    }

    public string Name { get; }

    public bool IsNumber { get; }

    /// <summary>Whether places go by the logarithm.</summary>
    public bool IsLog { get; }

    /// <summary>The values that were tried, each once.</summary>
    public IReadOnlyList<object> Values => _values;

    /// <summary>Where the values are, from 0 to 1.</summary>
    public IReadOnlyList<double> Places => _places;

    /// <summary>The parameters of some trials, in the order in which they come.</summary>
    public static IReadOnlyList<ParameterAxis> Of(IReadOnlyList<SweepTrial> trials) =>
    [
        .. trials.SelectMany(t => t.Parameters.Keys).Distinct().Select(name =>
        {
            object[] values = [.. trials.Where(t => t.Parameters.ContainsKey(name)).Select(t => t.Parameters[name])
                .Distinct()];
            return new ParameterAxis(name, values, Array.TrueForAll(values, v => v is int or long or float or double));
        }),
    ];

    public static double Number(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);

    /// <summary>Number of the trial's value among <see cref="Values"/>; -1 where the parameter takes no part.</summary>
    public int IndexOf(SweepTrial trial) =>
        trial.Parameters.TryGetValue(Name, out object? value) ? Array.IndexOf(_values, value) : -1;
}
