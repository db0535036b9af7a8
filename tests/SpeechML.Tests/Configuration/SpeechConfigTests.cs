using System.Reflection;
using System.Text.Json.Nodes;

namespace SpeechML.Tests.Configuration;

[TestClass]
public sealed class SpeechConfigTests
{
    private const string Load = """
        {
          "$schema": "load.schema.json", // allowed anywhere
          "metadataFile": "m.csv",
          "columns": { "audioKey": "id", "subject": "who", "features": ["hoarse", "slow"] },
          "split": { "train": 0.5, "validation": 0.25, "test": 0.25, "seed": 7 },
          "trimSilence": { "topDb": 30 },
          "maxSeconds": 10,
          "normalize": "Peak",
          "augmentation": [{ "type": "Gain", "min_gain_db": -6, "max_gain_db": 6, "p": 0.5 }, { "type": "Reverse" }],
        }
        """;

    [TestMethod]
    public void Parse_LoadConfig_SetsWhatIsThereAndLeavesTheRest()
    {
        SpeechLoadConfig config = SpeechConfig.Parse<SpeechLoadConfig>(Load, "load.json");
        Assert.AreEqual("id", config.Columns.AudioKey);
        Assert.IsNull(config.Columns.Date);
        CollectionAssert.AreEqual(new[] { "hoarse", "slow" }, config.Columns.Features.ToArray());
        Assert.AreEqual(new SubjectSplitOptions { Train = 0.5, Validation = 0.25, Test = 0.25, Seed = 7 },
            config.Split);
        Assert.AreEqual(new SilenceTrimmingOptions { TopDb = 30 }, config.TrimSilence);
        Assert.IsNull(config.TrimToVoice);
        Assert.AreEqual(10, config.MaxSeconds);
        Assert.AreEqual(AudioNormalization.Peak, config.Normalize);
        Assert.AreEqual(-6, ((Gain)config.Augmentation[0]).MinGainDb);
        Assert.HasCount(2, config.Augmentation);
        Assert.AreEqual(16_000, config.SampleRate);
    }

    [TestMethod]
    public void Parse_WhatWasWritten_IsTheSame()
    {
        SpeechLoadConfig load = SpeechConfig.Parse<SpeechLoadConfig>(Load, "load.json").WithFullPaths();
        string written = SpeechConfig.Write(load);
        Assert.AreEqual(written, SpeechConfig.Write(SpeechConfig.Parse<SpeechLoadConfig>(written, "again.json")));
        foreach (SpeechTask task in Enum.GetValues<SpeechTask>())
        {
            string json = $$$"""
                {"task": "{{{task}}}", "trainer": {"encoder": "e", "lora": {"rank": 4}, "headLearningRate": 0.003}}
                """;
            string first = SpeechConfig.Write(SpeechConfig.Parse<SpeechModelConfig>(json, "model.json"));
            StringAssert.Contains(first, "\"rank\": 4");
            SpeechModelConfig again = SpeechConfig.Parse<SpeechModelConfig>(first, "again.json");
            Assert.AreEqual(first, SpeechConfig.Write(again));
            Assert.AreEqual(task, again.Trainer.LearnedTask);
            Assert.AreEqual(task, again.Task);
        }
    }

