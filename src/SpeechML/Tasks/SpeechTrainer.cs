using Microsoft.ML;
using Microsoft.ML.Runtime;
using SpeechML.Data.AudioColumns;
using SpeechML.Data.DataViews;
using SpeechML.Data.Extras;
using SpeechML.Encoders;
using SpeechML.Encoders.Native;
using SpeechML.Model;
using SpeechML.Model.HuggingFace;
using SpeechML.Recordings;
using SpeechML.Tasks;
using SpeechML.Training;
using SpeechML.Training.Caching;
using SpeechML.Training.Checkpoints;
using SpeechML.Training.Probing;

namespace SpeechML;

/// <summary>
/// Base of the trainers that fine-tune a speech encoder: reads the clips, trains, hands the model to a transformer.
/// </summary>
/// <typeparam name="TTransformer">What fitting gives.</typeparam>
public abstract partial class SpeechTrainer<TTransformer> : IEstimator<TTransformer>, IValidatedTrainer
    where TTransformer : ITransformer
{
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly string _note;

    private protected SpeechTrainer(
        IHost host, string labelColumnName, string audioColumnName, SpeechTrainingOptions options,
        IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        TrainerHost = host;
        LabelColumnName = host.CheckNonEmpty(labelColumnName, nameof(labelColumnName));
        AudioColumnName = host.CheckNonEmpty(audioColumnName, nameof(audioColumnName));
        host.CheckValue(options, nameof(options));
        options.Validate();
        // A copy: what the caller changes afterwards must not reach a fit.
        (Options, _note) = AutoSettings.Resolve(options.SeededBy(host));
        EncoderChecks.AtCreation(Options);
        _progress = progress;
        _cancellation = cancellation;
    }

    private protected IHost TrainerHost { get; }

    internal string LabelColumnName { get; }

    internal string AudioColumnName { get; }

    private protected SpeechTrainingOptions Options { get; }

    /// <summary>Trains on the data.</summary>
    /// <exception cref="InvalidOperationException">The labels cannot be learned from (a single class, no row left),
    /// training diverged, or the checkpoint folder holds another run.</exception>
    /// <exception cref="IOException">A checkpoint could not be written; those before it are whole.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public TTransformer Fit(IDataView input) => Fit(input, null);

    /// <summary>
    /// Trains on one part of the data and evaluates every epoch on another, which nothing is learned from.
    /// </summary>
    /// <param name="trainData">What is learned from.</param>
    /// <param name="validationData">What early stopping and the choice of the best epoch go by; the same columns, with
    /// the same classes. <see langword="null"/> for none.</param>
    /// <inheritdoc cref="Fit(IDataView)" path="/exception"/>
    public TTransformer Fit(IDataView trainData, IDataView? validationData) => Fit(trainData, validationData, null);

    ITransformer IValidatedTrainer.FitValidated(IDataView trainData, IDataView? validationData) =>
        Fit(trainData, validationData);

    /// <summary>As <see cref="Fit(IDataView, IDataView?)"/>, as part of a sweep.</summary>
    /// <param name="trainData">What is learned from.</param>
    /// <param name="validationData">What every epoch is evaluated on; <see langword="null"/> for nothing.</param>
    /// <param name="context">What the sweep gives; <see langword="null"/> outside of one.</param>
    internal TTransformer Fit(IDataView trainData, IDataView? validationData, FitContext? context)
    {
        TrainerHost.CheckValue(trainData, nameof(trainData));
        DataViewSchema.Column label = LabelOf(trainData);
        LabelValues labels = ReadLabelValues(label);
        ExtraFeature[] extras = ExtraColumns.Describe(trainData.Schema, ExtraNames);
        if (validationData is not null)
        {
            CheckValidationLabels(labels, ReadLabelValues(LabelOf(validationData)));
            ExtraColumns.Find(validationData.Schema, extras);
        }
        else if (Options.Schedule.UsesPlateau)
        {
            string option = Options.Schedule.Decay == LearningRateDecay.Plateau ? "Schedule.Decay"
                : "Schedule.HeadDecay";
            throw new InvalidOperationException(
                $"Option {option}: expected Fit(trainData, validationData), because it is " +
                $"{LearningRateDecay.Plateau}, got no validation data.");
        }
        else if (Options.EarlyStopping.Metric.Length > 0)
        {
            throw new InvalidOperationException(
                $"Option EarlyStopping.Metric: expected Fit(trainData, validationData), because it " +
                $"is {Options.EarlyStopping.Metric}, got no validation data.");
        }
        using IChannel channel = TrainerHost.Start("Training");
        if (_note.Length > 0)
        {
            channel.Info("{0}", _note);
        }
        using InitialModel? initial = InitialModel.Open(Options, labels, LabelColumnName, extras);
        using var seen = new Fingerprint();
        Action<SpeechEncodingOptions> ask = Contexts(trainData, channel);
        using LayerChoice? choice = ChooseLayers(trainData, labels, channel, context, new ChoiceSettings(seen, ask));
        SpeechTrainingOptions options = choice?.Options ?? Options;
        NetworkPlan plan = Plan(labels) with
        {
            HeadInputs = choice is not null ? choice.HeadInputs
                : Options.InitialModel.Parts == InitialParts.Encoder ? null : initial?.Facts.HeadInputs,
            ExtraFeatures = choice is { UsesExtras: false } ? [] : extras,
        };
        SpeechEncodingOptions encoding = options.Encoding;
        ask(encoding);
        SpeechModel model = SpeechModel.FromPretrained(
            TrainerHost, encoding, plan, options.SeedInUse, initial, _cancellation);
        try
        {
            PythonClassChecks.Check(options, EncoderFamily.Of(model.Network.Encoder));
            initial?.CopyTo(model.Network);
            model.Describe(labels, Options, choice?.Search);
            Train(trainData, validationData, labels, model, channel, new FitSettings(options, choice, context, seen));
            model.UsePrecision(TrainerHost);
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
        ExtraColumns.Check(inputSchema, ExtraNames, LabelColumnName);
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

    /// <summary>The loss of one fit.</summary>
    private protected abstract Loss CreateLoss(TaskData data);

    /// <summary>What the loss needs of the training clips.</summary>
    private protected virtual TaskData Describe(IReadOnlyList<float[]> targets, LabelValues labels) => new(targets);

    /// <summary>What is put on and into the encoder.</summary>
    private protected virtual NetworkPlan Plan(LabelValues labels) =>
        new(Options.Head, labels.Values.Length, Options.Lora, Options.SoftPrompt);

    /// <summary>Throws where the labels cannot be learned from.</summary>
    private protected abstract void CheckTargets(IReadOnlyList<float[]> targets, LabelValues labels);

    /// <summary>Clips of each class, of several labels for each; empty where there are no classes.</summary>
    private protected virtual IEnumerable<(string Label, IReadOnlyDictionary<string, int> Classes)> CountClasses(
        IReadOnlyList<float[]> targets, LabelValues labels) => [];

    /// <summary>Warns of labels that can be learned from but are probably not meant so.</summary>
    private protected virtual void Warn(IChannel channel, IReadOnlyList<float[]> targets, LabelValues labels) =>
        LabelWarnings.RareClasses(channel, CountClasses(targets, labels));

    private protected abstract TTransformer CreateTransformer(SpeechModel model);

    /// <summary>Truth and prediction of the validation data, of several labels for each.</summary>
    /// <param name="targets">Targets of each clip.</param>
    /// <param name="outputs">What the network gives for each clip.</param>
    private protected abstract IReadOnlyList<EvaluatedClips> Evaluated(
        IReadOnlyList<float[]> targets, IReadOnlyList<float[]> outputs);

    private ValidationMetrics Evaluate(
        double loss, IReadOnlyList<float[]> targets, IReadOnlyList<float[]> outputs) =>
        new(loss, Options.LearnedTask is { } task ? SpeechMetrics.Compute(task, Evaluated(targets, outputs)) : null);

    private void Train(
        IDataView input, IDataView? validation, LabelValues labels, SpeechModel model, IChannel channel,
        FitSettings fit)
    {
        (SpeechTrainingOptions options, LayerChoice? choice, FitContext? context, Fingerprint seen) = fit;
        EncoderFreezing.Apply(model.Network, options);
        TrainingPrecision.Apply(model.Network, options.Precision);
        PrecisionWarning.Once(TrainerHost, options.Precision, model.Device);
        model.Network.Encoder.CheckMasking(options.SpecAugment);
        // Of both parts before any audio is decoded: a label that cannot be learned is an error at once.
        LabelRows rows = ReadLabels(input);
        CheckTargets(rows.Rated, labels);
        if (choice is null)
        {
            Warn(channel, rows.Rated, labels);
        }
        LabelRows? heldOutRows = validation is null ? null : ReadLabels(validation);
        TaskData task = Describe(rows.Rated, labels);
        // Augmented and cropped clips differ from epoch to epoch: nothing computed from them may be kept; of masked
        // ones what comes before the masks.
        bool augmented = AugmentedAudio.IsMarked(input.Schema[AudioColumnName]);
        bool keeps = !augmented && options.LongAudio.Rule != LongAudioRule.RandomCrop;
        using ActivationCache? own = context is null && ActivationCacheFolder.Open(options.Encoding) is { } files
            ? new ActivationCache(null, files) : null;
        ActivationCache? cache = context?.Cache ?? own;
        ActivationSource? source = Source(model.Network, cache, options, EncoderFreezing.Boundary(model.Network));
        ActivationSource? masked = !options.SpecAugment.IsOn ? source
            : Source(model.Network, cache, options, EncoderFreezing.MaskedBoundary(model.Network));
        using var evaluatedOn = new Fingerprint();
        void CheckAlive() => ThrowIfCancelled(context);
        RecordingWatch? scoring = model.Network.Watch;
        model.Network.Watch = new RecordingWatch(TrainerHost, CheckAlive);
        bool pooled = choice is { IsFrozen: true } && keeps && masked?.Point == CachePoint.Pooled;
        using TrainingSet clips = pooled ? choice!.Clips()
            : Read(input, rows, model, keeps ? masked : null, choice is null ? seen : null, CheckAlive);
        using TrainingSet? heldOut = validation is null ? null
            : Read(validation, heldOutRows!, model, source, evaluatedOn, CheckAlive);
        if (options.InitialModel.Path.Length == 0 || options.InitialModel.Parts == InitialParts.Encoder)
        {
            model.Network.Extra?.Learn(clips.Extras!);
        }
        if (choice is { IsLinear: true })
        {
            choice.Solve(model.Network.Head!);
        }
        bool solved = choice is { IsSolved: true } && pooled;
        using TrainingCheckpoints? checkpoints = solved || options.Checkpoints.Folder.Length == 0
            ? null
            : TrainingCheckpoints.Open(options, new RunIdentity(
                RunIdentity.Describe(options), clips.Count, seen.ToString(), heldOut?.Count ?? 0,
                heldOut is null ? "" : evaluatedOn.ToString(), Fingerprint.OfWeights(model.Network)),
                context?.Resumable);
        SpeechParameterTable parameters = SpeechParameterTable.Of(model.Network);
        channel.Info("{0} clips, {1} of {2} parameters train, device {3}, kept per clip: {4}", clips.Count,
            parameters.Trained, parameters.All, model.Device, clips.Start);
        channel.Trace("{0}", parameters);
        var run = new TrainingRun(model.Network, clips, CreateLoss(task), options, model.Device)
        {
            Order = TrainingOrder.Shuffled(clips.Lengths, options, Shares(input, rows, task, channel)),
            Validation = heldOut is null ? null : new ValidationSet(heldOut, Evaluate),
            Refresh = augmented ? Refresh(input, rows, model, clips, CheckAlive) : null,
            Observer = Observer(channel, context?.Progress),
            ThrowIfCancelled = CheckAlive,
            Checkpoints = checkpoints,
        };
        if (solved)
        {
            channel.Info("The encoder is frozen and the head linear: it is solved in one step, without epochs.");
            TrainingLoop.Report(run);
            model.Network.Watch = scoring;
            return;
        }
        TrainingOutcome outcome = TrainingLoop.Run(run);
        model.Network.Watch = scoring;
        model.Describe(outcome);
        channel.Info("{0}", outcome);
    }

    /// <summary>Tells encoding options of how long the clips are, which are asked once.</summary>
    private Action<SpeechEncodingOptions> Contexts(IDataView data, IChannel channel)
    {
        var said = new HashSet<string>(StringComparer.Ordinal);
        double[]? lengths = null;
        return encoding =>
        {
            encoding.Lengths = () => lengths ??=
                [.. ClipLengths.Of(data, AudioColumnName).Take(AutoContext.Clips)];
            encoding.Say = text =>
            {
                if (said.Add(text))
                {
                    channel.Info("{0}", text);
                }
            };
        };
    }

    /// <summary>How often each clip is drawn; <see langword="null"/> for once.</summary>
    private double[]? Shares(IDataView input, LabelRows rows, TaskData task, IChannel channel) =>
        Options.Sampling switch
        {
            ClipSampling.BalancedByLabel =>
                SamplingShares.ByLabel([.. rows.Rated.Select(t => LinearModel(task).Target(t))]),
            ClipSampling.BalancedBySubject => SamplingShares.BySubject(Subjects(input, rows, channel).Subjects),
            _ => null,
        };

    /// <summary>
    /// What gives the values of clips up to a point that nothing trains before; <see langword="null"/> where that is
    /// the samples.
    /// </summary>
    private static ActivationSource? Source(
        SpeechNetwork network, ActivationCache? cache, SpeechTrainingOptions options, CachePoint point) =>
        point.Stage == CacheStage.Samples ? null
            : new ActivationSource(network, point, cache?.Of(network, point, options.Encoding));

    /// <summary>The label column, once the schema is what the trainer takes.</summary>
    private DataViewSchema.Column LabelOf(IDataView data)
    {
        GetOutputSchema(SchemaShape.Create(data.Schema));
        return data.Schema[LabelColumnName];
    }

    private void CheckValidationLabels(LabelValues labels, LabelValues validation)
    {
        if (!labels.Values.SequenceEqual(validation.Values))
        {
            throw new InvalidOperationException(
                $"Validation data, label column '{LabelColumnName}': expected the values of the training data, " +
                $"'{string.Join("', '", labels.Values)}', got '{string.Join("', '", validation.Values)}'. Make keys " +
                $"of both by one fitted MapValueToKey.");
        }
    }

    private void ThrowIfCancelled(FitContext? context)
    {
        _cancellation.ThrowIfCancellationRequested();
        context?.Cancellation.ThrowIfCancellationRequested();
        TrainerHost.CheckAlive();
    }

    private StepObserver Observer(IChannel channel, IProgress<TrainingProgress>? trial) => new(step =>
    {
        _progress?.Report(step);
        trial?.Report(step);
        if (step is { EpochLoss: not null, Epoch: 1, Validation.Loss: double.NaN })
        {
            channel.Warning("The validation data have too few rated clips for the loss, which has no value and is " +
                "never the best: give more, or let EarlyStopping.Metric be another metric.");
        }
        if (step.EpochLoss is { } loss)
        {
            string validation = step.Validation is { } evaluated ? $"; validation {evaluated}" : "";
            channel.Info("epoch {0}/{1}: loss {2:F4}{3}, {4:F1} s, {5:F0} s left", step.Epoch, step.Epochs, loss,
                validation, step.Elapsed.TotalSeconds, step.Remaining.TotalSeconds);
        }
    });
}
