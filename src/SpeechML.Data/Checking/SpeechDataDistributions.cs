namespace SpeechML;

/// <summary>What is counted by a <see cref="SpeechDataHistogram"/>.</summary>
public enum SpeechDataMeasure
{
    /// <summary>Length of the clip, in seconds.</summary>
    Length,

    /// <summary>Level of the clip: root mean square about the mean, in decibels of full scale.</summary>
    Level,
}

/// <summary>How often lengths or levels occur among the readable clips of a part or a group.</summary>
/// <param name="Measure">What is counted.</param>
/// <param name="By">The column of the group; <c>part</c> for a part of the data.</param>
/// <param name="Name">The part, or the value of the column.</param>
/// <param name="Edges">Bounds of the bins, one more than there are counts; the same for all of one measure.</param>
/// <param name="Counts">Clips in each bin; a value on a bound is in the upper bin, the greatest in the last.</param>
public sealed record SpeechDataHistogram(
    SpeechDataMeasure Measure, string By, string Name, IReadOnlyList<double> Edges, IReadOnlyList<int> Counts);

/// <summary>The clips that share a value of a column: a language, a task, a sex.</summary>
/// <param name="By">The column.</param>
/// <param name="Name">The value; empty where the field is empty.</param>
/// <param name="Clips">Clips in all parts.</param>
/// <param name="Subjects">Their subjects; 0 where they are not known.</param>
/// <param name="Labels">How often each value of each label occurs among them; their part is <c>all</c>.</param>
public sealed record SpeechDataGroup(
    string By, string Name, int Clips, int Subjects, IReadOnlyList<SpeechDataLabel> Labels);

/// <summary>A clip on a <see cref="SpeechDataMap"/>.</summary>
/// <param name="Clip">The clip.</param>
/// <param name="Part">Its part.</param>
/// <param name="Subject">Its subject; empty where not known.</param>
/// <param name="X">Its first principal component.</param>
/// <param name="Y">Its second.</param>
/// <param name="Labels">Its value of each label; an empty text where it has none.</param>
public sealed record SpeechDataPoint(
    string Clip, string Part, string Subject, double X, double Y, IReadOnlyList<string> Labels);

/// <summary>
/// The clips by the two principal components of their embeddings: what lies together is alike to the encoder. Where
/// clips lie together by subject or part and not by label, a model learns voices or rooms first.
/// </summary>
/// <param name="Labels">Names of the labels, as in <see cref="SpeechDataPoint.Labels"/>.</param>
/// <param name="Explained">Shares of the embeddings' variance along the two.</param>
/// <param name="Points">The clips whose embedding is finite.</param>
public sealed record SpeechDataMap(
    IReadOnlyList<string> Labels, IReadOnlyList<double> Explained, IReadOnlyList<SpeechDataPoint> Points);
