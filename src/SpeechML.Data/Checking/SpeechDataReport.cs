using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SpeechML.Data.Checking;

namespace SpeechML;

/// <summary>A part of the data that was checked.</summary>
/// <param name="Name"><c>train</c>, <c>validation</c>, <c>test</c>; <c>all</c> where the data was not divided.</param>
/// <param name="Clips">Clips in it.</param>
/// <param name="Subjects">Subjects in it; 0 where they are not known.</param>
/// <param name="Duration">How long its readable clips last together.</param>
public sealed record SpeechDataPart(string Name, int Clips, int Subjects, TimeSpan Duration);

/// <summary>Clips of one sample rate.</summary>
/// <param name="SampleRate">The rate (Hz).</param>
/// <param name="Clips">Readable clips of that rate.</param>
/// <param name="Duration">How long they last together.</param>
public sealed record SpeechDataRate(int SampleRate, int Clips, TimeSpan Duration);

/// <summary>How often each value of a label occurs in a part.</summary>
/// <param name="Label">The column, or <c>column.slot</c>.</param>
/// <param name="Part">The part.</param>
/// <param name="Values">Clips of each value.</param>
/// <param name="Missing">Clips without a value.</param>
public sealed record SpeechDataLabel(string Label, string Part, IReadOnlyDictionary<string, int> Values, int Missing);

/// <summary>
/// What a check of the data found. As text (<see cref="ToString"/>), as JSON, and as a fragment of HTML.
/// </summary>
public sealed class SpeechDataReport
{
    private const int MaxInText = 10; // findings of a kind that are written out
    private const int MaxFurthest = 3; // measures of a clip
    private const int MaxValues = 20; // of a label; numbers can have as many as there are clips

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The parts, in the order given.</summary>
    public required IReadOnlyList<SpeechDataPart> Parts { get; init; }

    /// <summary>The sample rates that occur.</summary>
    public required IReadOnlyList<SpeechDataRate> SampleRates { get; init; }

    /// <summary>The labels, part by part.</summary>
    public required IReadOnlyList<SpeechDataLabel> Labels { get; init; }

    /// <summary>What is wrong, kind by kind; empty where nothing is.</summary>
    public required IReadOnlyList<SpeechDataFinding> Findings { get; init; }

    /// <summary>The shortest readable clip.</summary>
    public required TimeSpan Shortest { get; init; }

    /// <summary>The median of the readable clips.</summary>
    public required TimeSpan Median { get; init; }

    /// <summary>The longest readable clip.</summary>
    public required TimeSpan Longest { get; init; }

    /// <summary>Lengths and levels of the readable clips, by part and by the values of the group columns.</summary>
    public IReadOnlyList<SpeechDataHistogram> Histograms { get; init; } = [];

    /// <summary>Labels by the values of the group columns; empty without such columns.</summary>
    public IReadOnlyList<SpeechDataGroup> Groups { get; init; } = [];

    /// <summary>The clips by their embeddings; <see langword="null"/> without them.</summary>
    public SpeechDataMap? Map { get; init; }

    /// <summary>
    /// The 54 acoustic measures of each clip's first minute by label, all parts together; <see langword="null"/>
    /// without <see cref="SpeechDataCheckOptions.MeasureVoice"/>.
    /// </summary>
    public MeasureTable? Measures { get; init; }

    /// <summary>
    /// The ten clips that have a measure furthest from the clips of the first part (the training clips, or all), from a
    /// robust z of 3.5 up: wrong files, other microphones, or voices unlike the rest.
    /// </summary>
    public IReadOnlyList<ClipMeasures> UnusualClips { get; init; } = [];

    /// <summary>All clips.</summary>
    public int Clips => Parts.Sum(p => p.Clips);

    /// <summary>Whether nothing was found.</summary>
    public bool IsClean => Findings.Count == 0;

    /// <summary>Everything, as indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    /// <summary>Everything as a <c>section</c> element, for a page; names and messages are escaped.</summary>
    public string ToHtml() => SpeechDataReportHtml.Write(this);

    /// <summary>How long the readable clips are, behind their number.</summary>
    internal string Lengths => Longest > TimeSpan.Zero
        ? $": {Seconds(Shortest)} to {Seconds(Longest)}, median {Seconds(Median)}" : ", none of which could be read";

    /// <summary>The tables and the findings, the first ten of each kind.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{Clips} clips{Lengths}");
        foreach (SpeechDataPart part in Parts)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"  {part.Name,-12}{part.Clips,8} clips{part.Subjects,8} subjects  {Length(part.Duration)}");
        }
        foreach (SpeechDataRate rate in SampleRates)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"  {$"{rate.SampleRate} Hz",-12}{rate.Clips,8} clips  {Length(rate.Duration)}");
        }
        foreach (SpeechDataLabel label in Labels)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {label.Label} ({label.Part}): {Counts(label)}");
        }
        foreach (SpeechDataGroup group in Groups)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"  {$"{group.By} {group.Name}",-12}{group.Clips,8} clips{group.Subjects,8} subjects");
            foreach (SpeechDataLabel label in group.Labels)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"    {label.Label}: {Counts(label)}");
            }
        }
        text.Append(Measures);
        foreach (ClipMeasures clip in UnusualClips)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Far from the others: {clip.AudioKey}: {Furthest(clip)}");
        }
        foreach (IGrouping<SpeechDataProblem, SpeechDataFinding> kind in Findings.GroupBy(f => f.Problem))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{kind.Key}: {kind.Count()}");
            foreach (SpeechDataFinding finding in kind.Take(MaxInText))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  {finding.Message}");
            }
            if (kind.Count() > MaxInText)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  and {kind.Count() - MaxInText} more");
            }
        }
        return text.Append(IsClean ? "Nothing found.\n" : "").ToString();
    }

    internal static string Seconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F2} s");

    /// <summary>Hours, minutes, seconds.</summary>
    internal static string Length(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time:mm\\:ss}");

    /// <summary>The measures by which a clip is far from the others.</summary>
    internal static string Furthest(ClipMeasures clip) => string.Join(", ", clip.Furthest(MaxFurthest).Select(m =>
        string.Create(CultureInfo.InvariantCulture, $"{m.Measure} {m.Value:G4} {m.Unit} (z {m.RobustZ:+0.0;-0.0})")));

    internal static string Counts(SpeechDataLabel label) =>
        string.Join(", ", label.Values.Take(MaxValues)
            .Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Value} × {v.Key}"))
            .Concat(label.Values.Count > MaxValues ? [$"{label.Values.Count - MaxValues} more values"] : [])
            .Concat(label.Missing > 0 ? [$"{label.Missing} missing"] : []));
}
