using System.Text.Json;
using SpeechML.Training.Probing;

namespace SpeechML.Reports.Html;

/// <summary>What the layers were chosen by.</summary>
internal static class LayerSection
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    public static void Write(HtmlWriter html, SpeechRun run)
    {
        if (Search(run) is not { Candidates.Length: > 0 } search)
        {
            return;
        }
        html.Raw("<section id=\"layers\">").Element("h2", "How the layers were chosen");
        string folds = search.Folds == 0 ? "no inner folds"
            : FormattableString.Invariant($"{search.Folds} inner folds of {search.Clips} training clips") +
                (search.Subjects.Length > 0 ? $" by '{search.Subjects}'" : "");
        html.Element(
            "p", $"{MetricText.NameOf(search.Metric)} of linear models, {folds}; * was picked. These scores chose: they " +
            "are higher than those on new subjects.", "class=\"soft\"");
        if (search.Note.Length > 0)
        {
            html.Note(search.Note);
        }
        html.Raw("<details>").Element("summary", search.Summary());
        html.Table(["", .. search.Outputs], search.Candidates.Select((c, i) => (string[])
        [
            c.Features.ToString(),
            .. search.Outputs.Select((_, k) => MetricText.Number(k < c.Scores.Length ? c.Scores[k] : null, 3) +
                (search.Picked[k] == i ? " *" : "")),
        ]));
        html.Raw("</details></section>");
    }

    // A run of another version may say it otherwise: then it is not shown.
    private static LayerSearch? Search(SpeechRun run)
    {
        if (run.ModelConfig() is not { ValueKind: JsonValueKind.Object } config
            || !config.TryGetProperty("layerSearch", out JsonElement search))
        {
            return null;
        }
        try
        {
            LayerSearch? read = search.Deserialize<LayerSearch>(s_json);
            return read is not null && read.Picked.Length == read.Outputs.Length ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
