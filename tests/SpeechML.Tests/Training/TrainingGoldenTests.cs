using System.Text.Json;
using SpeechML.Model;
using SpeechML.Model.Heads;
using SpeechML.Model.Pooling;
using SpeechML.TestSupport;
using SpeechML.Training;
using SpeechML.Training.Losses;
using SpeechML.TrainingSupport;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Tests.Training;

/// <summary>
/// Training runs against the Python libraries' loss, rates, gradient norms, weights and outputs; tolerances are those
/// stored with each run.
/// </summary>
[TestClass]
[TestCategory("Golden")]
public sealed class TrainingGoldenTests
{
    private static SmallProducts? s_small;

    [ClassInitialize]
    public static void TakeSmallProducts(TestContext context) => s_small = new SmallProducts();

    [ClassCleanup]
    public static void LeaveThem() => s_small?.Dispose();

    public static IEnumerable<object[]> Cases() =>
        Golden.Cases("training").DefaultIfEmpty("").Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Run_ReferenceSettings_EqualSteps(string name)
    {
        if (name.Length == 0)
        {
            Assert.Inconclusive($"No part 'training' in {Golden.Folder}.");
        }
        JsonElement golden = Golden.Json("training", name, "golden.json");
        JsonElement settings = golden.GetProperty("settings");
        string train = settings.GetProperty("train").GetString()!;
        if (train is not ("all" or "head"))
        {
            // The stored initial LoRA weights are the final ones (see InitialHead), and cannot be drawn again without
            // Python's random and PEFT.
            Assert.Inconclusive(
                $"Training of '{train}' cannot be compared, its initial weights are not in the reference: {name}");
        }
        if (!File.Exists(Path.Combine(Golden.At(golden.GetProperty("base").GetString()!), "config.json")))
        {
            Assert.Inconclusive($"The encoder '{golden.GetProperty("base")}' of {name} is not in {Golden.Folder}.");
        }
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile values = SafetensorsFile.Open(Golden.At("training", name, "golden.safetensors"));
        bool multiclass = settings.GetProperty("task").GetString() == "multi-class";
        SpeechNetwork network = Network(name, golden, settings, values);
        SpeechTrainingOptions options = Options(golden, settings, train);
        EncoderFreezing.Apply(network, options);
        using TrainingSet clips =
            TrainingSet.Read(Activations.Source(network), Clips(values.Read("labels"), multiclass),
            1L << 30, 640_000);
        Loss loss = multiclass
            ? new CrossEntropyLoss()
            : new BinaryCrossEntropyLoss(
                positiveWeights: [.. values.Read("pos_weight").data<float>().Select(v => (double)v)]);

        var steps = new List<TrainingProgress>();
        int[][][] order = [.. golden.GetProperty("order_of_clips").EnumerateArray()
            .Select(s => s.EnumerateArray().Select(b => b.EnumerateArray().Select(i => i.GetInt32()).ToArray())
            .ToArray())];
        TrainingLoop.Run(new TrainingRun(network, clips, loss, options, CPU)
        {
            Observer = new Collector(steps),
            Order = new TrainingOrder(order.Length, _ => order),
        });

        Compare(golden, steps, network, values, clips, multiclass);
    }

    private static SpeechNetwork Network(string name, JsonElement golden, JsonElement settings, SafetensorsFile values)
    {
        string folder = Golden.At(golden.GetProperty("base").GetString()!);
        var config = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(
            File.ReadAllText(Path.Combine(folder, "config.json")))!;
        foreach (JsonProperty change in golden.GetProperty("config_overrides").EnumerateObject())
        {
            config[change.Name] = change.Value;
        }
        using SpeechEncoder source = EncoderLoader.Load(folder);
        SpeechEncoder encoder =
            EncoderLoader.Create(JsonSerializer.SerializeToElement(config), features: source.Features);
        Dictionary<string, Tensor> weights = source.state_dict();
        EncoderLoader.Fill(encoder, key => weights[key].clone());
        var pooling = SpeechPooling.Create(SpeechPooling.Mean, encoder.Config.HiddenSize, 0);
        var head = new LinearHead(pooling.OutputSize, settings.GetProperty("outputs").GetInt32(), new HeadOptions(), 0);
        Dictionary<string, Tensor> initial = InitialHead(name, golden, values);
        using (no_grad())
        {
            foreach ((string key, Tensor value) in head.state_dict())
            {
                _ = value.copy_(initial[key.Split('.')[^1]]);
            }
        }
        var network = new SpeechNetwork(
            encoder, LayerSelection.Parse(EncoderLayers.Last), new LayerMix(LayerCombination.Mean, 1), pooling, head);
        network.eval();
        return network;
    }

