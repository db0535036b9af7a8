using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using SpeechML.Audio.Common;
using SpeechML.Audio.Dsp;
using SpeechML.Data.DataViews;
using SpeechML.EncodeSpeech;
using SpeechML.Encoders;
using SpeechML.Encoders.Adapters;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Native;
using SpeechML.Model.Extras;
using SpeechML.Model.Heads;
using SpeechML.Model.Pooling;
using SpeechML.Model.Zips;
using SpeechML.Recordings;
using SpeechML.Tasks;
using SpeechML.Training.Caching;
using SpeechML.Training.Probing;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Model;

/// <summary>
/// A network with the facts that it can be built again from: what speech transformers score with and what a model zip
/// holds.
/// </summary>
internal sealed partial class SpeechModel : IDisposable
{
    private const float MaxMagnitude = 1e15f; // squares of larger samples, and sums of them, leave float32

    internal const string FactsEntry = "model.json";
    internal const string WeightsEntry = "weights.safetensors";

    // Names of the tensors of a network that was built from the facts.
    private HashSet<string> _promised;

    private SpeechModel(SpeechNetwork network, ModelManifest facts, Device device)
    {
        Network = network;
        Facts = facts;
        Device = device;
        using WeightAccess access = WeightAccess.Begin();
        _promised = [.. network.state_dict().Keys];
        Ordinal = facts.Ordinal is { } name ? OrdinalLoss.Create(name) : null;
        network.OutputForm = FormOf(facts);
    }

    public SpeechNetwork Network { get; }

    public ModelManifest Facts { get; private set; }

    public Device Device { get; }

    /// <summary>Held while gradients are computed that its weights must not get.</summary>
    public Lock GradientGate { get; } = new();

    /// <summary>What the outputs of an ordinal head say; <see langword="null"/> for other tasks.</summary>
    public OrdinalObjective? Ordinal { get; }

    /// <summary>Reads a pretrained encoder and puts pooling and head on top of it.</summary>
    /// <param name="env">Chooses the device.</param>
    /// <param name="options">Encoder, layers, pooling.</param>
    /// <param name="plan">Head, adapter and prompt, or <see langword="null"/> for a featurizer, which has none.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="initial">The model that the run begins with, whose encoder is taken where the options name
    /// none.</param>
    /// <param name="cancellation">Stops a download.</param>
    public static SpeechModel FromPretrained(
        IHostEnvironment env, SpeechEncodingOptions options, NetworkPlan? plan, int seed, InitialModel? initial = null,
        CancellationToken cancellation = default)
    {
        using WeightAccess access = WeightAccess.Begin();
        Device device = DeviceSelection.For(env);
        (SpeechEncoder loaded, LayerSelection layers) = LoadEncoder(options, initial, cancellation);
        EncoderFamily family = EncoderFamily.Of(loaded);
        bool tokens = options.PoolsAsPython && family.HasTokenHead;
        var facts = new ModelManifest
        {
            EncoderConfig = ParseJson(loaded.ConfigJson),
            Features = loaded.Features,
            BuiltLayers = loaded.BuiltLayers,
            WhisperContext = loaded.Context,
            Precision = options.Precision,
            Layer = layers is { Last: false, Count: 1 } ? layers.Numbers[0] : LayerSelection.LastNumber,
            Layers = layers.Count > 1 ? layers.Numbers : [],
            LayerCombination = options.LayerCombination,
            Pooling = options.Pooling,
            PoolsSilence = options.PoolsAsPython && family.PoolsSilence ? true : null,
            PoolsTokens = tokens ? true : null,
            NormEpsilon = tokens ? family.TokenHeadEpsilon!(loaded.Config) : null,
            Output = options.Output,
            LongAudio = tokens ? options.LongAudio.OfTokens() : options.LongAudio with { },
            Lora = plan?.Lora is { Rank: > 0 } lora ? lora : null,
            SoftPrompt = plan?.SoftPrompt is { Tokens: > 0 } prompt ? prompt : null,
            Head = tokens && plan is not null ? plan.Head with { LayerNorm = true } : plan?.Head,
            HeadInputs = plan?.HeadInputs,
            ExtraFeatures = plan?.ExtraFeatures is { Length: > 0 } extras ? extras : null,
            Outputs = plan?.Outputs ?? 0,
            Ordinal = plan?.Ordinal,
        };
        SpeechNetwork network = Assemble(loaded, facts, seed, device);
        if (!string.IsNullOrWhiteSpace(options.LayerWeights))
        {
            network.Mix.SetShares(options.Shares());
        }
        network.Watch = new RecordingWatch(env);
        var model = new SpeechModel(network, facts, device);
        // A featurizer is as it will be; else what it begins with is still to be copied, and it trains.
        if (plan is null)
        {
            model.UsePrecision(env);
        }
        return model;
    }

