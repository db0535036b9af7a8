using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.Tests.Trainers;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Transforms;

/// <summary>
/// Zips that the code of commit 55bc08b wrote, when all of it was one assembly, load and score what they scored then
/// (<c>Fixtures/old-zips/README.md</c>).
/// </summary>
[TestClass]
public sealed class OldModelZipTests
{
    private const double Tolerance = 1e-6; // of the value

    // Other processors than the one of the fixtures move values of the very code of 55bc08b by up to 6.5e-6 (AVX2,
    // SSE).
    private const double Least = 1e-5;

    private static readonly string s_folder = Path.Combine(RepositoryFiles.Fixtures, "old-zips");
    private static readonly JsonElement s_expected =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(s_folder, "expected.json"))).RootElement;

    private static IEnumerable<JsonElement> Entries => s_expected.GetProperty("zips").EnumerateArray();

    private static string[] Clips =>
        [.. s_expected.GetProperty("clips").EnumerateArray()
        .Select(c => Path.Combine(RepositoryFiles.Prompts, c.GetString()!))];

    public static IEnumerable<object[]> Zips =>
        Entries.Select(z => new object[] { z.GetProperty("file").GetString()! });

    /// <summary>As few as hold a transformer of every kind.</summary>
    private static IEnumerable<JsonElement> Kinds()
    {
        HashSet<string> seen = [];
        foreach (JsonElement zip in Entries)
        {
            string[] holds = [.. zip.GetProperty("holds").EnumerateArray().Select(h => h.GetString()!)];
            if (!seen.IsSupersetOf(holds))
            {
                seen.UnionWith(holds);
                yield return zip;
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Zips))]
    public void Load_OldZip_ScoresAsThen(string file)
    {
        var mlContext = new MLContext();
        IDataView clips = mlContext.Data.LoadFromEnumerable(Clips.Select(c => new PromptRow { Path = c }));
        ITransformer model = mlContext.Model.Load(Path.Combine(s_folder, file), out _);
        using (model as IDisposable)
        {
            IDataView scored = model.Transform(clips);
            foreach (JsonProperty column in Entry(file).GetProperty("columns").EnumerateObject())
            {
                if (column.Value[0].ValueKind == JsonValueKind.String)
                {
                    CollectionAssert.AreEqual(
                        column.Value.EnumerateArray().Select(t => t.GetString()).ToArray(),
                        scored.GetColumn<string>(column.Name).ToArray());
                }
                else
                {
                    AssertClose(Numbers(column.Value), Numbers(scored, column.Name), column.Name);
                }
            }
        }
    }

    [TestMethod]
    public void Load_OldZipsInAnotherProcess_ScoreAsThen()
    {
        JsonElement[] zips = [.. Kinds()];
        string[] columns = [.. zips.Select(z => z.GetProperty("vector").GetString()!)];
        float[][][] scores = OtherProcess.Score(Clips, [.. zips.Zip(columns, (z, c) =>
            (Path.Combine(s_folder, z.GetProperty("file").GetString()!), c))]);
        foreach ((JsonElement zip, string column, float[][] values) in zips.Zip(columns, scores))
        {
            AssertClose(Numbers(zip.GetProperty("columns").GetProperty(column)), values,
                $"{zip.GetProperty("file").GetString()}: {column}");
        }
    }

    [TestMethod]
    public void Load_OldAugmentation_KeepsItsSettings()
    {
        using TransformerChain<ITransformer> chain = Load("augmentation.zip");
        string settings = chain.OfType<AudioAugmentationTransformer>().Single().Settings;
        Assert.AreEqual(settings, AudioAugmentation.FromJson(settings).ToJson());
    }

    [TestMethod]
    [DataRow("classification.zip")]
    [DataRow("lora.zip")]
    public void Fit_FromOldZip_BeginsWhereItEnded(string file)
    {
        var runs = new SmallRuns();
        SpeechClassificationOptions options = SmallRuns.Still(SmallRuns.Options());
        (options.Encoder, options.InitialModel.Path, options.Layers) = ("", Path.Combine(s_folder, file), "1");
        using TransformerChain<ITransformer> chain = Load(file);
        using SpeechClassificationTransformer second = runs.Fit(options);
        // An adapter goes on as whole weights.
        PipelineTests.AssertEqual(
            runs.Scores(chain.OfType<SpeechClassificationTransformer>().Single()), runs.Scores(second), 1e-5);
    }

    private static TransformerChain<ITransformer> Load(string file) =>
        (TransformerChain<ITransformer>)new MLContext().Model.Load(Path.Combine(s_folder, file), out _);

    private static JsonElement Entry(string file) => Entries.Single(z => z.GetProperty("file").GetString() == file);

    private static float[][] Numbers(JsonElement rows) =>
        [.. rows.EnumerateArray().Select(r => r.EnumerateArray().Select(v => v.GetSingle()).ToArray())];

    /// <summary>Decisions as 0 and 1, keys as their numbers.</summary>
    private static float[][] Numbers(IDataView data, string column) => data.Schema[column].Type switch
    {
        VectorDataViewType { ItemType: BooleanDataViewType } =>
            [.. data.GetColumn<VBuffer<bool>>(column).Select(v => v.DenseValues().Select(b => b ? 1f : 0f).ToArray())],
        VectorDataViewType => [.. data.GetColumn<VBuffer<float>>(column).Select(v => v.DenseValues().ToArray())],
        BooleanDataViewType => [.. data.GetColumn<bool>(column).Select(b => new[] { b ? 1f : 0f })],
        KeyDataViewType => [.. data.GetColumn<uint>(column).Select(k => new[] { (float)k })],
        _ => [.. data.GetColumn<float>(column).Select(v => new[] { v })],
    };

    private static void AssertClose(float[][] expected, float[][] actual, string column)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.HasCount(expected[i].Length, actual[i]);
            for (int j = 0; j < expected[i].Length; j++)
            {
                Assert.AreEqual(expected[i][j], actual[i][j], Math.Max(Least, Tolerance * Math.Abs(expected[i][j])),
                    $"column {column}, clip {i}, value {j}");
            }
        }
    }
}
