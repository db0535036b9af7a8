using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace SpeechML.Training.Probing;

/// <summary>How layers were chosen, for log, model and report.</summary>
internal sealed record LayerSearch
{
    /// <summary>Clips that the choice was made on.</summary>
    public required int Clips { get; init; }

    /// <summary>Inner folds; 0 where there were too few clips for any.</summary>
    public required int Folds { get; init; }

    /// <summary>The column that the folds keep together; empty where they are of clips.</summary>
    public string Subjects { get; init; } = "";

    /// <summary>The metric of the scores.</summary>
    public required string Metric { get; init; }

    /// <summary>What the scores are of: the labels, or the task.</summary>
    public required string[] Outputs { get; init; }

    /// <summary>What was compared.</summary>
    public required LayerCandidate[] Candidates { get; init; }

    /// <summary>The candidate of each of <see cref="Outputs"/>.</summary>
    public required int[] Picked { get; init; }

    /// <summary>Why there was less to choose by; empty where nothing was missing.</summary>
    public string Note { get; init; } = "";

    /// <summary>One line for each candidate, those that were picked marked.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        int name = Candidates.Max(c => c.Features.ToString().Length);
        _ = text.Append(CultureInfo.InvariantCulture, $"{new string(' ', name)}  {string.Join("  ", Outputs)}");
        foreach ((int i, LayerCandidate candidate) in Candidates.Index())
        {
            _ = text.Append('\n').Append(candidate.Features.ToString().PadRight(name));
            for (int k = 0; k < Outputs.Length; k++)
            {
                double? score = candidate.Scores.Length > k ? candidate.Scores[k] : null;
                string cell = (score?.ToString("F3", CultureInfo.InvariantCulture) ?? "-") +
                    (Picked[k] == i ? "*" : " ");
                _ = text.Append("  ").Append(cell.PadLeft(Outputs[k].Length));
            }
        }
        return text.ToString();
    }

    /// <summary>What was picked.</summary>
    public string Summary() => Picked.Distinct().Count() == 1 ? Candidates[Picked[0]].Features.ToString()
        : string.Join("; ", Outputs.Select((o, k) => $"{o}: {Candidates[Picked[k]].Features}"));
}

/// <summary>One of the things compared.</summary>
/// <param name="Features">What a probe is given.</param>
/// <param name="Strength">Inverse strength of the penalty, as scikit-learn's C.</param>
/// <param name="Scores">Inner score of each output; <see langword="null"/> where it has none.</param>
internal sealed record LayerCandidate(LayerFeatures Features, double Strength, double?[] Scores)
{
    /// <summary>The score of each output in each drawing of the folds; not kept with a model.</summary>
    [JsonIgnore]
    public double?[][] Drawings { get; init; } = [];
}
