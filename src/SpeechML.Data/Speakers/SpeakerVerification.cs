using System.Globalization;

namespace SpeechML;

/// <summary>How well embeddings tell speakers apart.</summary>
/// <param name="EqualErrorRate">
/// The share of pairs of one speaker that are refused where as large a share of pairs of two is accepted, with its
/// interval over speakers: 0 is best, 0.5 is chance.
/// </param>
/// <param name="Threshold">The score from which on a pair is accepted there.</param>
/// <param name="SamePairs">Pairs of one speaker.</param>
/// <param name="DifferentPairs">Pairs of two.</param>
/// <param name="Speakers">Speakers in them.</param>
public sealed record SpeakerVerification(
    MetricInterval EqualErrorRate, double Threshold, long SamePairs, long DifferentPairs, int Speakers)
{
    /// <summary>The rate, its interval, the threshold and the numbers of pairs, on one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"equal error rate {EqualErrorRate} at a cosine of {Threshold:F4}; {SamePairs} pairs of one speaker, " +
        $"{DifferentPairs} of two, {Speakers} speakers");
}
