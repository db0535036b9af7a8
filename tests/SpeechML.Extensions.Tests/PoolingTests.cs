using Microsoft.ML;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpeechML.Extensions.Tests;

[TestClass]
public sealed class PoolingTests
{
    private static readonly string s_power = SpeechPooling.Register("PowerMean", (hidden, _) => new PowerMean(hidden));
    private static readonly string s_scaled =
        SpeechPooling.Register("ScaledMean", (hidden, seed) => new ScaledMean(hidden, seed), isLearned: true);

    [TestMethod]
    public void Fit_PoolingOfAUser_TrainsAndSurvivesItsZip()
    {
        using var training = new SampleTraining();
        foreach (string pooling in new[] { s_power, s_scaled })
        {
            SpeechClassificationOptions options = SampleTraining.Options<SpeechClassificationOptions>();
            options.Pooling = pooling;
            float[][] scores = training.FitSaveLoad(options, out string manifest);
            Assert.Contains($"\"pooling\": \"{pooling}\"", manifest);
            options.Pooling = SpeechPooling.Mean;
            CollectionAssert.AreNotEqual(training.FitSaveLoad(options, out _)[0], scores[0], pooling);
        }
    }

    [TestMethod]
    public void Configuration_PoolingOfAUser_IsReadByItsName()
    {
        const string Json = """{"task": "Multiclass", "trainer": {"encoder": "e", "pooling": "POWERmean"}}""";
        var options = (SpeechClassificationOptions)SpeechConfig.Parse<SpeechModelConfig>(Json, "model.json").Trainer!;
        Assert.AreEqual("PowerMean", options.Pooling);
        Assert.AreEqual("'model.json', key 'trainer.pooling': expected one of Mean, Max, Min, MeanStd, Attention, " +
            "AttentionTanh, PowerMean, ScaledMean, got \"Median\".",
            Assert.ThrowsExactly<InvalidDataException>(() => SpeechConfig.Parse<SpeechModelConfig>(
                Json.Replace("POWERmean", "Median", StringComparison.Ordinal), "model.json")).Message);

        SpeechModelConfig Given(string pooling) => SpeechConfig.Parse<SpeechModelConfig>(
            Json, "model.json", new Dictionary<string, IReadOnlyList<string>> { ["trainer.pooling"] = [pooling] });
        Assert.AreEqual("ScaledMean", ((SpeechClassificationOptions)Given("scaledmean").Trainer!).Pooling);
        Assert.EndsWith("expected one of Mean, Max, Min, MeanStd, Attention, AttentionTanh, PowerMean, ScaledMean, " +
            "got 'Median'.", Assert.ThrowsExactly<InvalidDataException>(() => Given("Median")).Message);
        Assert.Contains("\"PowerMean\"", SpeechConfig.Schema<SpeechModelConfig>());
    }

    [TestMethod]
    public void EncodeSpeech_PoolingOfAUser_ServesUnlessItIsLearned()
    {
        var mlContext = new MLContext();
        SpeechEncodingOptions Options(string pooling) => new() { Encoder = SampleTraining.Encoder, Pooling = pooling };
        _ = mlContext.Transforms.EncodeSpeech("Features", Options(s_power), "Audio");
        Assert.Contains("Option Pooling: expected a pooling without learned weights",
            Assert.ThrowsExactly<ArgumentException>(
                () => mlContext.Transforms.EncodeSpeech("Features", Options(s_scaled), "Audio")).Message);
    }

    [TestMethod]
    public void Sweep_PoolingOfAUser_IsAChoice()
    {
        var space = new SweepSpace<SpeechClassificationOptions>(SampleTraining.Options<SpeechClassificationOptions>(),
            SweepParameter.Choice("Pooling", SpeechPooling.Mean, "powermean"));
        using SweepResult result = SampleSweep.Create(new MLContext(seed: 1), space).SetTuner(SweepTuner.Grid())
            .Run();
        CollectionAssert.AreEquivalent(new[] { SpeechPooling.Mean, s_power },
            result.Trials.Select(t => (string)t.Parameters["Pooling"]).ToArray());
    }

    [TestMethod]
    public void Load_PoolingThatIsNotRegistered_SaysItsNameAndWhatToDo()
    {
        using var training = new SampleTraining();
        SpeechClassificationOptions options = SampleTraining.Options<SpeechClassificationOptions>();
        options.Pooling = s_power;
        _ = training.FitSaveLoad(options, out _);
        training.ReplaceInManifest("\"pooling\": \"PowerMean\"", "\"pooling\": \"OfAnother\"");
        Exception error = Assert.Throws<Exception>(training.Load);
        Assert.Contains("Pooling 'OfAnother': expected one of Mean, ", error.ToString());
        Assert.Contains("Call SpeechPooling.Register(\"OfAnother\", ...) first", error.ToString());
    }

    [TestMethod]
    [DataRow("mean", "Pooling 'mean': expected a name that no other has, but 'Mean' is registered.")]
    [DataRow("Power mean", "Pooling name: expected a letter, then letters and digits, got 'Power mean'.")]
    public void Register_NameThatIsNone_IsRefused(string name, string message) =>
        Assert.StartsWith(message, Assert.ThrowsExactly<ArgumentException>(
            () => SpeechPooling.Register(name, (hidden, _) => new PowerMean(hidden))).Message);

    /// <summary>Root of the mean square over frames.</summary>
    private sealed class PowerMean(int hidden) : FramePooling(nameof(PowerMean), hidden)
    {
        protected override Tensor Pool(Tensor hidden, Tensor padding, Tensor count) =>
            (hidden.masked_fill(padding, 0).square().sum([1]) / count).add(1e-6).sqrt();
    }

    /// <summary>The mean times a learned vector.</summary>
    private sealed class ScaledMean : FramePooling
    {
        private readonly Parameter _scale;

        public ScaledMean(int hidden, long seed)
            : base(nameof(ScaledMean), hidden)
        {
            using var generator = new Generator((ulong)seed);
            _scale = new Parameter(zeros(hidden).uniform_(0.5, 1.5, generator));
            RegisterComponents();
        }

        protected override Tensor Pool(Tensor hidden, Tensor padding, Tensor count) =>
            _scale * hidden.masked_fill(padding, 0).sum([1]) / count;
    }
}
