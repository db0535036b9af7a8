namespace SpeechML;

/// <summary>Measures of a recording's whole spectrum; NaN where all samples are 0, or the band is not there.</summary>
/// <param name="Centre">Centre of gravity, weighted by power (Hz).</param>
/// <param name="Deviation">Standard deviation about it (Hz).</param>
/// <param name="Skewness">Third central moment over the deviation's cube.</param>
/// <param name="Kurtosis">Fourth central moment over the deviation's fourth power, less 3.</param>
/// <param name="AlphaRatio">Energy of 1 to 5 kHz over that of 50 Hz to 1 kHz (dB).</param>
/// <param name="Hammarberg">Highest band below 2 kHz less the highest from 2 to 5 kHz (dB).</param>
/// <param name="Slope">Mean power of 1 to 4 kHz over that of 0 to 1 kHz (dB).</param>
/// <param name="Tilt">Slope of a line through the bands' levels (dB/kHz).</param>
/// <param name="BandCentres">The middle of each whole band (Hz).</param>
/// <param name="BandLevels">
/// The long-term average spectrum: the level of each band, dB/Hz re 20 µPa where a sample of 1 counts as 1 Pa; -300
/// where there is nothing.
/// </param>
public sealed record VoiceSpectrum(
    double Centre, double Deviation, double Skewness, double Kurtosis, double AlphaRatio, double Hammarberg,
    double Slope, double Tilt, IReadOnlyList<double> BandCentres, IReadOnlyList<double> BandLevels);
