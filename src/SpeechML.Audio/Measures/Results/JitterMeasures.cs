namespace SpeechML;

/// <summary>How much periods vary from one to the next; NaN where too few follow one another.</summary>
/// <param name="Local">Mean difference of neighbouring periods over the mean period (ratio).</param>
/// <param name="LocalAbsolute">The same in seconds.</param>
/// <param name="Rap">Mean difference of a period from the mean of three, over the mean period (ratio).</param>
/// <param name="Ppq5">Mean difference of a period from the mean of five, over the mean period (ratio).</param>
/// <param name="Ddp">Mean difference of neighbouring differences, over the mean period: 3 RAP (ratio).</param>
/// <param name="MeanPeriod">The mean period (s).</param>
/// <param name="PeriodDeviation">The standard deviation of the periods (s).</param>
/// <param name="Periods">The periods that count.</param>
public sealed record JitterMeasures(
    double Local, double LocalAbsolute, double Rap, double Ppq5, double Ddp, double MeanPeriod, double PeriodDeviation,
    int Periods);
