using Microsoft.ML.Runtime;
using SpeechML.Audio.Common;
using SpeechML.Batching;
using SpeechML.Data.Recordings;
using SpeechML.EncodeSpeech;
using SpeechML.Encoders;
using SpeechML.Encoders.Kernels;
using SpeechML.Encoders.Native;
using SpeechML.Model.Extras;
using SpeechML.Model.HuggingFace;
using SpeechML.Recordings;
using SpeechML.Tasks;
using SpeechML.Training.Caching;
using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Model;

/// <content>Models that begin with the weights of another, and clips that come one by one.</content>
internal sealed partial class SpeechModel
{
    private RequestBatcher<(float[] Samples, float[]? Extras), float[]>? _requests;

    /// <summary>The same model, once something was added that the facts tell of.</summary>
    public SpeechModel WithFacts(ModelManifest facts)
    {
        using WeightAccess access = WeightAccess.Begin();
        Facts = facts;
        _promised = [.. Network.state_dict().Keys];
        return this;
    }

    /// <summary>The same model on the device that scoring uses.</summary>
    public SpeechModel On(IHostEnvironment env)
    {
        using WeightAccess access = WeightAccess.Begin();
        Device device = DeviceSelection.For(env);
        Network.to(device);
        Network.Watch = new RecordingWatch(env);
        var placed = new SpeechModel(Network, Facts, device);
        placed.UsePrecision(env);
        return placed;
    }

    /// <summary>Builds a model from its facts and its safetensors, on the CPU.</summary>
    /// <exception cref="FormatException">The facts say what cannot be.</exception>
    /// <exception cref="CheckpointException">The weights are not those that the facts describe.</exception>
    public static SpeechModel Restore(ModelManifest facts, Stream weights)
    {
        using SafetensorsFile file = SafetensorsFile.Open(weights, WeightsEntry);
        return Restore(facts, file);
    }

    /// <inheritdoc cref="Restore(ModelManifest, Stream)"/>
    public static SpeechModel Restore(ModelManifest facts, SafetensorsFile file)
    {
        ManifestChecks.Check(facts, file.Entries);
        if (facts.BuiltLayers > file.Entries.Count)
        {
            throw new CheckpointException(WeightsEntry, null, $"tensors of {facts.BuiltLayers} layers",
                $"{file.Entries.Count} tensors");
        }
        return Restore(facts, network => ModelWeights.Check(file, network),
            network => ModelWeights.Read(file, network));
    }

    /// <summary>Builds a model from its facts, on the CPU.</summary>
    /// <param name="facts">The facts.</param>
    /// <param name="check">Compares a network of the same shapes, which has no memory, with the weights.</param>
    /// <param name="fill">Gives the network its weights.</param>
    public static SpeechModel Restore(ModelManifest facts, Action<SpeechNetwork> check, Action<SpeechNetwork> fill)
    {
        SpeechNetwork Build(Device device) => Assemble(
            EncoderLoader.Create(facts.EncoderConfig, facts.BuiltLayers, facts.WhisperContext, facts.Features),
            facts, 0, device);
        using WeightAccess access = WeightAccess.Begin();
        ManifestChecks.Plan(() => Build(META), check);
        SpeechNetwork network = Build(CPU);
        try
        {
            fill(network);
        }
        catch
        {
            network.Dispose();
            throw;
        }
        return new SpeechModel(network, facts, CPU);
    }

    /// <summary>Outputs of clips with their extra features, in order; see <see cref="EncodingBatches"/>.</summary>
    /// <param name="clips">The audio, with the numbers of the model's extra columns.</param>
    /// <param name="column">The column that the audio is in.</param>
    /// <exception cref="ObjectDisposedException">The model was disposed; also later, where the next batch
    /// begins.</exception>
    public IEnumerable<float[]> Score(IEnumerable<(MLAudio Audio, float[]? Extras)> clips, string column)
    {
        Network.ThrowIfDisposed();
        return EncodingBatches.Run(Network, clips.Select(c => (Samples(c.Audio, column), c.Extras)), Device);
    }

    /// <summary>Outputs of one clip with several extra features; the encoder runs once.</summary>
    public float[][] ScoreVariants(float[] samples, float[][] extras)
    {
        using ModuleLifetime.Use use = Network.BeginUse();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        if (Network.LongAudio.IsCut(samples.Length))
        {
            return [.. extras.Select(e =>
                RecordingEncoder.Outputs(Network, RecordingEncoder.Windows(Network, samples), e))];
        }
        (Tensor pooled, _) = Network.ComputeActivation(Batch.Of([samples]), CachePoint.Pooled);
        Tensor outputs = Network.RunHead(
            pooled.expand(extras.Length, -1).contiguous(), ExtraInput.Rows(extras, Network.Device)).cpu();
        return [.. extras.Select((_, i) => outputs[i].contiguous().data<float>().ToArray())];
    }

