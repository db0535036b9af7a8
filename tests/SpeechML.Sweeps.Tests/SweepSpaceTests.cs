using SpeechML.Audio.Common;
using static SpeechML.SweepParameter;

namespace SpeechML.Sweeps.Tests;

[TestClass]
public sealed class SweepSpaceTests
{
    [TestMethod]
    public void Create_PointOfEveryKind_SetsNestedOptionsInTheirTypes()
    {
        SweepSpace<SpeechClassificationOptions> space = Space(
            Range("EncoderLearningRate", 1e-6, 1e-4, logScale: true),
            Range("Head.HiddenLayers", 0, 2),
            Choice("Head.Activation", "Relu", HeadActivation.Tanh),
            Choice("Head.Dropout", 0, 0.5),
            Choice("BalanceClasses", true, false),
            Choice("Layers", "1,2", "all"));
        SpeechClassificationOptions options = space.Create(new SweepPoint(new Dictionary<string, double>
        {
            ["EncoderLearningRate"] = 3e-5,
            ["Head.HiddenLayers"] = 2,
            ["Head.Activation"] = 1,
            ["Head.Dropout"] = 1,
            ["BalanceClasses"] = 0,
            ["Layers"] = 1,
        }));
        Assert.AreEqual(3e-5, options.EncoderLearningRate);
        Assert.AreEqual(new HeadOptions { HiddenLayers = 2, Activation = HeadActivation.Tanh, Dropout = 0.5 },
            options.Head);
        Assert.IsTrue(options.BalanceClasses);
        Assert.AreEqual("all", options.Layers);
        Assert.AreEqual(new HeadOptions(), space.Defaults.Head, "the defaults stay as they were");
    }