    /// <summary>An options class that is new, or a property of a type that no file can hold, shows here.</summary>
    [TestMethod]
    public void Options_OfEveryTrainer_AreAllThere()
    {
        Type[] trainers = [.. typeof(SpeechTrainingOptions).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(SpeechTrainingOptions)) && !t.IsAbstract && t.IsPublic)];
        CollectionAssert.AreEquivalent(
            trainers, SpeechML.Tasks.TaskDescription.All.Select(t => t.Options).ToArray());
        string[] paths = [.. SpeechConfig.Options<SpeechModelConfig>().Select(o => o.Path)];
        CollectionAssert.AllItemsAreUnique(paths);
        foreach (PropertyInfo property in trainers.SelectMany(t => t.GetProperties())
            .Where(p => p.SetMethod?.IsPublic == true))
        {
            string path = $"trainer.{char.ToLowerInvariant(property.Name[0])}{property.Name[1..]}";
            Assert.IsTrue(Array.Exists(paths, p => p == path || p.StartsWith(path + ".", StringComparison.Ordinal)),
                path);
        }
    }

    [TestMethod]
    public void Parse_FormerValuesOfSuspectAudio_MeanTheSame()
    {
        const string Former = """
            {
              "metadataFile": "m.csv",
              "columns": { "audioKey": "id" },
              "audio": { "truncated": "Accept", "silent": "Refuse" }
            }
            """;
        AudioLoadingOptions read = SpeechConfig.Parse<SpeechLoadConfig>(Former, "load.json").Audio;
        Assert.AreEqual((SuspectAudioHandling.Keep, SuspectAudioHandling.Throw), (read.Truncated, read.Silent));
        read = SpeechConfig.Parse<SpeechLoadConfig>(Former, "load.json", Given(("audio.silent", ["Accept"]))).Audio;
        Assert.AreEqual((SuspectAudioHandling.Keep, SuspectAudioHandling.Keep), (read.Truncated, read.Silent));
    }

    [TestMethod]
    [DataRow("Classification")]
    [DataRow("classification")]
    [DataRow("Multiclass")]
    public void Parse_FormerNameOfATask_IsTheSameTask(string name)
    {
        SpeechModelConfig read = SpeechConfig.Parse<SpeechModelConfig>($$$"""
            {"task": "{{{name}}}", "trainer": {"encoder": "e", "labelSmoothing": 0.1}}
            """, "model.json");
        Assert.AreEqual(SpeechTask.Multiclass, read.Task);
        Assert.AreEqual(0.1, ((SpeechClassificationOptions)read.Trainer).LabelSmoothing);
        read = SpeechConfig.Parse<SpeechModelConfig>("""{"task": "Binary"}""", "m", Given(("task", [name])));
        Assert.IsInstanceOfType<SpeechClassificationOptions>(read.Trainer);
        StringAssert.Contains(SpeechConfig.Write(read), "\"task\": \"Multiclass\"");
    }

    [TestMethod]
    public void Parse_CommandLine_WinsOverTheFile()
    {
        const string Model = """
            {"task": "Multiclass", "label": "language",
             "trainer": {"encoder": "e", "epochs": 3, "labelSmoothing": 0.1}}
            """;
        SpeechModelConfig config =
            SpeechConfig.Parse<SpeechModelConfig>(
            Model, "model.json", Given(("trainer.epochs", ["5"]), ("trainer.head.dropout", ["0.25"]),
            ("trainer.keepBest", ["false"]), ("trainer.balanceClasses", []), ("trainer.pooling", ["MeanStd"])));
        var trainer = (SpeechClassificationOptions)config.Trainer;
        Assert.AreEqual(5, trainer.Epochs);
        Assert.AreEqual(0.25, trainer.Head.Dropout);
        Assert.IsFalse(trainer.EarlyStopping.KeepBest);
        Assert.IsTrue(trainer.BalanceClasses);
        Assert.AreEqual(SpeechPooling.MeanStd, trainer.Pooling);
        Assert.AreEqual(0.1, trainer.LabelSmoothing);

        SpeechLoadConfig load =
            SpeechConfig.Parse<SpeechLoadConfig>(
            Load, "load.json", Given(("trimSilence", ["false"]), ("trimToVoice", []), ("tasks", ["a", "b"]),
            ("columns.features", ["slow"])));
        Assert.IsNull(load.TrimSilence);
        Assert.AreEqual(new VoiceActivityOptions(), load.TrimToVoice);
        CollectionAssert.AreEqual(new[] { "a", "b" }, load.Tasks.ToArray());
        CollectionAssert.AreEqual(new[] { "slow" }, load.Columns.Features.ToArray());
    }

    [TestMethod]
    [DataRow("""{"task": "MultiLabel", "trainer": {"epoch": 3}}""",
        "'model.json', key 'trainer.epoch': unknown; the nearest known key is 'trainer.epochs'.")]
    [DataRow("""{"task": "MultiLabel", "trainer": {"head_learning_rate": 3}}""",
        "'model.json', key 'trainer.head_learning_rate': unknown; the nearest known key is " +
        "'trainer.headLearningRate'.")]
    [DataRow("""{"task": "MultiLabel", "trainer": {"labelSmoothing": 0.1}}""",
        "'model.json', key 'trainer.labelSmoothing': unknown, and none is near. Known are 'balancePositives', ")]
    [DataRow("""{"task": "MultiLabel", "trainer": {"epochs": "three"}}""",
        "'model.json', key 'trainer.epochs': expected a whole number, got \"three\".")]
    [DataRow("""{"task": "MultiLabel", "trainer": {"epochs": 2.5}}""",
        "'model.json', key 'trainer.epochs': expected a whole number, got 2.5.")]
    [DataRow("""{"task": "MultiLabel", "trainer": {"keepBest": 1}}""",
        "'model.json', key 'trainer.earlyStopping.keepBest': expected true or false, got 1.")]
    [DataRow("""{"task": "MultiLabel", "trainer": {"head": 3}}""",
        "'model.json', key 'trainer.head': expected an object, got 3.")]
    [DataRow("""{"task": "MultiLabel", "trainer": {"encoder": ["e"]}}""",
        "'model.json', key 'trainer.encoder': expected a text, got a list.")]
    [DataRow("""{"task": "Multi"}""",
        "'model.json', key 'task': expected one of MultiLabel, Multiclass, Ordinal, Binary, Regression, got " +
        "\"Multi\".")]
    [DataRow(
        "{}", "'model.json', key 'task': expected one of MultiLabel, Multiclass, Ordinal, Binary, Regression, " +
        "got nothing.")]
    [DataRow("[]", "'model.json': expected an object, got Array.")]
    public void Parse_WrongModelConfig_NamesFileKeyExpectedAndGot(string json, string message)
    {
        InvalidDataException error =
            Assert.ThrowsExactly<InvalidDataException>(() => SpeechConfig.Parse<SpeechModelConfig>(json, "model.json"));
        // The list of all keys changes with the options.
        Assert.AreEqual(message, message.EndsWith(' ') ? error.Message[..message.Length] : error.Message);
    }

    [TestMethod]
    [DataRow("""{"metadataFile": "m.csv", "columns": {}}""",
        "'load.json', key 'columns.audioKey': expected a text, got nothing.")]
    [DataRow("""{"metadataFile": "m.csv"}""", "'load.json', key 'columns': expected an object, got nothing.")]
    [DataRow("""{"metadataFile": "m.csv", "columns": {"audioKey": "id"}, "tasks": "a"}""",
        "'load.json', key 'tasks': expected a list, each a text, got \"a\".")]
    [DataRow("""{"metadataFile": "m.csv", "columns": {"audioKey": "id"}, "normalize": "Loud"}""",
        "'load.json', key 'normalize': expected one of Peak, Mean, got \"Loud\".")]
    public void Parse_WrongLoadConfig_NamesFileKeyExpectedAndGot(string json, string message) =>
        Assert.AreEqual(message,
            Assert.ThrowsExactly<InvalidDataException>(() =>
            SpeechConfig.Parse<SpeechLoadConfig>(json, "load.json")).Message);

    [TestMethod]
    public void Parse_KeyTwiceOrUnknownEffect_IsRefused()
    {
        StringAssert.StartsWith(
            Assert.ThrowsExactly<InvalidDataException>(() => SpeechConfig.Parse<SpeechModelConfig>(
                """{"task": "Binary", "task": "Binary"}""", "model.json")).Message,
            "'model.json': expected JSON with every key once, got: ");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<InvalidDataException>(() => SpeechConfig.Parse<SpeechLoadConfig>(
                """{"metadataFile": "m.csv", "columns": {"audioKey": "id"}, "augmentation": [{"type": "Wobble"}]}""",
                "load.json")).Message,
            "'load.json', key 'augmentation': expected an object with the \"type\" of an effect and its parameters, " +
            "got {\"type\":\"Wobble\"}: ");
    }

    [TestMethod]
    public void Parse_NamesOfAnEarlierVersion_AreReadAsThoseOfToday()
    {
        const string Former = """
            {"task": "MultiLabel", "trainer": {"encoder": "e", "layer": 3, "layers": "", "freezing": "Layers",
            "frozenLayers": "0-1", "schedule": "Linear", "adamBeta1": 0.8, "initialModel": "", "keepBest": false}}
            """;
        SpeechTrainingOptions trainer = SpeechConfig.Parse<SpeechModelConfig>(
            Former, "model.json", Given(("trainer.weightDecay", ["0.5"]))).Trainer;
        Assert.AreEqual("3", trainer.Layers);
        Assert.AreEqual("0-1", trainer.Freezing);
        Assert.AreEqual(new ScheduleOptions { Decay = LearningRateDecay.Linear }, trainer.Schedule);
        Assert.AreEqual(new OptimizerOptions { Beta1 = 0.8, WeightDecay = 0.5 }, trainer.Optimizer);
        Assert.AreEqual(new InitialModelOptions(), trainer.InitialModel);
        Assert.IsFalse(trainer.EarlyStopping.KeepBest);
        Assert.AreEqual(LayerFreezing.Half, SpeechConfig.Parse<SpeechModelConfig>(
            """{"task": "Binary", "trainer": {"freezing": "Half"}}""", "model.json").Trainer.Freezing);
    }

    [TestMethod]
    public void Parse_WrongOption_NamesIt()
    {
        const string Model = """{"task": "MultiLabel", "trainer": {"encoder": "e"}}""";
        Check(("trainer.epochs", ["many"]),
            "Command line, option '--trainer.epochs': expected a whole number, got 'many'.");
        Check(("trainer.encoder", ["a", "b"]),
            "Command line, option '--trainer.encoder': expected a text, got 2 values.");
        Check(("trainer.epoch", ["3"]),
            "Command line: option '--trainer.epoch' is not one of this configuration; the nearest is " +
            "'--trainer.epochs'.");
        void Check((string Path, string[] Texts) option, string message) =>
            Assert.AreEqual(message,
                Assert.ThrowsExactly<InvalidDataException>(() =>
                SpeechConfig.Parse<SpeechModelConfig>(Model, "model.json", Given(option))).Message);
    }

    [TestMethod]
    public void Schema_OfBothFiles_KnowsEveryKeyThatIsWritten()
    {
        JsonObject load = JsonNode.Parse(SpeechConfig.Schema<SpeechLoadConfig>())!.AsObject();
        AssertCovers(load, JsonNode.Parse(SpeechConfig.Write(SpeechConfig.Parse<SpeechLoadConfig>(Load, "l")))!,
            "load");
        CollectionAssert.AreEqual(
            new[] { "metadataFile", "columns" },
            load["required"]!.AsArray().Select(r => r!.GetValue<string>()).ToArray());
        Assert.AreEqual("number", load["properties"]!["split"]!["properties"]!["train"]!["type"]!.GetValue<string>());
        JsonArray alternatives = JsonNode.Parse(SpeechConfig.Schema<SpeechModelConfig>())!["oneOf"]!.AsArray();
        foreach (SpeechTask task in Enum.GetValues<SpeechTask>())
        {
            JsonNode its = alternatives.Single(
                a => a!["properties"]!["task"]!["enum"]![0]!.GetValue<string>() == task.ToString())!;
            string written = SpeechConfig.Write(
                SpeechConfig.Parse<SpeechModelConfig>($$"""{"task": "{{task}}"}""", "m"));
            AssertCovers(its, JsonNode.Parse(written)!, task.ToString());
        }
    }

    private static void AssertCovers(JsonNode schema, JsonNode json, string path)
    {
        JsonObject known = schema["properties"]!.AsObject();
        CollectionAssert.AreEqual(known.Select(k => k.Key).ToArray(), json.AsObject().Select(k => k.Key).ToArray(),
            path);
        Assert.IsFalse(schema["additionalProperties"]!.GetValue<bool>());
        foreach ((string key, JsonNode? value) in json.AsObject())
        {
            if (value is JsonObject && known[key]!["properties"] is not null)
            {
                AssertCovers(known[key]!, value, $"{path}.{key}");
            }
        }
    }

    private static Dictionary<string, IReadOnlyList<string>> Given(params (string Path, string[] Texts)[] options) =>
        options.ToDictionary(o => o.Path, o => (IReadOnlyList<string>)o.Texts);
}
