using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;
using static TorchSharp.torch;

namespace SpeechML.Tests.Hub;

/// <summary>
/// Each kind of fine-tuned model as a folder: of a class of Python, or with a program. With
/// <c>SPEECHML_WRITE_FOLDERS</c> they stay there, with six clips and our scores of them in <c>expected.json</c>, for
/// Python to be run on.
/// </summary>
[TestClass]
public sealed class WrittenFolderTests
{
    private const int MaxLines = 25;

    private static readonly string? s_kept = Environment.GetEnvironmentVariable("SPEECHML_WRITE_FOLDERS");

    private readonly MLContext _context = new(seed: 1);

    public static IEnumerable<object[]> FewKinds => WrittenKind.Few.Select(n => new object[] { n });

    public static IEnumerable<object[]> OtherKinds =>
        WrittenKind.All.Select(k => k.Name).Except(WrittenKind.Few).Select(n => new object[] { n });

    [TestMethod]
    [DynamicData(nameof(FewKinds))]
    public void SaveHuggingFace_Kind_ClassOrProgramThatLoadsWithTheSameScores(string name) => Check(name);

    [TestMethod]
    [TestCategory("Slow")]
    [DynamicData(nameof(OtherKinds))]
    public void SaveHuggingFace_OtherKind_ClassOrProgramThatLoadsWithTheSameScores(string name) => Check(name);

    [TestMethod]
    public void SaveHuggingFace_PoolingOfAUser_SaysThatPythonHasNone()
    {
        using var scratch = new Scratch();
        string own = SpeechPooling.Register("WrittenFolderPooling", (hidden, _) => new FirstFrame(hidden));
        var kind = new WrittenKind(own, () => new SpeechClassificationOptions { Pooling = own }, false);
        using SpeechScoringTransformer model = kind.Fit(_context, Data());
        var log = new List<string>();
        _context.Log += (_, e) => log.Add(e.Message);
        _context.Speech().SaveHuggingFace(model, scratch.At("out"));
        string reason = $"the pooling '{own}' is code of your own, which Python does not have";
        string readme = File.ReadAllText(scratch.At(Path.Combine("out", "README.md")));
        Assert.Contains($"No program in Python gives its scores either: {reason}.", readme);
        Assert.DoesNotContain("```python", readme);
        Assert.IsTrue(log.Exists(m => m.Contains(
            $"README.md has no program that gives the model's scores either, because {reason}",
            StringComparison.Ordinal)), string.Join('\n', log));
        AssertSame(Scores(model.Transform(Data())), scratch.At("out"));
    }

    private sealed class FirstFrame(int hidden) : FramePooling(nameof(FirstFrame), hidden)
    {
        protected override Tensor Pool(Tensor hidden, Tensor padding, Tensor count) => hidden.select(1, 0);
    }

    private void Check(string name)
    {
        using var scratch = new Scratch();
        WrittenKind kind = WrittenKind.All.Single(k => k.Name == name);
        IDataView data = Data();
        using SpeechScoringTransformer model = kind.Fit(_context, data);
        float[][] scores = Scores(model.Transform(data));
        string folder = s_kept is null ? scratch.At("out") : Path.Combine(s_kept, name.Replace(' ', '-'));
        _context.Speech().SaveHuggingFace(model, folder, kind.Merge, overwrite: s_kept is not null);
        JsonObject config = EncoderFiles.Json(Path.Combine(folder, "config.json")).AsObject();
        string readme = File.ReadAllText(Path.Combine(folder, "README.md"));
        string python = config["architectures"]?[0]?.ToString() ?? "";
        bool isClass = python.EndsWith("ForSequenceClassification", StringComparison.Ordinal)
            || python.EndsWith("ForAudioClassification", StringComparison.Ordinal);
        Assert.AreEqual(kind.IsClass, isClass, $"{python}\n{readme}");
        Assert.AreEqual(isClass, config.ContainsKey("id2label"));
        Assert.AreEqual(isClass, config.ContainsKey("problem_type"));
        string[] program = readme.Contains("```python", StringComparison.Ordinal)
            ? readme.Split("```python\n")[1].Split("\n```")[0].Split('\n') : [];
        Assert.AreEqual(isClass, program.Length == 0);
        Assert.IsLessThanOrEqualTo(MaxLines, program.Length);
        string call = $"(clip, top_k=None, function_to_apply=\"{Function(config)}\")`";
        Assert.AreEqual(isClass && !readme.Contains("`adapter`", StringComparison.Ordinal),
            readme.Contains(call, StringComparison.Ordinal), readme);
        Write(folder, kind, python, model.Labels, scores, program);

        AssertSame(scores, folder);
        if (isClass)
        {
            string copy = scratch.At("python");
            Copy(folder, copy);
            File.Delete(Path.Combine(copy, "speechml.json"));
            File.Delete(Path.Combine(copy, "head.safetensors"));
            string adapter = Path.Combine(copy, "adapter");
            AssertSame(scores, Directory.Exists(adapter) ? adapter : copy);
        }
    }