    /// <summary>What the outputs of a model say.</summary>
    private static OutputForm FormOf(ModelManifest facts) =>
        facts.Head is null ? OutputForm.Number
            : facts.Ordinal is { } ordinal ? OrdinalLoss.Create(ordinal).Form ?? OutputForm.Number
            : TaskDescription.Saved(facts.Task)?.Form ?? OutputForm.Sigmoid;

    /// <summary>The frames that are pooled of a long clip, (1, frames, size).</summary>
    private (Tensor Frames, long[] Lengths) LongFrames(float[] samples)
    {
        float[] values = RecordingEncoder.Frames(Network, RecordingEncoder.Windows(Network, samples));
        long frames = Network.LongAudio.Cut(samples.Length).Sum(w => w.Frames);
        return (AlignedTensor.Of(values, 1, frames, values.Length / frames).to(Device), [frames]);
    }

    /// <summary>
    /// The pretrained encoder that the options name; where they name none, one as the initial model has it, whose
    /// weights are to be copied.
    /// </summary>
    private static (SpeechEncoder Encoder, LayerSelection Layers) LoadEncoder(
        SpeechEncodingOptions options, InitialModel? initial, CancellationToken cancellation)
    {
        LayerSelection layers = LayerSelection.Parse(options.Layers);
        if (initial is not null && string.IsNullOrWhiteSpace(options.Encoder))
        {
            ModelManifest facts = initial.Facts;
            layers = layers.Resolve(initial.EncoderLayers);
            WhisperContext same = AutoContext.Of(
                options, initial.EncoderConfig, facts.WhisperContext);
            return (EncoderLoader.Create(facts.EncoderConfig, layers.Needed, same, facts.Features), layers);
        }
        using EncoderLocation location =
            EncoderLocation.Find(options.Encoder, new HubOptions { KeepDownload = options.KeepDownload },
            options.Say is { } say ? new DownloadLines(options.Encoder, say) : null, cancellation);
        EncoderConfig config = EncoderLoader.ReadConfig(location.Folder);
        layers = layers.Resolve(config.LayerCount);
        WhisperContext context = AutoContext.Of(options, config, initial?.Context);
        return (EncoderLoader.Load(location.Folder, layers.Needed, context), layers);
    }

    /// <summary>Puts clips that come one by one into batches from now on, or no longer.</summary>
    /// <param name="options">How; <see langword="null"/> for each by itself.</param>
    /// <param name="cancellation">Ends waiting.</param>
    public void UseBatching(SpeechBatchingOptions? options, CancellationToken cancellation)
    {
        options?.Validate();
        Network.ThrowIfDisposed();
        // Whoever met the former one goes on to the next.
        Interlocked.Exchange(ref _requests, options is null ? null : new(Outputs, options, cancellation))?.Dispose();
    }

    /// <summary>Outputs of one clip, as <see cref="Score"/> and <see cref="Run"/> give them.</summary>
    /// <param name="audio">The clip.</param>
    /// <param name="extras">Numbers of the model's extra columns; <see langword="null"/> for none.</param>
    /// <param name="column">The column that the audio is in.</param>
    /// <exception cref="OperationCanceledException">The token of the batching was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    public float[] ScoreOne(MLAudio audio, float[]? extras, string column)
    {
        Network.ThrowIfDisposed();
        // A clip that cannot be scored is refused here, before others wait with it.
        float[] samples = Samples(audio, column);
        while (Volatile.Read(ref _requests) is { } requests)
        {
            if (requests.TryRun((samples, extras), out float[]? outputs))
            {
                return outputs;
            }
            Network.ThrowIfDisposed();
        }
        return Outputs([(samples, extras)])[0];
    }

    private IReadOnlyList<float[]> Outputs(IReadOnlyList<(float[] Samples, float[]? Extras)> clips) =>
        Facts.Head is null
            ? [.. EncodingBatches.Run(
                Network, clips.Select(c => c.Samples), Device, Facts.Output == SpeechFeatureOutput.Frames)]
            : [.. EncodingBatches.Run(Network, clips, Device)];
}
