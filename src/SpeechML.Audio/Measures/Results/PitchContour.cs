namespace SpeechML;

/// <summary>Fundamental frequency over time.</summary>
/// <param name="Times">The middle of each frame (s), equally spaced.</param>
/// <param name="Step">Time between frames (s).</param>
/// <param name="Frequency">F0 of each frame (Hz); NaN where unvoiced.</param>
/// <param name="Strength">The periodicity of the chosen candidate, 0 to 1; NaN where unvoiced.</param>
/// <param name="Floor">The lowest pitch that was looked for (Hz).</param>
public sealed record PitchContour(
    IReadOnlyList<double> Times, double Step, IReadOnlyList<double> Frequency, IReadOnlyList<double> Strength,
    double Floor)
{
    /// <summary>
    /// F0 at any time (Hz): linear between two voiced frames, the nearest frame's beside an unvoiced one; NaN where
    /// that is unvoiced or there is none.
    /// </summary>
    /// <param name="time">The time (s).</param>
    public double At(double time)
    {
        if (Times.Count == 0)
        {
            return double.NaN;
        }
        double place = (time - Times[0]) / Step;
        double near = Math.Floor(place + 0.5);
        if (!(near >= 0 && near < Times.Count) || double.IsNaN(Frequency[(int)near]))
        {
            return double.NaN;
        }
        double here = Frequency[(int)near];
        double far = place > near ? near + 1 : near - 1;
        return !(far >= 0 && far < Times.Count) || double.IsNaN(Frequency[(int)far]) ? here
            : here + (Math.Abs(place - near) * (Frequency[(int)far] - here));
    }
}
