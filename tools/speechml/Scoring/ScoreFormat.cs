using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SpeechML.Data.Metadata;

namespace SpeechML.Tool.Scoring;

/// <summary>Scores as lines: CSV or JSON.</summary>
/// <param name="task">What the model says.</param>
/// <param name="json">JSON lines instead of CSV.</param>
internal sealed class ScoreFormat(ScoreTask task, bool json)
{
    private static readonly JsonSerializerOptions s_json =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool IsJson => json;

    /// <summary>The first line of a CSV file; <see langword="null"/> of JSON lines.</summary>
    public string? Header => json ? null : CsvFile.Line(["file", .. Columns(), "error"]);

    /// <summary>The line of a file.</summary>
    public string Line(ScoredFile file) => json ? Json(file).ToJsonString(s_json) : CsvFile.Line(
        [file.File, .. file.Score is { } score ? Cells(score) : Columns().Select(_ => ""), file.Error ?? ""]);

    private IEnumerable<object?> Columns() => task.Task switch
    {
        SpeechTask.Regression => task.Names.Count == 1 ? ["value"] : task.Names.Select(n => $"value:{n}"),
        SpeechTask.Binary => ["decision", "probability"],
        SpeechTask.MultiLabel => task.Names.SelectMany(n => new[] { $"decision:{n}", $"probability:{n}" }),
        _ => ["decision", .. task.Names.Select(n => $"probability:{n}")],
    };

    private IEnumerable<object?> Cells(ClipScore score) => task.Task switch
    {
        SpeechTask.Regression => score.Values.Select(Text),
        SpeechTask.Binary => [Yes(score.Decisions[0]), Text(score.Values[0])],
        SpeechTask.MultiLabel => score.Values.SelectMany((p, i) => new[] { Yes(score.Decisions[i]), Text(p) }),
        _ => [Chosen(score), .. score.Values.Select(Text)],
    };

    private JsonObject Json(ScoredFile file)
    {
        var line = new JsonObject { ["file"] = file.File };
        if (file.Score is not { } score)
        {
            line["error"] = file.Error;
            return line;
        }
        switch (task.Task)
        {
            case SpeechTask.Regression when task.Names.Count > 1:
                line["values"] = Named(i => score.Values[i]);
                break;
            case SpeechTask.Regression:
                line["value"] = score.Values[0];
                break;
            case SpeechTask.Binary:
                line["decision"] = score.Decisions[0];
                line["probability"] = score.Values[0];
                break;
            case SpeechTask.MultiLabel:
                line["decisions"] = Named(i => score.Decisions[i]);
                line["probabilities"] = Named(i => score.Values[i]);
                break;
            default:
                line["decision"] = Chosen(score);
                line["probabilities"] = Named(i => score.Values[i]);
                break;
        }
        return line;
    }

    private JsonObject Named(Func<int, JsonNode> value)
    {
        var named = new JsonObject();
        for (int i = 0; i < task.Names.Count; i++)
        {
            named[task.Names[i]] = value(i);
        }
        return named;
    }

    private string Chosen(ClipScore score) =>
        Array.IndexOf(score.Decisions, true) is var index && index >= 0 ? task.Names[index] : "";

    private static string Yes(bool decision) => decision ? "1" : "0";

    private static string Text(float value) => value.ToString("R", CultureInfo.InvariantCulture);
}