    /// <summary>Sets the encoder's arithmetic for scoring, once its weights are as they stay.</summary>
    public void UsePrecision(IHostEnvironment env)
    {
        Network.Encoder.UsePrecision(Facts.Precision);
        PrecisionWarning.Once(env, Facts.Precision, Device);
    }

    /// <summary>Sets the arithmetic of scoring, which a model that is saved says.</summary>
    public void UsePrecision(IHostEnvironment env, SpeechPrecision precision)
    {
        Network.Encoder.UsePrecision(precision);
        Facts = Facts with { Precision = precision };
        PrecisionWarning.Once(env, precision, Device);
    }

    /// <summary>Time from one frame to the next.</summary>
    public double FrameSeconds => (double)Network.Encoder.Config.Hop / Network.Encoder.Config.SampleRate;

    /// <summary>
    /// What share each valid frame of a clip has in its pooled vector, summing to 1; <see langword="null"/> unless the
    /// model pools by attention.
    /// </summary>
    public float[]? FrameWeights(MLAudio audio, string column)
    {
        if (!Network.Pooling.HasAttention)
        {
            return null;
        }
        using ModuleLifetime.Use use = Network.BeginUse();
        using IDisposable noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        float[] samples = Samples(audio, column);
        (Tensor frames, long[] valid) = Network.LongAudio.IsCut(samples.Length)
            ? LongFrames(samples) : Network.Frames(Batch.Of([samples]));
        Tensor shares = Network.Pooling.Attention(frames, valid).cpu()[0];
        return shares.narrow(0, 0, valid[0]).contiguous().data<float>().ToArray();
    }

    /// <summary>Adds what only the trainer knows.</summary>
    public void Describe(LabelValues? labels, SpeechTrainingOptions options, LayerSearch? search = null)
    {
        Facts = Facts with
        {
            Labels = labels,
            Options = ModelManifest.Record(options),
            Task = TaskDescription.Of(options)?.SavedName,
            LayerSearch = search,
        };
        Network.OutputForm = FormOf(Facts);
    }

    /// <summary>Adds how the training ended.</summary>
    public void Describe(TrainingOutcome outcome) => Facts = Facts with { Outcome = outcome };

    /// <summary>Outputs of clips, in order; see <see cref="EncodingBatches"/>.</summary>
    /// <param name="clips">The audio.</param>
    /// <param name="column">The column that it is in.</param>
    /// <param name="shared">What was computed before; <see langword="null"/> where nothing is kept.</param>
    /// <exception cref="ObjectDisposedException">The model was disposed; also later, where the next batch
    /// begins.</exception>
    public IEnumerable<float[]> Run(IEnumerable<MLAudio> clips, string column, SharedActivationCache? shared = null)
    {
        Network.ThrowIfDisposed();
        return EncodingBatches.Run(Network, clips.Select(c => Samples(c, column)), Device,
            Facts.Output == SpeechFeatureOutput.Frames, shared);
    }

