using System.Collections.Concurrent;
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
/// Training runs with the settings of the reference values. What a run in float32 gives is kept: it is what the
/// references are compared with, and what reduced precision is.
/// </summary>
internal static class GoldenTraining
{
    private static readonly ConcurrentDictionary<(string Part, string Name), Result> s_exact = [];

    /// <summary>What a run gives.</summary>
    /// <param name="Steps">What the training reports.</param>
    /// <param name="Weights">The weights at its end, by the reference's names.</param>
    /// <param name="Logits">Outputs of each clip alone.</param>
    /// <param name="EncoderMoves">How far the encoder's weights moved.</param>
    /// <param name="HeadMoves">How far the others did.</param>
    internal sealed record Result(IReadOnlyList<TrainingProgress> Steps, IReadOnlyDictionary<string, Tensor> Weights,
        Tensor Logits, Tensor EncoderMoves, Tensor HeadMoves);

    /// <summary>Runs it in float32, by the kernels of large encoders.</summary>
    public static Result Exact(string part, string name) => s_exact.GetOrAdd((part, name), _ =>
    {
        using var small = new SmallProducts();
        return Run(part, name, SpeechPrecision.Float32);
    });

    /// <summary>Runs it.</summary>
    public static Result Run(string part, string name, SpeechPrecision precision)
    {
        JsonElement golden = Golden.Json(part, name, "golden.json");
        JsonElement settings = golden.GetProperty("settings");
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile values = SafetensorsFile.Open(Golden.At(part, name, "golden.safetensors"));
        SpeechTrainingOptions options = Options(settings, settings.GetProperty("train").GetString()!);
        options.Precision = precision;
        SpeechNetwork network = Network(golden, settings, values, options);
        EncoderFreezing.Apply(network, options);
        TrainingPrecision.Apply(network, precision);
        bool multiclass = settings.GetProperty("task").GetString() == "multi-class";
        using TrainingSet clips = TrainingSet.Read(
            Activations.Source(network), Clips(part, values.Read("labels"), multiclass), 1L << 30, 640_000);
        Loss loss = multiclass ? new CrossEntropyLoss() : new BinaryCrossEntropyLoss(
            positiveWeights: [.. values.Read("pos_weight").data<float>().Select(v => (double)v)]);
        var steps = new List<TrainingProgress>();
        int[][][] order = [.. golden.GetProperty("order_of_clips").EnumerateArray()
            .Select(s => s.EnumerateArray().Select(b => b.EnumerateArray().Select(i => i.GetInt32()).ToArray())
            .ToArray())];
        Dictionary<string, Tensor> before = network.named_parameters().Where(p => p.parameter.requires_grad)
            .ToDictionary(p => p.name, p => p.parameter.detach().clone());
        TrainingLoop.Run(new TrainingRun(network, clips, loss, options, CPU)
        {
            Observer = new Collector(steps),
            Order = new TrainingOrder(order.Length, _ => order),
        });
        using IDisposable still = no_grad();
        // One by one, as the reference does.
        Tensor logits = cat([.. Enumerable.Range(0, clips.Count).Select(i => network.Forward(clips.Batch([i], CPU)))]);
        IEnumerable<(string Key, Tensor Value)> encoder =
            network.Encoder.state_dict().Select(p => ($"encoder_final.{p.Key}", p.Value));
        return new Result(steps, Trained(network).Concat(encoder).ToDictionary(t => t.Key, t => Kept(t.Value.clone())),
            Kept(logits), Kept(Moves(encoder: true)), Kept(Moves(encoder: false)));

        // The true gradient of the bias of keys is 0: AdamW moves it at random.
        Tensor Moves(bool encoder)
        {
            Tensor[] moves = [.. network.named_parameters()
                .Where(p => before.ContainsKey(p.name) && !p.name.EndsWith("k_proj.bias", StringComparison.Ordinal)
                    && encoder == p.name.StartsWith(SpeechNetwork.EncoderPrefix, StringComparison.Ordinal))
                .Select(p => (p.parameter - before[p.name]).flatten())];
            return moves.Length == 0 ? zeros(0) : cat(moves);
        }

        static Tensor Kept(Tensor tensor) => tensor.DetachFromDisposeScope();
    }

    private static SpeechNetwork Network(
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
    private static IEnumerable<(string Key, Tensor Value)> Trained(SpeechNetwork network)
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

    private static SpeechTrainingOptions Options(JsonElement settings, string train)
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

    private static IEnumerable<(float[] Samples, float[] Targets)> Clips(string part, Tensor labels, bool multiclass)
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

    private sealed class Collector(List<TrainingProgress> steps) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => steps.Add(value);
    }
}