    [TestMethod]
    [DataRow("EncoderLerningRate", "EncoderLearningRate")]
    [DataRow("Rank", "Lora.Rank")]
    [DataRow("head.dropout", "Head.Dropout")]
    public void Constructor_UnknownOption_NamesTheNearest(string name, string nearest)
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => Space(Range(name, 0.1, 0.2)));
        Assert.AreEqual(
            $"Sweep parameter '{name}': expected the name of an option of SpeechClassificationOptions, nearest is " +
            $"'{nearest}'; options within options have a dot, as 'Lora.Rank'.", e.Message);
    }

    [TestMethod]
    public void Constructor_ValueThatTheOptionRefuses_SaysWhichAndWhy()
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() =>
            Space(Choice("Schedule.WarmupRatio", 0.1, 1.5)));
        Assert.AreEqual(
            "Sweep parameter 'Schedule.WarmupRatio': expected values that the options take, got 1.5. Option " +
            "Schedule.WarmupRatio: " +
            "expected a share from 0 to below 1, got '1.5'.", e.Message);
        Assert.Contains("Option EncoderLearningRate: expected a rate above 0",
            Assert.ThrowsExactly<ArgumentException>(() => Space(Range("EncoderLearningRate", 0.0, 1.0))).Message);
    }

    [TestMethod]
    public void Constructor_ValueOfAnotherType_SaysWhatIsExpected()
    {
        Assert.AreEqual(
            "Sweep parameter 'Pooling': expected values that are one of " +
            string.Join(", ", SpeechPooling.Names) + ", got 'Median' (String).",
            Assert.ThrowsExactly<ArgumentException>(() => Space(Choice("Pooling", "Mean", "Median"))).Message);
        Assert.AreEqual(
            "Sweep parameter 'Epochs': expected values that are whole numbers, got '2.5' (Double).",
            Assert.ThrowsExactly<ArgumentException>(() => Space(Range("Epochs", 2.5, 4))).Message);
        Assert.AreEqual(
            "Sweep parameter 'Freezing': expected a choice, because the option is text, got a range.",
            Assert.ThrowsExactly<ArgumentException>(() => Space(Range("Freezing", 0, 2))).Message);
    }

    [TestMethod]
    public void Constructor_BadConditions_AreErrors()
    {
        Assert.AreEqual(
            "Sweep parameter 'Lora.Alpha': expected a condition on another parameter of the space (''), got " +
            "'Lora.Rank'.",
            Assert.ThrowsExactly<ArgumentException>(() =>
            Space(Range("Lora.Alpha", 1.0, 8.0).OnlyWhenAbove("Lora.Rank", 0))).Message);
        Assert.AreEqual(
            "Sweep parameter 'Lora.Rank': expected a condition on values that 'adapter' has, switch of \"none\", " +
            "\"lora\", got dora.",
            Assert.ThrowsExactly<ArgumentException>(() =>
            Space(Switch("adapter", "none", "lora"), Range("Lora.Rank", 1, 4).OnlyWhen("adapter", "dora"))).Message);
        Assert.AreEqual(
            "Sweep parameter 'Seed': expected an option that bears on the result and is not the sweep's own, got one " +
            "that a sweep sets or leaves alone.",
            Assert.ThrowsExactly<ArgumentException>(() => Space(Range("Seed", 1, 3))).Message);
    }

    [TestMethod]
    public void Draw_RankOnlyWithAdapter_IsThereExactlyThen()
    {
        SweepSpace<SpeechClassificationOptions> space = Space(
            Range("Lora.Rank", 1, 16, logScale: true).OnlyWhen("adapter", "lora"),
            Range("Lora.Alpha", 1.0, 16.0).OnlyWhen("adapter", "lora"),
            Choice("Freezing", LayerFreezing.Half, LayerFreezing.ExcludeLast).OnlyWhen("adapter", "none"),
            Switch("adapter", "none", "lora"));
        var random = new SeededRandom(1);
        int adapted = 0;
        for (int i = 0; i < 200; i++)
        {
            SpeechClassificationOptions options = space.Create(space.Parameters.Draw(random));
            options.Validate();
            adapted += options.Lora.Rank > 0 ? 1 : 0;
            Assert.AreEqual(options.Lora.Rank > 0, options.Freezing == LayerFreezing.Auto);
        }
        Assert.IsTrue(adapted is > 70 and < 130, $"{adapted} of 200 with an adapter");
    }

    [TestMethod]
    public void Draw_CombinationsThatOptionsRefuse_AreNeverDrawn()
    {
        // Adapters freeze all of the encoder: half of the four combinations is refused.
        SweepSpace<SpeechClassificationOptions> space =
            Space(Choice("Lora.Rank", 0, 4), Choice("Freezing", LayerFreezing.RequiredOnly, LayerFreezing.Half));
        var random = new SeededRandom(1);
        string[] seen = [.. Enumerable.Range(0, 100).Select(_ => space.Create(space.Parameters.Draw(random)))
            .Select(o => $"{o.Lora.Rank} {o.Freezing}").Distinct().Order()];
        CollectionAssert.AreEqual(new[] { "0 half", "0 required-only", "4 required-only" }, seen);
        Assert.HasCount(3, Points(SweepTuner.Grid(), space.Parameters));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Draw_WholeNumbers_BothEndsAsOftenAsTheirScaleSays(bool logScale)
    {
        var space = new ParameterSpace([Range("n", 1, 3, logScale)]);
        var random = new SeededRandom(1);
        int[] counts = new int[4];
        for (int i = 0; i < 6000; i++)
        {
            counts[(int)space.Draw(random)["n"]]++;
        }
        double[] expected = logScale
            ? [.. new[] { 0.5, 1.5, 2.5 }.Select(low => 6000 * Math.Log((low + 1) / low) / Math.Log(7))]
            : [2000, 2000, 2000];
        for (int n = 1; n <= 3; n++)
        {
            Assert.AreEqual(expected[n - 1], counts[n], 200, $"{n}"); // five standard deviations
        }
    }

    [TestMethod]
    public void Grid_RangesAndConditions_EveryCombinationOnce()
    {
        SweepSpace<SpeechClassificationOptions> space = Space(
            Range("HeadLearningRate", 1e-4, 1e-2, logScale: true),
            Range("Head.HiddenLayers", 0, 1),
            Range("Head.BottleneckSize", 8, 32, logScale: true).OnlyWhenAbove("Head.HiddenLayers", 0));
        List<SweepPoint> points = Points(SweepTuner.Grid(3), space.Parameters);
        Assert.HasCount(3 + (3 * 3), points);
        Assert.HasCount(points.Count, points.Select(p => p.ToString()).Distinct());
        double[] rates = [.. points.Select(p => p["HeadLearningRate"]).Distinct().Order()];
        Assert.AreEqual(1e-4, rates[0]);
        Assert.AreEqual(1e-3, rates[1], 1e-12);
        Assert.AreEqual(1e-2, rates[2]);
        CollectionAssert.AreEqual(
            new double[] { 8, 16, 32 },
            points.Where(p => p.Has("Head.BottleneckSize")).Select(p => p["Head.BottleneckSize"]).Distinct().Order()
            .ToArray());
    }

    [TestMethod]
    public void AsDeclared_FlagsAndEnums_TakeAllTheirValues()
    {
        SweepSpace<SpeechClassificationOptions> space =
            Space(AsDeclared("BalanceClasses"), AsDeclared("LayerCombination"));
        Assert.HasCount(2 * Enum.GetValues<LayerCombination>().Length, Points(SweepTuner.Grid(), space.Parameters));
        Assert.AreEqual(
            "Sweep parameter 'Cache.Memory': expected an option that bears on the result and is not the sweep's own, " +
            "got one that a sweep sets or leaves alone.",
            Assert.ThrowsExactly<ArgumentException>(() => Space(AsDeclared("Cache.Memory"))).Message);
        Assert.AreEqual(
            "Sweep parameter 'Layers': expected Range or Choice, because the option declares no range of its " +
            "own, got AsDeclared.",
            Assert.ThrowsExactly<ArgumentException>(() => Space(AsDeclared("Layers"))).Message);
    }

    internal static SweepSpace<SpeechClassificationOptions> Space(params SweepParameter[] parameters) =>
        new(new SpeechClassificationOptions { Layers = EncoderLayers.Last, Encoder = "whisper-base" }, parameters);

    internal static List<SweepPoint> Points(SweepTuner tuner, ParameterSpace space)
    {
        var points = new List<SweepPoint>();
        while (tuner.Suggest(space, [], points.Count, 3) is { } point)
        {
            points.Add(point);
        }
        return points;
    }
}