    /// <summary>The samples of a clip, once its rate is what the encoder takes.</summary>
    public float[] Samples(MLAudio audio, string column)
    {
        EncoderConfig config = Network.Encoder.Config;
        if (audio is null)
        {
            throw new InvalidOperationException($"Column '{column}': expected audio, got nothing.");
        }
        string what = audio.Source is null ? $"Column '{column}'" : $"Column '{column}', '{audio.Source}'";
        if (audio.SampleRate != config.SampleRate)
        {
            throw new InvalidOperationException(
                $"{what}: expected audio at {config.SampleRate} Hz, the rate of the encoder '{config.ModelType}', " +
                $"got {audio.SampleRate} Hz. Put ResampleAudio(\"{column}\", {config.SampleRate}) before.");
        }
        LongAudioLimits limits = Network.LongAudio;
        bool refused = limits.Rule == LongAudioRule.Error && limits.IsLong(audio.Length);
        // A deviation takes two frames of those that an embedding's layers leave.
        long least = config.MinSamples + (Facts.Speaker is { } speaker ? (speaker.Reach + 1L) * config.Hop : 0);
        if (audio.Length < least || refused)
        {
            string expected = limits.Rule == LongAudioRule.Error && limits.Whole < long.MaxValue
                ? $"{least} to {limits.Whole}" : $"at least {least}";
            string remedy = refused ? " Cut it before, or fit the model with another LongAudio.Rule than Error." : "";
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"{what}: expected {expected} samples at {config.SampleRate} Hz for the encoder " +
                $"'{config.ModelType}', got {audio.Length} ({audio.Duration.TotalSeconds:F3} s).{remedy}"));
        }
        float[] samples = limits.Rule == LongAudioRule.Truncate && limits.IsLong(audio.Length)
            ? audio.GetArray()[..(int)limits.Whole] : audio.GetArray();
        return SampleMath.Peak(samples) is var peak && peak <= MaxMagnitude ? samples
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"{what}: expected samples nominally in [-1, 1] (at most {MaxMagnitude:g1} in magnitude), got " +
                $"{peak}. Scale the audio before, or leave the clip out."));
    }

    public void Save(ModelSaveContext ctx)
    {
        // *** Binary format *** (docs/concepts/model-zip.md)
        // entry model.json: ModelManifest
        // entry weights.safetensors: encoder.*, pooling.*, head.*
        using ModuleLifetime.Use use = Network.BeginUse();
        using WeightAccess access = WeightAccess.Begin();
        using DisposeScope scope = NewDisposeScope();
        bool merge = Facts.Lora is { MergeWhenSaved: true };
        Dictionary<string, Tensor> weights = Weights(merge);
        ctx.SaveTextStream(FactsEntry, writer => writer.Write((merge ? Facts with { Lora = null } : Facts).ToJson()));
        UncompressedZipEntry.Write(ctx, WeightsEntry, stream => ModelWeights.Write(stream, weights));
    }

    /// <summary>All weights to be written, checked against what the facts promise.</summary>
    /// <param name="merge">Fold an adapter into the weights; what is made is of the current dispose scope.</param>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <exception cref="InvalidOperationException">A weight is missing, or there is another one.</exception>
    public Dictionary<string, Tensor> Weights(bool merge = false)
    {
        using IDisposable noGrad = no_grad();
        Dictionary<string, Tensor> weights = merge ? MergedWeights.Of(Network) : Network.state_dict();
        string? odd = _promised.FirstOrDefault(name =>
                !weights.ContainsKey(name) && !(merge && LoraAdapter.IsAdapterParameter(name)))
            ?? weights.Keys.FirstOrDefault(name => !_promised.Contains(name));
        return odd is null ? weights : throw new InvalidOperationException(
            $"Speech model to write: expected the tensors that '{FactsEntry}' promises, got " +
            $"{(weights.ContainsKey(odd) ? "another one" : "none")} of the name '{odd}'. Nothing was written.");
    }

    /// <summary>Loads a model whose every output has a label.</summary>
    /// <inheritdoc cref="Load" path="/param[@name='env']"/>
    /// <inheritdoc cref="Load" path="/param[@name='ctx']"/>
    /// <inheritdoc cref="Load" path="/exception"/>
    public static SpeechModel LoadNamed(IHostEnvironment env, ModelLoadContext ctx) =>
        Load(env, ctx, ManifestChecks.CheckLabels);

    /// <summary>Loads a model of one output.</summary>
    /// <inheritdoc cref="LoadNamed"/>
    public static SpeechModel LoadScalar(IHostEnvironment env, ModelLoadContext ctx) =>
        Load(env, ctx, ManifestChecks.CheckScalar);

    /// <summary>Loads a model of one number, or of several that have labels.</summary>
    /// <inheritdoc cref="LoadNamed"/>
    public static SpeechModel LoadNumbers(IHostEnvironment env, ModelLoadContext ctx) =>
        Load(env, ctx, ManifestChecks.CheckNumbers);

    /// <summary>Loads a model without a head.</summary>
    /// <inheritdoc cref="LoadNamed"/>
    public static SpeechModel LoadFeaturizer(IHostEnvironment env, ModelLoadContext ctx) =>
        Load(env, ctx, ManifestChecks.CheckFeaturizer);

    /// <param name="env">Chooses the device.</param>
    /// <param name="ctx">The folder of the zip.</param>
    /// <param name="check">What the transformer needs of the model.</param>
    /// <exception cref="FormatException">An entry is missing, or <c>model.json</c> says what cannot be.</exception>
    /// <exception cref="CheckpointException">The weights are not those that <c>model.json</c> describes.</exception>
    private static SpeechModel Load(IHostEnvironment env, ModelLoadContext ctx, Action<ModelManifest> check)
    {
        TorchNativeLibrary.BeginLoading(); // beside what follows, of which nothing calculates yet
        string? json = null;
        if (!ctx.TryLoadBinaryStream(
            FactsEntry, reader => json = ManifestChecks.ReadText(reader.BaseStream, FactsEntry)))
        {
            throw new FormatException($"Speech model in the zip: expected an entry {FactsEntry}, found none.");
        }
        ModelManifest facts = ModelManifest.Parse(json!);
        check(facts);
        TorchNativeLibrary.EnsureLoaded();
        if (StoredWeights.Open(ctx, WeightsEntry) is { } stored)
        {
            using (stored)
            {
                return Restore(facts, stored).On(env);
            }
        }
        SpeechModel? model = null;
        if (!ctx.TryLoadBinaryStream(WeightsEntry, reader => model = Restore(facts, reader.BaseStream)))
        {
            throw new FormatException($"Speech model in the zip: expected an entry {WeightsEntry}, found none.");
        }
        return model!.On(env);
    }

    public void Dispose()
    {
        Network.Dispose();
        _requests?.Dispose();
    }

    private static JsonElement ParseJson(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    /// <summary>The network that a manifest describes, on a device, in evaluation mode.</summary>
    internal static SpeechNetwork Assemble(SpeechEncoder encoder, ModelManifest facts, int seed, Device device)
    {
        var layers = new LayerSelection(
            facts.Layers.Length == 0 && facts.Layer == LayerSelection.LastNumber,
            facts.Layers.Length > 0 ? facts.Layers : [.. new[] { facts.Layer }.Where(l => l >= 0)], false);
        var mix = new LayerMix(facts.LayerCombination, layers.Count);
        FramePooling pooling = facts.Speaker is { } speaker ? new XVectorPooling(encoder.Config.HiddenSize, speaker)
            : SpeechPooling.Create(
                facts.Pooling, encoder.Config.HiddenSize * mix.Width, SeedStream.Derive(seed, "pooling"));
        ExtraInput? extra = facts is not { Head: not null, ExtraFeatures: { Length: > 0 } features } ? null
            : new ExtraInput(features.Sum(f => f.Size));
        int joined = pooling.OutputSize + (extra?.OutputSize ?? 0);
        LinearHead? head = facts.Head is null ? null
            : new LinearHead(joined, facts.Outputs, facts.Head, SeedStream.Derive(seed, "head"),
            facts.Ordinal is { } ordinal && OrdinalLoss.Create(ordinal).SharesWeights,
            facts.HeadInputs?.Select(f => f.In(layers.Numbers, encoder.Config.HiddenSize,
                (pooling.OutputSize, extra?.OutputSize ?? 0))).ToArray(), facts.NormEpsilon);
        if (facts.Lora is not null)
        {
            _ = LoraAdapter.Attach(encoder, facts.Lora, SeedStream.Derive(seed, "lora"));
        }
        int size = encoder.Config.HiddenSize;
        SoftPrompt? prompt = facts.SoftPrompt is null ? null
            : new SoftPrompt(facts.SoftPrompt, size, SeedStream.Derive(seed, "prompt"));
        FrameTransformer? frameHead = facts.Head is not { FrameLayers: > 0 } ? null
            : new FrameTransformer(size * mix.Width, facts.Head, SeedStream.Derive(seed, "frame head"));
        var network = new SpeechNetwork(encoder, layers, mix, pooling, head, prompt, frameHead, extra)
        {
            LongAudio = LongAudioLimits.Of(facts.LongAudio, encoder.Config),
            PoolsSilence = facts.PoolsSilence == true,
            PoolsTokens = facts.PoolsTokens == true,
        };
        network.to(device);
        network.eval();
        return network;
    }
}
