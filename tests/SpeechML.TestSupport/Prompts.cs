using Microsoft.ML;
using Microsoft.ML.Data;

namespace SpeechML.TestSupport;

/// <summary>Some of the repository's sample recordings as rows.</summary>
internal static class Prompts
{
    /// <summary>Every n-th clip, so that all languages are there.</summary>
    public static List<PromptRow> Rows(int count)
    {
        string[] lines = File.ReadAllLines(Path.Combine(RepositoryFiles.Prompts, "metadata.csv"));
        int step = (lines.Length - 1) / count;
        return [.. lines.Skip(1).Where((_, i) => i % step == 0).Take(count).Select(Parse)];
    }

    public static IDataView View(MLContext mlContext, int count) => mlContext.Data.LoadFromEnumerable(Rows(count));

    private static PromptRow Parse(string line)
    {
        string[] cells = line.Split(',');
        float[] ratings = [.. cells.Skip(5).Take(2)
            .Select(c => float.Parse(c, System.Globalization.CultureInfo.InvariantCulture))];
        return new PromptRow
        {
            Path = cells[0],
            Subject = cells[1],
            Label = cells[4],
            Labels = [.. ratings.Select(r => r < 0 ? float.NaN : r >= 2 ? 1f : 0f)],
        };
    }
}

internal sealed class PromptRow
{
    public string Path { get; set; } = "";

    public string Subject { get; set; } = "";

    public string Label { get; set; } = "";

    [VectorType(2)]
    public float[] Labels { get; set; } = [0, 0];
}
