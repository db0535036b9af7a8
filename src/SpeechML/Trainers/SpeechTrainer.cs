using Microsoft.ML;
using Microsoft.ML.Runtime;
using SpeechML.Losses;
using SpeechML.Training;
using SpeechML.Transforms;

namespace SpeechML.Trainers;

/// <summary>Base of the trainers that fine-tune a speech encoder: reads the clips, trains, hands the model to a transformer.</summary>
/// <typeparam name="TTransformer">What fitting gives.</typeparam>
public abstract class SpeechTrainer<TTransformer> : IEstimator<TTransformer>
    where TTransformer : ITransformer
{
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly CancellationToken _cancellation;

    private protected SpeechTrainer(IHost host, string labelColumnName, string audioColumnName, SpeechTrainingOptions options, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        TrainerHost = host;
        LabelColumnName = host.CheckNonEmpty(labelColumnName, nameof(labelColumnName));
        AudioColumnName = host.CheckNonEmpty(audioColumnName, nameof(audioColumnName));
        host.CheckValue(options, nameof(options));
        options.Validate();
        // A copy: what the caller changes afterwards must not reach a fit.
        Options = options.Copy();
        _progress = progress;
        _cancellation = cancellation;
    }

    private protected IHost TrainerHost { get; }

    private protected string LabelColumnName { get; }

    private protected string AudioColumnName { get; }

    private protected SpeechTrainingOptions Options { get; }

    /// <summary>Trains on the data.</summary>
    /// <exception cref="InvalidOperationException">The labels cannot be learned from (a single class, no row left), or training diverged.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public TTransformer Fit(IDataView input)
    {
        TrainerHost.CheckValue(input, nameof(input));
        GetOutputSchema(SchemaShape.Create(input.Schema));
        DataViewSchema.Column label = input.Schema[LabelColumnName];
        using IChannel channel = TrainerHost.Start("Training");
        LabelValues labels = ReadLabelValues(label);
        SpeechModel model = SpeechModel.FromPretrained(TrainerHost, Options.Encoding, Options.Head, Options.Lora, labels.Values.Length, Options.Seed, _cancellation);
        try
        {
            model.Describe(labels, Options);
            Train(input, label, labels, model, channel);
            return CreateTransformer(model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        TrainerHost.CheckValue(inputSchema, nameof(inputSchema));
        SchemaChecks.Find(inputSchema, "audio", AudioColumnName, AudioDataViewType.Instance);
        SchemaShape.Column label = CheckLabel(inputSchema);
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name, StringComparer.Ordinal);
        foreach (SchemaShape.Column column in OutputShape(label))
        {
            columns[column.Name] = column;
        }
        return new SchemaShape(columns.Values);
    }

    private protected abstract SchemaShape.Column CheckLabel(SchemaShape schema);

    private protected abstract IEnumerable<SchemaShape.Column> OutputShape(SchemaShape.Column label);

    /// <summary>Names of the classes or labels, one per output of the head.</summary>
    private protected abstract LabelValues ReadLabelValues(DataViewSchema.Column label);

    /// <summary>A function that reads the current row's targets, or <see langword="null"/> where it has none.</summary>
    private protected abstract Func<float[]?> TargetReader(DataViewRow row, DataViewSchema.Column label);

    private protected abstract Loss CreateLoss();

    /// <summary>Throws where the labels cannot be learned from.</summary>
    private protected abstract void CheckTargets(IReadOnlyList<float[]> targets, LabelValues labels);

    private protected abstract TTransformer CreateTransformer(SpeechModel model);

    private void Train(IDataView input, DataViewSchema.Column label, LabelValues labels, SpeechModel model, IChannel channel)
    {
        EncoderFreezing.Apply(model.Network, Options);
        // Augmented clips differ from epoch to epoch: nothing computed from them may be kept.
        bool augmented = AugmentedAudio.IsMarked(input.Schema[AudioColumnName]);
        FrozenBoundary boundary = augmented ? new FrozenBoundary(FrozenPart.Nothing, 0) : EncoderFreezing.Boundary(model.Network);
        CheckTargets(ReadTargets(input, label), labels);
        long budget = EncodingBatches.Budget(model.Device, model.Network.Encoder.Config);
        using TrainingSet clips = TrainingSet.Read(model.Network, boundary, ReadClips(input, label, model), Options.CacheMemory * (1L << 20), budget);
        (long trained, long all) = EncoderFreezing.Count(model.Network);
        channel.Info("{0} clips, {1} of {2} parameters train, device {3}, kept per clip: {4}", clips.Count, trained, all, model.Device, boundary);
        TrainingLoop.Run(model.Network, clips, CreateLoss(), Options, model.Device, Observer(channel), CheckAlive, TrainingOrder.Shuffled(clips.Lengths, Options), augmented ? () => clips.Refresh(ReadClips(input, label, model)) : null);
    }

    /// <summary>The labels alone, before any audio is decoded: a label that cannot be learned is an error at once.</summary>
    private List<float[]> ReadTargets(IDataView input, DataViewSchema.Column label)
    {
        var targets = new List<float[]>();
        using DataViewRowCursor cursor = input.GetRowCursor([label]);
        Func<float[]?> target = TargetReader(cursor, label);
        while (cursor.MoveNext())
        {
            if (target() is { } values)
            {
                targets.Add(values);
            }
        }
        return targets.Count > 0
            ? targets
            : throw new InvalidOperationException($"Label column '{LabelColumnName}': expected at least one row with a label, got none.");
    }

    private IEnumerable<(float[] Samples, float[] Targets)> ReadClips(IDataView input, DataViewSchema.Column label, SpeechModel model)
    {
        DataViewSchema.Column audio = input.Schema[AudioColumnName];
        using DataViewRowCursor cursor = input.GetRowCursor([audio, label]);
        ValueGetter<MLAudio> clip = cursor.GetGetter<MLAudio>(audio);
        Func<float[]?> target = TargetReader(cursor, label);
        MLAudio value = null!;
        while (cursor.MoveNext())
        {
            CheckAlive();
            if (target() is { } values)
            {
                clip(ref value);
                yield return (model.Samples(value, AudioColumnName), values);
            }
        }
    }

    private void CheckAlive()
    {
        _cancellation.ThrowIfCancellationRequested();
        TrainerHost.CheckAlive();
    }

    private StepObserver Observer(IChannel channel) => new(step =>
    {
        _progress?.Report(step);
        if (step.EpochLoss is { } loss)
        {
            channel.Info("epoch {0}/{1}: loss {2:F4}, {3:F1} s, {4:F0} s left", step.Epoch, step.Epochs, loss, step.Elapsed.TotalSeconds, step.Remaining.TotalSeconds);
        }
    });

    /// <summary>Reports on the training thread, in order (<see cref="Progress{T}"/> posts to a context).</summary>
    private sealed class StepObserver(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
