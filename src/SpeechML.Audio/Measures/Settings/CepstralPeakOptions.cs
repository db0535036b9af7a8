using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// Cepstral peak prominence: how far the peak at the pitch's quefrency stands out of a line through the cepstrum. The
/// defaults are those of smoothed prominence, CPPS (Y. Maryn, D. Weenink 2015, Journal of Voice 29, 35-43, as in the
/// Acoustic Voice Quality Index).
/// </summary>
public sealed record CepstralPeakOptions
{
    /// <summary>Over how long cepstra are averaged, in seconds; 0: not at all. The default is 0.01 s.</summary>
    [InRange("0 to 10 s", Min = 0, Max = 10)]
    public double TimeWindow { get; init; } = 0.01;

    /// <summary>Over which quefrencies each is averaged, in seconds; 0: not at all. The default is 0.001 s.</summary>
    [InRange("0 to 1 s", Min = 0, Max = 1)]
    public double QuefrencyWindow { get; init; } = 0.001;

    /// <summary>The lowest pitch of a peak, in Hz. The default is 60 Hz.</summary>
    [InRange("a frequency above 0 Hz", Above = 0)]
    public double Lowest { get; init; } = 60;

    /// <summary>The highest pitch of a peak, in Hz, above <see cref="Lowest"/>. The default is 330 Hz.</summary>
    [InRange("a frequency above 0 Hz", Above = 0)]
    public double Highest { get; init; } = 330;

    /// <summary>
    /// From which quefrency on the line is fitted, in seconds; only where <see cref="LineTo"/> is above it. The default
    /// is 0.001 s.
    /// </summary>
    [InRange("0 s or more", Min = 0)]
    public double LineFrom { get; init; } = 0.001;

    /// <summary>
    /// To which quefrency the line is fitted, in seconds; not above <see cref="LineFrom"/>, as 0, the default: to all
    /// of them, from 0 on.
    /// </summary>
    [InRange("0 s or more", Min = 0)]
    public double LineTo { get; init; }

    /// <summary>How the line is fitted. The default is <see cref="CepstralLine.Robust"/>.</summary>
    public CepstralLine Line { get; init; } = CepstralLine.Robust;

    /// <summary>
    /// Prominence without smoothing, CPP, over a line by least squares from 1 to 50 ms (J. Hillenbrand, R. A.
    /// Cleveland, R. L. Erickson 1994, Journal of Speech and Hearing Research 37, 769-778).
    /// </summary>
    public static CepstralPeakOptions Unsmoothed { get; } = new()
    {
        TimeWindow = 0,
        QuefrencyWindow = 0,
        LineTo = 0.05,
        Line = CepstralLine.LeastSquares,
    };

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate(string prefix = "")
    {
        OptionModel.Of(typeof(CepstralPeakOptions)).Validate(this, prefix);
        OptionChecks.Check(Highest > Lowest, prefix + nameof(Highest),
            FormattableString.Invariant($"a frequency above {nameof(Lowest)}, {Lowest} Hz"), Highest);
    }
}

/// <summary>How the line under a cepstral peak is fitted.</summary>
public enum CepstralLine
{
    /// <summary>
    /// Incomplete Theil: the median slope of points half the range apart, the median of what is left (H. Theil 1950).
    /// </summary>
    Robust,

    /// <summary>Least squares.</summary>
    LeastSquares,
}
