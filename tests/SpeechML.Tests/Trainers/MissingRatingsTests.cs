using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Tests.Support;

namespace SpeechML.Tests.Trainers;

/// <summary>What is not rated takes part in nothing: not in the loss, not in the batches.</summary>
[TestClass]
public sealed class MissingRatingsTests
{
    // ratings of two labels; clips 3 and 7 have none
    private static readonly float[][] s_ratings = [[1, 4], [3, -1], [1.5f, 1], [-1, -1], [4, 2], [-1, 1], [2, 3], [-1, -1], [1, 1], [3, -1]];

    [TestMethod]
    [DataRow(MultiLabelLoss.CrossEntropy)]
    [DataRow(MultiLabelLoss.RankedClassification)]
    public void Fit_MissingAsMinusOne_SameModelAsWithThoseEntriesRemoved(MultiLabelLoss loss)
    {
        List<PromptRow> prompts = Prompts.Rows(s_ratings.Length);
        Row[] minusOne = [.. prompts.Select((p, i) => new Row { Path = p.Path, Ratings = s_ratings[i] })];
        Row[] removed = [.. minusOne.Where(r => r.Ratings.Any(v => v >= 0)).Select(r => new Row { Path = r.Path, Ratings = Array.ConvertAll(r.Ratings, v => v < 0 ? float.NaN : v) })];
        Row[] invented = [.. minusOne.Select(r => new Row { Path = r.Path, Ratings = Array.ConvertAll(r.Ratings, v => v < 0 ? 1 : v) })];
        Assert.HasCount(8, removed);

        float[][] expected = Scores(removed, minusOne, loss), actual = Scores(minusOne, minusOne, loss), wrong = Scores(invented, minusOne, loss);
        PipelineTests.AssertEqual(expected, actual, 0);
        Assert.IsGreaterThan(1e-3f, expected.Zip(wrong).Max(p => p.First.Zip(p.Second).Max(v => Math.Abs(v.First - v.Second))), "Missing ratings taken for the lowest would change the model.");
    }

    private static float[][] Scores(Row[] train, Row[] test, MultiLabelLoss loss)
    {
        var mlContext = new MLContext(seed: 1);
        var options = new SpeechMultiLabelOptions
        {
            Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
            WhisperContext = WhisperContext.Trimmed,
            Epochs = 3,
            BatchSize = 4,
            RatingThreshold = 2,
            Loss = loss,
        };
        using var model = PipelineTests.Audio(mlContext)
            .Append(mlContext.Speech().Trainers.MultiLabelClassification("Ratings", "Audio", options)).Fit(mlContext.Data.LoadFromEnumerable(train));
        return [.. model.Transform(mlContext.Data.LoadFromEnumerable(test)).GetColumn<float[]>("Score")];
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";

        [VectorType(2)]
        public float[] Ratings { get; set; } = [];
    }
}