    /// <summary>
    /// The head's weights before training. The generator stored the live tensors after the run, so that its
    /// <c>head_initial</c> is its <c>head_final</c>, bit for
    /// bit, although the losses move; where that is so, the weights are drawn again as the generator drew them
    /// (<c>torch_stream(seed, "training", case)</c>).
    /// </summary>
    private static Dictionary<string, Tensor> InitialHead(string name, JsonElement golden, SafetensorsFile values)
    {
        Tensor weight = values.Read("head_initial.weight");
        Tensor bias = values.Read("head_initial.bias");
        if (weight.Equals(values.Read("head_final.weight")) && bias.Equals(values.Read("head_final.bias")))
        {
            string made = golden.GetProperty("made_by").GetString()!;
            var seed = System.Numerics.BigInteger.Parse(
                made[(made.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
            var state = (ulong)(((seed * 1000003) + Crc32($"training/{name}")) % (
                System.Numerics.BigInteger.One << 63));
            using var generator = new Generator(state);
            weight = randn(weight.shape, generator: generator) * 0.15;
            bias = randn(bias.shape, generator: generator) * 0.1;
        }
        return new Dictionary<string, Tensor> { ["weight"] = weight, ["bias"] = bias };
    }

    private static uint Crc32(string text)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in System.Text.Encoding.UTF8.GetBytes(text))
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }
        return ~crc;
    }

    private static SpeechTrainingOptions Options(JsonElement golden, JsonElement settings, string train)
    {
        int steps = settings.GetProperty("steps").GetInt32();
        return new SpeechTrainingOptions
        {
            Encoder = "golden",
            Freezing = train == "head" ? LayerFreezing.All : LayerFreezing.RequiredOnly,
            BatchSize = settings.GetProperty("batch").GetInt32(),
            Optimizer = { AccumulationSteps = settings.GetProperty("accumulate").GetInt32(),
            WeightDecay = settings.GetProperty("weight_decay").GetDouble(),
            ClipNorm = settings.GetProperty("clip").GetDouble() },
            Epochs = 1,
            EncoderLearningRate = settings.GetProperty("encoder_lr").GetDouble(),
            HeadLearningRate = settings.GetProperty("head_lr").GetDouble(),
            Schedule = { WarmupRatio = settings.GetProperty("warmup").GetDouble() / steps },
        };
    }

    private static IEnumerable<(float[] Samples, float[] Targets)> Clips(Tensor labels, bool multiclass)
    {
        using SafetensorsFile waves = SafetensorsFile.Open(Golden.At("training", "clips.safetensors"));
        for (int i = 0; i < labels.shape[0]; i++)
        {
            float[] samples = [.. waves.Read($"clip{i}.waveform").data<short>().Select(s => s / 32768f)];
            float[] targets = multiclass ? [labels[i].item<long>()]
                : [.. labels[i].data<long>().Select(v => v < 0 ? float.NaN : (float)v)];
            yield return (samples, targets);
        }
    }

    private static void Compare(
        JsonElement golden, List<TrainingProgress> steps, SpeechNetwork network, SafetensorsFile values,
        TrainingSet clips, bool multiclass)
    {
        JsonElement tolerances = golden.GetProperty("tolerances");
        double Tolerance(string key) => tolerances.GetProperty(key).GetDouble();
        double[] losses = [.. golden.GetProperty("loss_per_step").EnumerateArray().Select(v => v.GetDouble())];
        double[] norms = [.. golden.GetProperty("grad_norm").EnumerateArray().Select(v => v.GetDouble())];
        double[][] rates = [.. golden.GetProperty("lr").EnumerateArray()
            .Select(s => s.EnumerateArray().Select(v => v.GetDouble()).ToArray())];
        Assert.HasCount(losses.Length, steps);
        for (int i = 0; i < losses.Length; i++)
        {
            Assert.AreEqual(losses[i], steps[i].Loss, Tolerance("loss"), $"loss of step {i}");
            Assert.AreEqual(norms[i], steps[i].GradientNorm, Tolerance("grad_norm_relative") * norms[i],
                $"gradient norm of step {i}");
            Assert.AreEqual(rates[i][^1], steps[i].HeadLearningRate, Tolerance("lr_relative") * rates[i][^1],
                $"head rate of step {i}");
            if (rates[i].Length > 1)
            {
                Assert.AreEqual(rates[i][0], steps[i].EncoderLearningRate, Tolerance("lr_relative") * rates[i][0],
                    $"encoder rate of step {i}");
            }
        }
        foreach ((string key, Tensor value) in network.Head!.state_dict())
        {
            AssertClose(values.Read($"head_final.{key.Split('.')[^1]}"), value, Tolerance("head_final"), key);
        }
        Dictionary<string, Tensor> encoder = network.Encoder.state_dict();
        foreach (string key in values.Entries.Keys.Where(k => k.StartsWith("encoder_final.", StringComparison.Ordinal)))
        {
            string name = key["encoder_final.".Length..].Replace("model.encoder.", "", StringComparison.Ordinal);
            AssertClose(values.Read(key), encoder[name], Tolerance("encoder_final"), name);
        }
        using (no_grad())
        {
            // One by one, as the reference does.
            Tensor logits = cat([.. Enumerable.Range(0, clips.Count)
                .Select(i => network.Forward(clips.Batch([i], CPU)))]);
            AssertClose(values.Read("logits"), logits, Tolerance("logits"), "logits");
        }
    }

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance, string what)
    {
        double difference = (expected - actual).abs().max().item<float>();
        Assert.IsTrue(difference <= tolerance,
            $"{what}: expected within {tolerance}, got a difference of {difference}.");
    }

    private sealed class Collector(List<TrainingProgress> steps) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => steps.Add(value);
    }
}
