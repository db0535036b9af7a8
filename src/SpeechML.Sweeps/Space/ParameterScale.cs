using SpeechML.Audio.Common;

namespace SpeechML.Sweeps.Space;

/// <summary>
/// The scale on which a range is uniform: a whole number stands for the interval half a unit to either side, so that
/// both ends are drawn as often as the
/// others; a log scale takes the logarithm of that.
/// </summary>
internal readonly struct ParameterScale
{
    private readonly SweepParameter _parameter;

    private ParameterScale(SweepParameter parameter)
    {
        _parameter = parameter;
        double half = parameter.Kind == ParameterKind.Whole ? 0.5 : 0;
        Low = Forward(parameter.Min - half);
        High = Forward(parameter.Max + half);
    }

    public double Low { get; }

    public double High { get; }

    public double Width => High - Low;

    public static ParameterScale Of(SweepParameter parameter) => new(parameter);

    /// <summary>Where a value of the parameter is on the scale.</summary>
    public double Forward(double value) => _parameter.LogScale ? Math.Log(value) : value;

    /// <summary>The value of the parameter at a place on the scale.</summary>
    public double Back(double place)
    {
        double value = _parameter.LogScale ? Math.Exp(place) : place;
        // The sum makes 0 of -0, which is another text.
        return Math.Clamp(_parameter.Kind == ParameterKind.Whole ? Math.Round(value) + 0.0 : value, _parameter.Min,
            _parameter.Max);
    }

    /// <summary>Uniform on the scale; of a choice, each value alike.</summary>
    public double Draw(SeededRandom random) =>
        _parameter.Kind == ParameterKind.Choice ? random.Next(_parameter.Values.Count)
            : Back(Low + (Width * random.NextDouble()));
}
