using System.Globalization;

namespace SpeechML.Sweeps.Space;

/// <summary>
/// When a parameter takes part: only where another has one of some values, or a number above a limit.
/// </summary>
/// <param name="Parent">The other parameter.</param>
/// <param name="Values">The values that make it take part; <see langword="null"/> where a limit does.</param>
/// <param name="Above">The limit, exclusive.</param>
internal sealed record SweepCondition(string Parent, object[]? Values, double Above)
{
    /// <summary>Whether the other parameter's value makes this one take part.</summary>
    public bool Holds(object value) =>
        Values is null ? Convert.ToDouble(value, CultureInfo.InvariantCulture) > Above
            : Array.Exists(Values, v => v.Equals(value));

    /// <summary>For the study's identity and for messages.</summary>
    public override string ToString() => Values is null
        ? FormattableString.Invariant($"{Parent} above {Above}")
        : $"{Parent} in {{{string.Join(", ", Values.Select(v => Convert.ToString(v, CultureInfo.InvariantCulture)))}}}";
}
