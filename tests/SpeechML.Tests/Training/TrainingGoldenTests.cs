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
/// Training runs (all weights, the head, LoRA, weights of layers, layer-wise decay) against the Python libraries' loss,
/// rates, gradient norms, weights and outputs; tolerances are those stored with each run.
/// </summary>
[TestClass]
[TestCategory("Golden")]
public sealed class TrainingGoldenTests : SmallProductTests
{
    // Both have the same form; a folder of reference values may lack the second.
    private static readonly string[] s_parts = ["training", "more-training"];

    public static IEnumerable<object[]> Cases() =>
        s_parts.SelectMany(part => Golden.Cases(part).Select(name => new object[] { part, name }))
            .DefaultIfEmpty(["", ""]);

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Run_ReferenceSettings_EqualSteps(string part, string name)
    {
        if (name.Length == 0)
        {
            Assert.Inconclusive($"No part 'training' in {Golden.Folder}.");
        }
        JsonElement golden = Golden.Json(part, name, "golden.json");
        JsonElement settings = golden.GetProperty("settings");
        string train = settings.GetProperty("train").GetString()!;
        if (!File.Exists(Path.Combine(Golden.At(golden.GetProperty("base").GetString()!), "config.json")))
        {
            Assert.Inconclusive($"The encoder '{golden.GetProperty("base")}' of {name} is not in {Golden.Folder}.");
        }
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile values = SafetensorsFile.Open(Golden.At(part, name, "golden.safetensors"));
        bool multiclass = settings.GetProperty("task").GetString() == "multi-class";
        SpeechTrainingOptions options = Options(settings, train);
        SpeechNetwork network = Network(golden, settings, values, options);
        EncoderFreezing.Apply(network, options);
        using TrainingSet clips =
            TrainingSet.Read(Activations.Source(network), Clips(part, values.Read("labels"), multiclass),
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

    internal static SpeechNetwork Network(
        JsonElement golden, JsonElement settings, SafetensorsFile values, SpeechTrainingOptions options)
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
        if (options.Lora.Rank > 0)
        {
            _ = LoraAdapter.Attach(encoder, options.Lora, 0);
        }
        LayerSelection layers = LayerSelection.Parse(options.Layers).Resolve(encoder.Config.LayerCount);
        var network = new SpeechNetwork(
            encoder, layers, new LayerMix(options.LayerCombination, layers.Count), pooling, head);
        using (no_grad())
        {
            foreach ((string key, Tensor value) in Trained(network))
            {
                _ = value.copy_(values.Read(key.Replace("_final", "_initial", StringComparison.Ordinal)));
            }
        }
        network.eval();
        return network;
    }

    /// <summary>
    /// What trains beside the encoder's own weights, by the name under which the reference has it after training.
    /// </summary>
    internal static IEnumerable<(string Key, Tensor Value)> Trained(SpeechNetwork network)
    {
        foreach ((string name, Tensor value) in network.Head!.state_dict())
        {
            yield return ($"head_final.{name.Split('.')[^1]}", value);
        }
        foreach ((string name, Tensor value) in network.Mix.state_dict())
        {
            yield return ("layer_weights_final", value);
        }
        foreach ((string name, Tensor value) in network.Encoder.state_dict()
            .Where(t => LoraAdapter.IsAdapterParameter(t.Key)))
        {
            yield return ($"lora_final.{name.Replace(".lora.", ".lora_", StringComparison.Ordinal)}.weight", value);
        }
    }

    internal static SpeechTrainingOptions Options(JsonElement settings, string train)
    {
        int steps = settings.GetProperty("steps").GetInt32();
        return new SpeechTrainingOptions
        {
            Encoder = "golden",
            Freezing = train is "head" or "weighted-sum" ? LayerFreezing.All : LayerFreezing.RequiredOnly,
            Layers = train == "weighted-sum" ? EncoderLayers.All : EncoderLayers.Last,
            LayerCombination = train == "weighted-sum" ? LayerCombination.WeightedSum : LayerCombination.Mean,
            Lora = train != "lora" ? new LoraOptions() : new LoraOptions
            {
                Rank = settings.GetProperty("rank").GetInt32(),
                Alpha = settings.GetProperty("alpha").GetDouble(),
                Targets = "q_proj,v_proj",
                Dropout = 0,
            },
            BatchSize = settings.GetProperty("batch").GetInt32(),
            Optimizer = { AccumulationSteps = settings.GetProperty("accumulate").GetInt32(),
            WeightDecay = settings.GetProperty("weight_decay").GetDouble(),
            ClipNorm = settings.GetProperty("clip").GetDouble(),
            LayerDecay = settings.TryGetProperty("layer_decay", out JsonElement decay) ? decay.GetDouble() : 1 },
            Epochs = 1,
            EncoderLearningRate = settings.GetProperty("encoder_lr").GetDouble(),
            HeadLearningRate = settings.GetProperty("head_lr").GetDouble(),
            Schedule = { WarmupRatio = settings.GetProperty("warmup").GetDouble() / steps },
        };
    }

    internal static IEnumerable<(float[] Samples, float[] Targets)> Clips(string part, Tensor labels, bool multiclass)
    {
        using SafetensorsFile waves = SafetensorsFile.Open(Golden.At(part, "clips.safetensors"));
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
                // With layer-wise decay: below the layers, layer 0, … the highest layer, head.
                double below = rates[i][^2];
                Assert.AreEqual(below, steps[i].EncoderLearningRate, Tolerance("lr_relative") * below,
                    $"encoder rate of step {i}");
            }
        }
        foreach ((string key, Tensor value) in Trained(network))
        {
            AssertClose(values.Read(key), value, Tolerance(key.Split('.')[0]), key);
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

    internal sealed class Collector(List<TrainingProgress> steps) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => steps.Add(value);
    }
}
