using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Data.Extras;

namespace SpeechML.Onnx.Tests;

/// <summary>A clip with numbers beside it, of which some are missing.</summary>
internal sealed class FeatureRow
{
    public static ExtraFeature[] Columns { get; } =
        [new("Voice", 3, ["pitch", "jitter", "constant"]), new("Age", 1)];

    /// <summary>What a model has learned of: the second was missing in a clip, the third never changed.</summary>
    public static float[][] Learned { get; } = [[200, 1, 7, 20], [100, float.NaN, 7, 44], [170, 3, 7, 61]];

    public MLAudio? Audio { get; set; }

    [VectorType(3)]
    public float[] Voice { get; set; } = [];

    public int Age { get; set; }

    public float[] Numbers => [.. Voice, Age];

    /// <summary>Rows of clips; missing, infinite and far numbers among them.</summary>
    public static FeatureRow[] Rows(float[][] clips) => [.. clips.Select((clip, i) => new FeatureRow
    {
        Audio = MLAudio.FromSamples(clip, 16000),
        Voice = (i % 4) switch
        {
            0 => [210, 2, 7],
            1 => [float.NaN, float.NaN, float.NaN],
            2 => [float.PositiveInfinity, -4, 9],
            _ => [90, float.NegativeInfinity, 7],
        },
        Age = 25 + (11 * i),
    })];

    public static IDataView View(MLContext mlContext, FeatureRow[] rows)
    {
        var schema = SchemaDefinition.Create(typeof(FeatureRow));
        schema.Remove(schema.Single(c => c.MemberName == nameof(Numbers)));
        return mlContext.Data.LoadFromEnumerable(rows, schema);
    }
}
