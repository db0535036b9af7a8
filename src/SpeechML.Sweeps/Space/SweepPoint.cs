namespace SpeechML;

/// <summary>
/// A point of a search space: one value for each parameter that takes part, encoded as a number. Immutable.
/// </summary>
/// <param name="encodedValues">By name of the parameter: numbers as they are; for a choice, the index of the value in
/// <see cref="SweepParameter.Values"/>.</param>
public sealed class SweepPoint(IReadOnlyDictionary<string, double> encodedValues)
{
    /// <summary>The encoded values, by name of the parameter.</summary>
    public IReadOnlyDictionary<string, double> EncodedValues => encodedValues;

    /// <summary>The encoded value of a parameter.</summary>
    /// <param name="parameter">Name of the parameter.</param>
    /// <exception cref="KeyNotFoundException">It takes no part.</exception>
    public double this[string parameter] => encodedValues[parameter];

    /// <summary>Whether a parameter takes part.</summary>
    /// <param name="parameter">Name of the parameter.</param>
    public bool Has(string parameter) => encodedValues.ContainsKey(parameter);

    /// <summary>The same text for the same point.</summary>
    public override string ToString() =>
        string.Join(", ", encodedValues.OrderBy(c => c.Key, StringComparer.Ordinal)
            .Select(c => FormattableString.Invariant($"{c.Key}={c.Value:R}")));
}
