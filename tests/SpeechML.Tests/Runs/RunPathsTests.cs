using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using SpeechML.Audio.Common;
using SpeechML.Runs;
using SpeechML.TestSupport;
using SpeechML.TrainingSupport;

namespace SpeechML.Tests.Runs;

/// <summary>Nothing leaves the run's folder, whatever a split is called and whatever a file of it says.</summary>
[TestClass]
public sealed class RunPathsTests
{
    [TestMethod]
    [DataRow("test", "test")]
    [DataRow("fold_2-b", "fold_2-b")]
    public void Of_PlainName_IsItself(string name, string slug) => Assert.AreEqual(slug, RunSlug.Of(name));

    [TestMethod]
    public void Of_AnyName_IsOneFileNameAndDiffers()
    {
        string[] names =
            ["../../../escaped", "..", ".", "a/b", "a-b", "a\\b", "A-b", "C:x", "con", "\u00e4", "\0",
                new string('x', 500), new string('x', 501), "=1", " "];
        string[] slugs = [.. names.Select(RunSlug.Of)];
        Assert.HasCount(names.Length, slugs.Distinct(StringComparer.OrdinalIgnoreCase));
        foreach (string slug in slugs)
        {
            Assert.IsTrue(slug.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && slug.Length < 80, slug);
        }
    }

    [TestMethod]
    public void Evaluate_SplitCalledAsAPath_ClipsStayInTheFolder()
    {
        using var scratch = new Scratch();
        var runs = new TinyRuns();
        const string Split = "../../../escaped";
        string root = Directory.CreateDirectory(scratch.At("a/b/runs")).FullName;
        (SpeechRun run, ITransformer model) = runs.MultiLabelRun(
            root, new SpeechRunOptions { WorstClips = 2, TensorBoard = false });
        using (run)
        {
            run.Evaluate(model, runs.Small.Data, TinyRuns.Columns("Labels"), Split);
            foreach (RunClip clip in run.Clips.Where(c => c.Split == Split))
            {
                Assert.IsTrue(RunSlug.IsBelow(clip.File), clip.File);
                Assert.IsTrue(File.Exists(Path.Combine(run.ClipsFolder, clip.File)));
            }
            Assert.AreEqual(2, run.Clips.Count(c => c.Split == Split));
            CollectionAssert.AreEqual(
                Array.Empty<string>(), Directory.GetFiles(scratch.Folder, "escaped*", SearchOption.AllDirectories)
                    .Where(f => !f.StartsWith(run.Folder, StringComparison.Ordinal)).ToArray());
            // What a zip and model_config.json hold of the options.
            string options = JsonNode.Parse(((SpeechScoringTransformer)model).Model.Facts.ToJson())!["options"]!
                .ToJsonString();
            StringAssert.Contains(options, "\"encoder\":\"\\u2026/");
            Assert.DoesNotContain(JsonSerializer.Serialize(Path.GetTempPath()).Trim('"'), options);
            string clips = Path.Combine(run.ClipsFolder, "clips.json");
            foreach (string outside in new[] { "../../../secret.wav", "/etc/secret.wav", "C:\\secret.wav", "..", "",
                "a/../../b.wav", "a//b.wav" })
            {
                JsonArray json = JsonNode.Parse(File.ReadAllText(clips))!.AsArray();
                json[0]!["file"] = outside;
                File.WriteAllText(clips, json.ToJsonString());
                InvalidDataException error =
                    Assert.ThrowsExactly<InvalidDataException>(() => SpeechRun.Open(run.Folder));
                StringAssert.Contains(error.Message, $"got '{outside}'", StringComparison.Ordinal);
            }
        }
        (model as IDisposable)?.Dispose();
    }

    [TestMethod]
    [DataRow("/home/anna/runs/r1/last", "last")]
    [DataRow("/home/anna/runs/r1", ".")]
    [DataRow("/home/anna/runs/r10/last", "\u2026/last")]
    [DataRow("/home/anna/models/wavlm/", "\u2026/wavlm")]
    [DataRow("C:\\Users\\anna\\wavlm", "\u2026/wavlm")]
    [DataRow("\\\\server\\anna\\wavlm", "\u2026/wavlm")]
    [DataRow("models/wavlm", "models/wavlm")]
    [DataRow("gs://bucket/wavlm", "gs://bucket/wavlm")]
    [DataRow("microsoft/wavlm-base", "microsoft/wavlm-base")]
    public void Shorten_Path_SaysNothingOfTheMachine(string text, string shown) =>
        Assert.AreEqual(shown, MachinePaths.Shorten(text, "/home/anna/runs/r1"));

    [TestMethod]
    public void Hide_Settings_KeepsAllElse()
    {
        JsonNode? hidden = MachinePaths.Hide(
            JsonNode.Parse("""{"encoder": "/home/anna/wavlm", "a": {"folder": "/r/x", "n": 1.5, "l": [null, "/y"]}}"""),
            "/r");
        Assert.AreEqual(
            """{"encoder":"\u2026/wavlm","a":{"folder":"x","n":1.5,"l":[null,"\u2026/y"]}}""",
            hidden!.ToJsonString(new JsonSerializerOptions()));
    }
}
