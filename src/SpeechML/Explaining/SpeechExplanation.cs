using System.Text;
using System.Text.Json.Serialization;
using SpeechML.Data.Metadata;
using SpeechML.Runs;

namespace SpeechML;

/// <summary>A score that is explained.</summary>
/// <param name="Name">
/// The label or class; of classes with an order the threshold, <c>≥ class</c>; <c>positive</c> of a binary classifier,
/// <c>value</c> of a regression.
/// </param>
/// <param name="Score">
/// The natural logarithm of the odds of <paramref name="Probability"/>; of a regression the number. Attributions are in
/// this unit.
/// </param>
/// <param name="Probability">The trainer's probability; <see langword="null"/> of a regression.</param>
/// <param name="SilenceScore">The score of silence of the same length.</param>
/// <param name="BaselineScore">
/// The score that integrated gradients begin at: that of silence, and of encoders of spectrograms that of a spectrogram
/// which is everywhere as the quietest moment and band of the clip's own; <see langword="null"/> where there are none.
/// </param>
/// <param name="CompletenessGap">
/// By how much integrated gradients do not sum to <paramref name="Score"/> - <paramref name="BaselineScore"/>;
/// <see langword="null"/> where there are none.
/// </param>
public sealed record ExplainedTarget(
    string Name, double Score, double? Probability, double SilenceScore, double? BaselineScore = null,
    double? CompletenessGap = null);

/// <summary>How much a part of a clip mattered to a score.</summary>
/// <param name="Method">By which method.</param>
/// <param name="Target">The <see cref="ExplainedTarget.Name"/>; empty for attention, which all targets share.</param>
/// <param name="StartSeconds">Where the part begins.</param>
/// <param name="EndSeconds">
/// Where it ends. Integrated gradients of Whisper have a last part after the clip's end: the silence that the encoder
/// is shown there.
/// </param>
/// <param name="LowHz">Lower edge of a band; <see langword="null"/> for all frequencies.</param>
/// <param name="HighHz">Upper edge of a band.</param>
/// <param name="Value">
/// Positive where the part speaks for the target. Occlusion: the score less <paramref name="ScoreWithout"/>. Integrated
/// gradients: what the part adds to the score. Attention: a share, all sum to 1.
/// </param>
/// <param name="ScoreWithout">The score without the part, of occlusion.</param>
/// <param name="ProbabilityWithout">The probability without the part, of occlusion.</param>
public sealed record ClipAttribution(
    ExplanationMethod Method, string Target, double StartSeconds, double EndSeconds, double? LowHz, double? HighHz,
    double Value, double? ScoreWithout = null, double? ProbabilityWithout = null)
{
    /// <summary>The extra feature; <see langword="null"/> of a part of the clip.</summary>
    public string? Feature { get; init; }
}

/// <summary>Which parts of a clip mattered to the scores of a model, as numbers.</summary>
public sealed class SpeechExplanation
{
    private const string Header =
        "method,target,start_seconds,end_seconds,low_hz,high_hz,value,score_without,probability_without,score," +
        "probability,feature";

    /// <summary>The file of the clip; empty where it was made from samples.</summary>
    public required string Source { get; init; }

    /// <summary>Length of the clip as the model gets it, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Length of an occluded segment, in seconds; the last one may be shorter.</summary>
    public required double WindowSeconds { get; init; }

    /// <summary>Time from one occluded segment to the next, in seconds.</summary>
    public required double HopSeconds { get; init; }

    /// <summary>Points of the path of integrated gradients; 0 without.</summary>
    public int GradientPoints { get; init; }

    /// <summary>The scores that are explained.</summary>
    public required IReadOnlyList<ExplainedTarget> Targets { get; init; }

    /// <summary>The parts, method by method, target by target, in the order of time or frequency.</summary>
    public required IReadOnlyList<ClipAttribution> Attributions { get; init; }

    /// <summary>
    /// The audio as the model gets it, after the steps of its chain: what the seconds are of;
    /// <see langword="null"/> in an explanation that was read from a file.
    /// </summary>
    [JsonIgnore]
    public MLAudio? Audio { get; init; }

    /// <summary>The parts by one method for one target.</summary>
    /// <param name="method">The method.</param>
    /// <param name="target">The target's name; not looked at for attention.</param>
    public IReadOnlyList<ClipAttribution> Of(ExplanationMethod method, string target = "") =>
        [.. Attributions.Where(a => a.Method == method && (method == ExplanationMethod.Attention
            || a.Target == target))];

    /// <summary>Writes one line per part, with the scores beside it, as CSV (RFC 4180, UTF-8).</summary>
    /// <param name="path">The file, which is replaced.</param>
    public void SaveCsv(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Dictionary<string, ExplainedTarget> targets = Targets.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var text = new StringBuilder(Header).Append('\n');
        foreach (ClipAttribution a in Attributions)
        {
            ExplainedTarget? target = targets.GetValueOrDefault(a.Target);
            text.Append(CsvFile.Line(
                [a.Method.ToString(), a.Target, a.StartSeconds, a.EndSeconds, a.LowHz, a.HighHz, a.Value,
                    a.ScoreWithout, a.ProbabilityWithout, target?.Score, target?.Probability, a.Feature])).Append('\n');
        }
        RunFiles.WriteText(path, text.ToString());
    }

    /// <summary>Writes everything but the audio as JSON.</summary>
    /// <param name="path">The file, which is replaced.</param>
    public void SaveJson(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RunFiles.WriteJson(path, this);
    }

    /// <summary>Reads what <see cref="SaveJson"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is not what <see cref="SaveJson"/> writes.</exception>
    public static SpeechExplanation Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return RunFiles.ReadJson<SpeechExplanation?>(path, null) ?? throw new FileNotFoundException(
            $"Explanation '{path}': expected a file that SaveJson wrote, found none.", path);
    }
}