    /// <summary>What Python's pipeline is to make of the outputs; all its versions do what they are told.</summary>
    private static string Function(JsonObject config) => config["problem_type"]?.ToString() switch
    {
        "multi_label_classification" => "sigmoid",
        "regression" => "none",
        _ => "softmax",
    };

    private void AssertSame(float[][] scores, string folder)
    {
        using SpeechScoringTransformer loaded = _context.Speech().LoadHuggingFace(folder);
        float[][] again = Scores(loaded.Transform(Data()));
        for (int i = 0; i < scores.Length; i++)
        {
            Assert.HasCount(scores[i].Length, again[i]);
            for (int k = 0; k < scores[i].Length; k++)
            {
                Assert.AreEqual(scores[i][k], again[i][k], 1e-5, $"{folder}, clip {i}, output {k}");
            }
        }
    }

    private static float[][] Scores(IDataView scored) =>
        HubModels.Read(scored, scored.Schema.GetColumnOrNull("Probability") is null ? "Score" : "Probability");

    private static void Write(
        string folder, WrittenKind kind, string python, IReadOnlyList<string> labels, float[][] scores,
        string[] program)
    {
        var expected = new JsonObject
        {
            ["kind"] = kind.Name,
            ["encoder"] = kind.Encoder,
            ["merged"] = kind.Merge,
            ["class"] = kind.IsClass ? python : null,
            ["program"] = program.Length,
            ["labels"] = new JsonArray([.. labels.Select(l => (JsonNode)l)]),
            ["clips"] = new JsonArray([.. scores.Select((s, i) => (JsonNode)new JsonObject
            {
                ["file"] = $"clip{i}.wav",
                ["numbers"] = kind.Options().ExtraFeatures.Length == 0 ? null
                    : Age(i).ToString("R", CultureInfo.InvariantCulture),
                ["scores"] = new JsonArray([.. s.Select(v => (JsonNode)v)]),
            })]),
        };
        File.WriteAllText(Path.Combine(folder, "expected.json"),
            expected.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        for (int i = 0; s_kept is not null && i < scores.Length; i++)
        {
            File.WriteAllBytes(Path.Combine(folder, $"clip{i}.wav"), WavBytes.Pcm16(Wave(i), 1, 16_000));
        }
        Assert.HasCount(6, expected["clips"]!.AsArray());
    }

    /// <summary>16-bit samples of a clip: two tones and noise, between 0.6 and 1.1 s.</summary>
    private static short[] Wave(int clip)
    {
        var noise = new Random(clip);
        return [.. Enumerable.Range(0, 9_600 + (clip * 1_601)).Select(i => (short)(
            (6_000 * Math.Sin(i * 0.02 * (clip + 1))) + (4_000 * Math.Sin(i * 0.11)) + noise.Next(-500, 500)))];
    }

    // One is missing.
    private static float Age(int clip) => clip == 2 ? float.NaN : 20 + (clip * 9);

    private IDataView Data()
    {
        IDataView rows = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 6).Select(i => new Row
        {
            Audio = MLAudio.FromSamples(Array.ConvertAll(Wave(i), v => v / 32768f), 16_000),
            Name = ((string[])["calm", "angry", "sad"])[i % 3],
            Level = (i % 3) + 1,
            Flag = i % 2 == 0,
            Number = (i * 0.3f) - 1,
            Labels = [i % 2, i / 3, 1 - (i % 2)],
            Numbers = [i * 0.2f, 0.5f - (i * 0.1f)],
            Age = Age(i),
        }));
        return _context.Transforms.Conversion.MapValueToKey("Class", "Name")
            .Append(_context.Transforms.Conversion.MapValueToKey("Grade", "Level")).Fit(rows).Transform(rows);
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private sealed class Row
    {
        public MLAudio? Audio { get; set; }

        public string Name { get; set; } = "";

        public int Level { get; set; }

        public bool Flag { get; set; }

        public float Number { get; set; }

        [VectorType(3)]
        public float[] Labels { get; set; } = [];

        [VectorType(2)]
        public float[] Numbers { get; set; } = [];

        public float Age { get; set; }
    }
}
