namespace SpeechML.Sweeps.Space;

/// <summary>
/// One value for every parameter that takes part: numbers as they are, of a choice the number of the value.
/// </summary>
internal sealed class SweepPoint(IReadOnlyDictionary<string, double> codes)
{
    public IReadOnlyDictionary<string, double> Codes => codes;

    public double this[string parameter] => codes[parameter];

    /// <summary>Whether the parameter takes part.</summary>
    public bool Has(string parameter) => codes.ContainsKey(parameter);

    /// <summary>The same text for the same point.</summary>
    public override string ToString() =>
        string.Join(", ", codes.OrderBy(c => c.Key, StringComparer.Ordinal)
            .Select(c => FormattableString.Invariant($"{c.Key}={c.Value:R}")));
}
