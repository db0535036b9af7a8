using SpeechML.Audio.Options;

namespace SpeechML.Audio.Measures;

/// <summary>Times between frames.</summary>
internal static class MeasureSteps
{
    /// <summary>Shorter steps than half a millisecond only cost memory.</summary>
    private const double Min = 0.0005;

    /// <exception cref="ArgumentException">The step is neither 0 nor long enough.</exception>
    public static void Check(double step, string option) =>
        OptionChecks.Check(step is 0 or >= Min, option, FormattableString.Invariant($"0 or at least {Min} s"), step);
}
