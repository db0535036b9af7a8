using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Trainers;

/// <summary>Ratings that are missing take part in nothing.</summary>
[TestClass]
public sealed class MissingRatingsTests
{
    [TestMethod]
    public void Fit_MinusOneOrNaN_SameModel()
    {
        float[][] minus = Train(Rows(-1)), nan = Train(Rows(float.NaN));
        PipelineTests.AssertEqual(minus, nan, 0);
    }

    [TestMethod]
    public void Fit_ClipsWithoutAnyRating_SameModelAsWithoutTheClips()
    {
        List<PromptRow> rows = Rows(-1);
        foreach (PromptRow row in rows.Take(3))
        {
            row.Labels = [-1, -1];
        }
        PipelineTests.AssertEqual(Train([.. rows.Skip(3)]), Train(rows), 0);
    }

    [TestMethod]
    public void Fit_OneLabelNotRatedInSomeClips_OtherWaysOfSayingItGiveTheSameModel()
    {
        // What a missing entry holds must not matter: -1 in some clips, NaN in others, -3 in the rest.
        List<PromptRow> mixed = Rows(-1);
        int number = 0;
        foreach (PromptRow row in mixed.Where(r => r.Labels[1] < 0))
        {
            row.Labels[1] = (number++ % 3) switch { 0 => -1, 1 => float.NaN, _ => -3 };
        }
        Assert.IsGreaterThan(2, number);
        PipelineTests.AssertEqual(Train(Rows(-1)), Train(mixed), 0);
    }

    // every third clip is not rated on the second label; both classes of both labels occur among the rest
    private static List<PromptRow> Rows(float missing)
    {
        List<PromptRow> rows = Prompts.Rows(12);
        for (int i = 0; i < rows.Count; i++)
        {
            rows[i].Labels = [i % 2, i % 3 == 0 ? missing : (i / 2) % 2];
        }
        return rows;
    }

    private static float[][] Train(List<PromptRow> rows)
    {
        var mlContext = new MLContext(seed: 1);
        var options = new SpeechMultiLabelOptions
        {
            Layers = EncoderLayers.Last,
            Encoder = RepositoryFiles.TinyEncoder("whisper-80"),
            WhisperContext = WhisperContext.Trimmed,
            Epochs = 3,
            BatchSize = 16,
            HeadLearningRate = 1e-2,
            Freezing = LayerFreezing.All
        };
        using var model = PromptAudio.Pipeline(mlContext)
            .Append(mlContext.Speech().Trainers.MultiLabelClassification("Labels", "Audio", options))
            .Fit(mlContext.Data.LoadFromEnumerable(rows));
        return [.. model.Transform(Prompts.View(mlContext, 12)).GetColumn<float[]>("Score")];
    }
}
