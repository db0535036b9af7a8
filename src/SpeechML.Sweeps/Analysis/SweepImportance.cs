namespace SpeechML;

/// <summary>How much of the differences between trials a parameter explains by itself.</summary>
/// <param name="Share">Share of the metric's variance over the space, from 0 to 1: the mean over the trees.</param>
/// <param name="Low">The 10th percentile over the trees, each of which has drawn the trials anew.</param>
/// <param name="High">The 90th percentile.</param>
public sealed record SweepImportance(double Share, double Low, double High);
