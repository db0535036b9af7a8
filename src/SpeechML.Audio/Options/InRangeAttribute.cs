namespace SpeechML.Audio.Options;

/// <summary>The finite numbers that an option takes; of a time, its seconds.</summary>
/// <param name="expected">The range in words, for messages and pages: "a rate above 0".</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class InRangeAttribute(string expected) : Attribute
{
    public string Expected => expected;

    /// <summary>Smallest value.</summary>
    public double Min { get; set; } = double.NegativeInfinity;

    /// <summary>A limit that a value must be above.</summary>
    public double Above { get; set; } = double.NegativeInfinity;

    /// <summary>Greatest value.</summary>
    public double Max { get; set; } = double.PositiveInfinity;

    /// <summary>A limit that a value must be below.</summary>
    public double Below { get; set; } = double.PositiveInfinity;

    /// <summary>Whether infinity is in the range. The default is no.</summary>
    public bool MayBeInfinite { get; set; }

    public bool Contains(double value) =>
        double.IsPositiveInfinity(value) ? MayBeInfinite
            : double.IsFinite(value) && value >= Min && value > Above && value <= Max && value < Below;
}
