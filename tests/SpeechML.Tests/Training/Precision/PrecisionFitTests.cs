using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using SpeechML.Encoders;
using SpeechML.Encoders.Layers;
using SpeechML.Model;
using SpeechML.Model.Heads;
using SpeechML.Model.Pooling;
using SpeechML.TestSupport;
using SpeechML.Tests.Trainers;
using SpeechML.Training;
using SpeechML.Training.Optimization;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Training.Precision;

/// <summary>Option Precision from the options to the zip: what is computed in 16 bits, kept so, and said.</summary>
[TestClass]
public sealed class PrecisionFitTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow("hubert-base-like")]
    [DataRow("whisper-80")]
    public void EncodeSpeech_BFloat16_NearFloat32AndAsSaved(string encoder)
    {
        IDataView data = Prompts.View(_mlContext, 3);
        float[][] exact = Features(encoder, SpeechPrecision.Float32, data, out _);
        float[][] rounded = Features(encoder, SpeechPrecision.BFloat16, data, out byte[] zip);
        for (int i = 0; i < exact.Length; i++)
        {
            double apart = Math.Sqrt(exact[i].Zip(rounded[i], (a, b) => Math.Pow(a - b, 2)).Sum()
                / exact[i].Sum(a => (double)a * a));
            Assert.IsTrue(apart is > 0 and < 0.05, $"{apart}");
        }
        using var stream = new MemoryStream(zip);
        ITransformer loaded = _mlContext.Model.Load(stream, out _);
        using (loaded as IDisposable)
        {
            PipelineTests.AssertEqual(rounded, [.. loaded.Transform(data).GetColumn<float[]>("Features")], 0);
        }
        Assert.Contains("\"precision\": \"BFloat16\"", Entry(zip, "model.json"));
    }

    [TestMethod]
    public void UsePrecision_SavedInFloat32_AsFittedInBFloat16AndBack()
    {
        IDataView data = Prompts.View(_mlContext, 2);
        float[][] exact = Features("hubert-base-like", SpeechPrecision.Float32, data, out byte[] zip);
        float[][] rounded = Features("hubert-base-like", SpeechPrecision.BFloat16, data, out byte[] roundedZip);
        using var stream = new MemoryStream(zip);
        ITransformer loaded = _mlContext.Model.Load(stream, out _);
        using (loaded as IDisposable)
        {
            float[][] Now() => [.. loaded.Transform(data).GetColumn<float[]>("Features")];
            _mlContext.Speech().UsePrecision(loaded, SpeechPrecision.BFloat16);
            PipelineTests.AssertEqual(rounded, Now(), 0);
            using var saved = new MemoryStream();
            _mlContext.Model.Save(loaded, data.Schema, saved);
            Assert.AreEqual(Entry(roundedZip, "model.json"), Entry(saved.ToArray(), "model.json"));
            _mlContext.Speech().UsePrecision(loaded, SpeechPrecision.Float32);
            PipelineTests.AssertEqual(exact, Now(), 0);
        }
    }

    [TestMethod]
    public void UsePrecision_NoSpeechModel_Refused()
    {
        ITransformer audio = PromptAudio.Pipeline(_mlContext).Fit(Prompts.View(_mlContext, 1));
        Assert.StartsWith(
            "Model to score in precision BFloat16: expected a fine-tuned speech model or EncodeSpeech, got ",
            Assert.ThrowsExactly<ArgumentException>(
                () => _mlContext.Speech().UsePrecision(audio, SpeechPrecision.BFloat16)).Message);
    }

    [TestMethod]
    [DataRow(SpeechPrecision.BFloat16)]
    [DataRow(SpeechPrecision.Float16)]
    public void Fit_ReducedPrecision_SameTwiceAndOtherThanFloat32(SpeechPrecision precision)
    {
        byte[] first = Fit(precision, "");
        CollectionAssert.AreEqual(first, Fit(precision, ""));
        CollectionAssert.AreNotEqual(first, TrainingRuns.Fit(TrainingRuns.Options()));
    }

    [TestMethod]
    [DataRow(SpeechPrecision.BFloat16)]
    [DataRow(SpeechPrecision.Float16)]
    public void Fit_BrokenOff_EndsWithTheSameBytes(SpeechPrecision precision)
    {
        using var scratch = new Scratch();
        byte[] whole = Fit(precision, "");
        using var stop = new CancellationTokenSource();
        SpeechClassificationOptions options = Options(precision, scratch.At("run"));
        options.Checkpoints.EverySteps = 2;
        var breaking = new TrainingRuns.Recorder(p =>
        {
            if (p.Step == 5)
            {
                stop.Cancel();
            }
        });
        Assert.ThrowsExactly<OperationCanceledException>(
            () => TrainingRuns.Fit(options, breaking, cancellation: stop.Token));
        CollectionAssert.AreEqual(whole, TrainingRuns.Fit(options));
    }

    [TestMethod]
    [DataRow("hubert-base-like", SpeechPrecision.BFloat16)]
    [DataRow("hubert-base-like", SpeechPrecision.Float16)]
    [DataRow("wav2vec2-large-like", SpeechPrecision.BFloat16)]
    [DataRow("wavlm-base-like", SpeechPrecision.BFloat16)]
    [DataRow("whisper-80", SpeechPrecision.BFloat16)]
    public void Forward_FromCachedHiddenState_AsFromSamples(string name, SpeechPrecision precision)
    {
        using SpeechNetwork network = Network(name);
        Freeze(network, LayerFreezing.Half);
        TrainingPrecision.Apply(network, precision);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        float[] clip = TinyEncoders.Clip(8000, 3);
        using TrainingSet kept = TrainingSet.Read(Activations.Source(network), [(clip, [0f])], 0, 640_000);
        Batch batch = kept.Batch([0], CPU);
        Assert.IsGreaterThan(0, batch.Start.Layer);
        // Whisper's stream of hidden states is float32.
        Assert.AreEqual(name.StartsWith("whisper", StringComparison.Ordinal) ? ScalarType.Float32
            : precision == SpeechPrecision.Float16 ? ScalarType.Float16 : ScalarType.BFloat16, batch.Values!.dtype);
        Tensor cached = network.Forward(batch), whole = network.Forward(Batch.Of([clip]));
        Assert.AreEqual(ScalarType.Float32, cached.dtype);
        CollectionAssert.AreEqual(whole.data<float>().ToArray(), cached.data<float>().ToArray());
    }

    [TestMethod]
    public void Apply_FrozenOnly_BelowWhatTrains()
    {
        using SpeechNetwork network = Network("hubert-base-like");
        Freeze(network, "0-1");
        TrainingPrecision.Apply(network, ScalarType.BFloat16, frozenOnly: true);
        foreach ((string name, nn.Module module) in network.Encoder.named_modules())
        {
            if (module is ProductModule product)
            {
                bool below = network.Encoder.Config.Groups.LayerOf(name + ".weight") < 2;
                Assert.AreEqual(below ? ScalarType.BFloat16 : null, product.Rounding, name);
            }
        }
        Assert.Contains("feature_extractor.conv_layers.0.conv:BFloat16", EncoderPrecision.Describe(network.Encoder));
        Freeze(network, LayerFreezing.None);
        TrainingPrecision.Apply(network, ScalarType.BFloat16, frozenOnly: true);
        Assert.AreEqual("", EncoderPrecision.Describe(network.Encoder));
        Freeze(network, LayerFreezing.All);
        TrainingPrecision.Apply(network, ScalarType.BFloat16, frozenOnly: true);
        Assert.AreEqual("BFloat16", EncoderPrecision.Describe(network.Encoder));
    }

    [TestMethod]
    public void LossScale_AsGradScaler()
    {
        var scale = new LossScale();
        Assert.AreEqual(65536, scale.Value);
        Assert.IsFalse(scale.Update(double.PositiveInfinity));
        Assert.AreEqual(32768, scale.Value);
        for (int step = 1; step < 2000; step++)
        {
            Assert.IsTrue(scale.Update(1));
        }
        Assert.AreEqual(32768, scale.Value);
        Assert.IsTrue(scale.Update(1));
        Assert.AreEqual(65536, scale.Value);
        for (int step = 0; step < 17; step++)
        {
            Assert.IsTrue(scale.MayRecover);
            Assert.IsFalse(scale.Update(double.NaN));
        }
        Assert.IsFalse(scale.MayRecover);
    }

    [TestMethod]
    public void Options_PrecisionNotDefined_SaysWhatIsExpected() => Assert.StartsWith(
        "Option Precision: expected one of Float32, BFloat16, Float16, Auto, got ",
        Assert.ThrowsExactly<ArgumentException>(() => Fit((SpeechPrecision)9, "")).Message);

    private float[][] Features(string encoder, SpeechPrecision precision, IDataView data, out byte[] zip)
    {
        using var model = PromptAudio.Pipeline(_mlContext).Append(_mlContext.Transforms.EncodeSpeech(
            "Features", new SpeechEncodingOptions
            {
                Encoder = RepositoryFiles.TinyEncoder(encoder),
                WhisperContext = WhisperContext.Trimmed,
                Precision = precision,
            })).Fit(data);
        using var stream = new MemoryStream();
        _mlContext.Model.Save(model, data.Schema, stream);
        zip = stream.ToArray();
        return [.. model.Transform(data).GetColumn<float[]>("Features")];
    }

    private static string Entry(byte[] zip, string name)
    {
        using var archive = new ZipArchive(new MemoryStream(zip));
        using var reader = new StreamReader(archive.Entries.Single(e => e.Name == name).Open());
        return reader.ReadToEnd();
    }

    private static SpeechClassificationOptions Options(SpeechPrecision precision, string folder)
    {
        SpeechClassificationOptions options = TrainingRuns.Options(folder);
        options.Precision = precision;
        return options;
    }

    private static byte[] Fit(SpeechPrecision precision, string folder) => TrainingRuns.Fit(Options(precision, folder));

    private static void Freeze(SpeechNetwork network, string freezing) =>
        EncoderFreezing.Apply(network, new SpeechTrainingOptions { Encoder = "tiny", Freezing = freezing });

    private static SpeechNetwork Network(string name)
    {
        SpeechEncoder encoder = EncoderLoader.Load(RepositoryFiles.TinyEncoder(name), context: WhisperContext.Trimmed);
        FramePooling pooling = SpeechPooling.Create(SpeechPooling.Mean, encoder.Config.HiddenSize, 0);
        var network = new SpeechNetwork(
            encoder, LayerSelection.Parse(EncoderLayers.Last), new LayerMix(LayerCombination.Mean, 1), pooling,
            new LinearHead(pooling.OutputSize, 2, new HeadOptions(), 0));
        network.eval();
        return network;
    }
}
