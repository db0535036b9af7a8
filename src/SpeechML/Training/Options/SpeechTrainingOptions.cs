using Microsoft.ML.Runtime;
using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Options;
using SpeechML.Data.Interop;
using SpeechML.Encoders.Adapters;
using SpeechML.Model;
using SpeechML.Model.HuggingFace;
using SpeechML.Tasks;
using SpeechML.Training;
using static SpeechML.Audio.Options.OptionChecks;

namespace SpeechML;

/// <summary>
/// What the speech trainers can be told. Every property is a plain number, string, flag or enum, or a group of such, so
/// that the same class can serve a search space. Checked when the estimator is created.
/// </summary>
public class SpeechTrainingOptions
{
    private const double DefaultEncoderRate = 1e-5;
    private const double DefaultAdapterRate = 1e-3;

    /// <inheritdoc cref="SpeechEncodingOptions.Encoder"/>
    public string Encoder { get; set; } = "";

    /// <inheritdoc cref="SpeechEncodingOptions.KeepDownload"/>
    [DoesNotAffectResult]
    public bool KeepDownload { get; set; } = true;

    /// <summary>
    /// The hidden states that feed the pooling: <c>auto</c> (<see cref="EncoderLayers.Auto"/>, the default) for those
    /// that linear models find best on inner folds of the training clips, <c>last</c> for <c>last_hidden_state</c>,
    /// numbers and ranges in Hugging Face's <c>hidden_states</c> (0 = before the first layer) such as <c>3</c>,
    /// <c>1,3</c> or <c>0-6</c>, or <c>all</c>. Several are combined as <see cref="LayerCombination"/> says. Layers
    /// above the highest one are neither computed nor saved. <c>auto</c> sets pooling and combination too, and a linear
    /// head begins as the solution of the linear model on all training clips; with a frozen encoder it ends there. It
    /// means the layers of <see cref="InitialModel"/> where there is one, and <c>last</c> with a soft prompt, with
    /// layers of the head over frames and with a <see cref="Pooling"/> other than mean and deviation.
    /// </summary>
    [FormerName("Layer", Unless = "-1", UnlessMeans = EncoderLayers.Last)]
    [FormerValue("", EncoderLayers.Last)]
    public string Layers { get; set; } = EncoderLayers.Auto;

    /// <summary>
    /// Name of the text column that says who speaks, whose clips are kept together where the trainer compares
    /// (<see cref="EncoderLayers.Auto"/>). Empty, the default, for none: clips are then compared one by one, and layers
    /// may be chosen that know voices rather than labels.
    /// </summary>
    [IsText("a column name, or an empty text for none", MayBeEmpty = true)]
    public string SubjectColumnName { get; set; } = "";

    /// <summary>
    /// Names of columns of numbers that the head is given beside the audio, separated by commas: single numbers or
    /// vectors of known size, such as acoustic measures or an age. Empty, the default, for none. Each number is
    /// standardised by mean and deviation of the training clips, which the model keeps. A missing one (NaN) stands at
    /// the mean, and where some training clips lack it, that it is missing is a feature too. With
    /// <see cref="EncoderLayers.Auto"/> they are compared with the layers, alone (frozen encoder) and joined to each,
    /// for every label. The same columns have to be there in scoring.
    /// </summary>
    [IsText("column names separated by commas, or an empty text for none", MayBeEmpty = true)]
    public string ExtraFeatures { get; set; } = "";

    /// <summary>How several hidden states become one. The default is a learned weighted sum.</summary>
    public LayerCombination LayerCombination { get; set; } = LayerCombination.WeightedSum;

    /// <summary>
    /// How much audio a Whisper encoder is shown for a short clip; other encoders ignore it. The default is
    /// <see cref="WhisperContext.Auto"/>: by the length of the training clips, or as <see cref="InitialModel"/> has it.
    /// </summary>
    public WhisperContext WhisperContext { get; set; } = WhisperContext.Auto;

    /// <summary>
    /// The arithmetic of the encoder's products, in training and in the model's scoring; weights, head, loss and
    /// optimizer are float32. <see cref="SpeechPrecision.Auto"/> does not change what trains. The default is float32.
    /// </summary>
    public SpeechPrecision Precision { get; set; } = SpeechPrecision.Float32;

    /// <summary>
    /// Which parameters of the encoder stay as they were pretrained: a word of <see cref="LayerFreezing"/>
    /// (<c>auto</c>, the default, <c>required-only</c>, <c>none</c>, <c>optional</c>, <c>half</c>, <c>exclude-last</c>,
    /// <c>all</c>), or, separated by commas, transformer layers counted from 0, as numbers and ranges
    /// (<c>0-3,5</c>), and names of modules and parameters as in the checkpoint (<c>feature_projection</c>,
    /// <c>encoder.layers.2.attention</c>), which stand for everything below them. With a list, what <c>optional</c>
    /// freezes is frozen too.
    /// </summary>
    [Choice(new object[] { LayerFreezing.Auto, LayerFreezing.RequiredOnly, LayerFreezing.Half,
        LayerFreezing.ExcludeLast, LayerFreezing.All }, LayerFreezing.Auto)]
    [ActiveWhen("Lora.Rank", 0)]
    [IsText("a word such as 'all' or 'half', or layers and names of modules such as '0-3,feature_projection'")]
    [FormerName("FrozenLayers", Unless = "")]
    [FormerValue("None", LayerFreezing.None)]
    [FormerValue("RequiredOnly", LayerFreezing.RequiredOnly)]
    [FormerValue("Optional", LayerFreezing.Optional)]
    [FormerValue("Half", LayerFreezing.Half)]
    [FormerValue("ExcludeLast", LayerFreezing.ExcludeLast)]
    [FormerValue("All", LayerFreezing.All)]
    public string Freezing { get; set; } = LayerFreezing.Auto;

    /// <summary>
    /// Low-rank adapters on the encoder's linear maps; with <see cref="LoraOptions.Rank"/> 0, none. With adapters, all
    /// of the encoder's own parameters are frozen, and the adapters train at <see cref="LoraOptions.LearningRate"/>.
    /// </summary>
    [NestOption]
    public LoraOptions Lora { get; set; } = new();

    /// <summary>
    /// Learned vectors before the frames of every clip, which train at <see cref="HeadLearningRate"/>; with
    /// <see cref="SoftPromptOptions.Tokens"/> 0, none. What of the encoder is
    /// frozen is for <see cref="Freezing"/> to say; prompt tuning as published is <see cref="LayerFreezing.All"/>.
    /// </summary>
    public SoftPromptOptions SoftPrompt { get; set; } = new();

    /// <summary>
    /// How the frames of a clip become one vector: a name of <see cref="SpeechPooling"/>. The default is their mean.
    /// </summary>
    [Choice(
        new object[] { nameof(SpeechPooling.Mean), nameof(SpeechPooling.MeanStd), nameof(SpeechPooling.Attention) },
        nameof(SpeechPooling.Mean))]
    [IsNameOf(typeof(SpeechPooling))]
    public string Pooling { get; set => field = SpeechPooling.NameOf(value); } = SpeechPooling.Mean;

    /// <summary>The layers between the pooled vector and the outputs.</summary>
    [NestOption]
    public HeadOptions Head { get; set; } = new();

    /// <summary>
    /// Trains a model that the classification classes of Hugging Face transformers can say, so that
    /// <c>SaveHuggingFace</c> writes a folder for <c>pipeline("audio-classification")</c>: the mean over all frames
    /// (Whisper's: of 30 s), one linear layer or two without an activation between; of the Audio Spectrogram
    /// Transformer the mean of the two tokens before the frames, a norm and one linear layer, of clips that are cut
    /// where it ends. Options that say otherwise are errors, and <see cref="Layers"/> <c>auto</c> means <c>last</c>.
    /// The default is <see langword="false"/>.
    /// </summary>
    public bool HuggingFaceHead { get; set; }

    /// <summary>What is done with clips that are longer than the encoder is given at once.</summary>
    public LongAudioOptions LongAudio { get; set; } = new();

    /// <summary>
    /// Masks over frames and features in training steps; off by default. Nothing can be kept between epochs then, as
    /// with <c>AugmentAudio</c>.
    /// </summary>
    public SpecAugmentOptions SpecAugment { get; set; } = new();

    /// <summary>Passes over the training data. The default is 10.</summary>
    [InRange("at least 1", Min = 1)]
    public int Epochs { get; set; } = 10;

    /// <summary>Clips per forward pass. The default is 8.</summary>
    [Choice(new object[] { 4, 8, 16 }, 8)]
    [InRange("at least 1", Min = 1)]
    public int BatchSize { get; set; } = 8;

    /// <summary>
    /// Which clips an epoch has: all once, or as many, drawn so that labels or subjects are in balance, rare ones
    /// several times, frequent ones not all. They are drawn anew in each epoch by seed and number of the epoch, and a
    /// linear head on a frozen encoder then trains on from its solution instead of ending there. The default is
    /// <see cref="ClipSampling.Shuffled"/>.
    /// </summary>
    [NotVaried]
    public ClipSampling Sampling { get; set; } = ClipSampling.Shuffled;

    /// <summary>Peak learning rate of the encoder. The default is 1e-5.</summary>
    [Range(1e-6, 1e-3, 1e-5, true)]
    [InRange("a rate above 0", Above = 0)]
    public double EncoderLearningRate { get; set; } = DefaultEncoderRate;

    /// <summary>
    /// Peak learning rate of the head (and of a pooling that has parameters). The default is 1e-3. A head that begins
    /// as the solution of a linear model (<see cref="Layers"/>) trains at most at <see cref="EncoderLearningRate"/>.
    /// </summary>
    [Range(1e-4, 1e-1, 1e-3, true)]
    [InRange("a rate above 0", Above = 0)]
    public double HeadLearningRate { get; set; } = 1e-3;

    /// <summary>Weight decay, moments, clipping and accumulation of the gradient.</summary>
    [NestOption]
    public OptimizerOptions Optimizer { get; set; } = new();

    /// <summary>How the learning rates move.</summary>
    [NestOption]
    public ScheduleOptions Schedule { get; set; } = new();

    /// <summary>When to stop before the last epoch, and which epoch's weights to keep.</summary>
    public EarlyStoppingOptions EarlyStopping { get; set; } = new();

    /// <summary>
    /// Seed of every random stream of the run: head initialisation, order of clips, dropout. <see langword="null"/>,
    /// the default, for that of the <c>MLContext</c>, or 0 where it has none.
    /// </summary>
    [NotVaried]
    [InRange("any whole number")]
    public int? Seed { get; set; }

    /// <summary>The seed, where no context gives one or has given it already.</summary>
    internal int SeedInUse => Seed ?? ContextSeed.Default;

    /// <summary>
    /// Gradient checkpointing (Chen et al. 2016): keeps of each transformer layer only its input and computes the layer
    /// again in the backward pass. Less memory, about a third more time,
    /// the same gradients; not with a soft prompt. The default is <see langword="false"/>.
    /// </summary>
    public bool RecomputeActivations { get; set; }

    /// <summary>What is kept of frozen layers, and where.</summary>
    public CacheOptions Cache { get; set; } = new();

    /// <summary>Checkpoints to resume from.</summary>
    public CheckpointOptions Checkpoints { get; set; } = new();

    /// <summary>The fine-tuned model that the training begins with; none by default.</summary>
    public InitialModelOptions InitialModel { get; set; } = new();

    /// <summary>What is learned; <see langword="null"/> of options that are of no task.</summary>
    internal SpeechTask? LearnedTask => TaskDescription.Of(this)?.Task;

    /// <summary>Peak learning rate of what trains in the encoder: its adapters or its weights.</summary>
    internal double EncoderRateInUse => Lora.Rank == 0 ? EncoderLearningRate
        : Lora.LearningRate > 0 ? Lora.LearningRate
        : EncoderLearningRate == DefaultEncoderRate ? DefaultAdapterRate : EncoderLearningRate;

    /// <summary>The metric that the best epoch, early stopping and a plateau go by.</summary>
    internal SpeechMetric WatchedMetric => SpeechMetrics.Find(EarlyStopping.Metric) ?? SpeechMetrics.Loss;

    /// <summary>What concerns the encoder alone.</summary>
    internal SpeechEncodingOptions Encoding => new()
    {
        Encoder = Encoder,
        KeepDownload = KeepDownload,
        Layers = Layers,
        LayerCombination = LayerCombination,
        Pooling = Pooling,
        WhisperContext = WhisperContext,
        Precision = Precision,
        CacheFolder = Cache.Folder,
        CacheFolderLimit = Cache.FolderLimit,
        CachePrecision = Cache.Precision,
        LongAudio = LongAudio,
        PoolsAsPython = HuggingFaceHead,
        FromInitialModel = InitialModel.HasEncoder,
    };

    /// <summary>A copy with the seed in use.</summary>
    internal SpeechTrainingOptions SeededBy(IHostEnvironment env)
    {
        SpeechTrainingOptions copy = Copy();
        copy.Seed = ContextSeed.Of(env, Seed);
        return copy;
    }

    internal SpeechTrainingOptions Copy()
    {
        var copy = (SpeechTrainingOptions)MemberwiseClone();
        copy.Head = Head with { };
        copy.Lora = Lora with { };
        copy.SoftPrompt = SoftPrompt with { };
        copy.LongAudio = LongAudio with { };
        copy.SpecAugment = SpecAugment with { };
        copy.Optimizer = Optimizer with { };
        copy.Schedule = Schedule with { };
        copy.EarlyStopping = EarlyStopping with { };
        copy.Cache = Cache with { };
        copy.Checkpoints = Checkpoints with { };
        copy.InitialModel = InitialModel with { };
        return copy;
    }

    /// <summary>Throws for the first option that is out of its range or contradicts another.</summary>
    internal virtual void Validate()
    {
        OptionModel.Of(GetType()).Validate(this);
        InitialModel.Validate(this);
        string[] extras = OptionList.Items(ExtraFeatures);
        Check(extras.Distinct(StringComparer.Ordinal).Count() == extras.Length, nameof(ExtraFeatures),
            "each column once", ExtraFeatures);
        Encoding.Validate();
        Schedule.Validate();
        Check(Sampling != ClipSampling.BalancedBySubject || SubjectColumnName.Length > 0, nameof(SubjectColumnName),
            $"the column that says who speaks, because Sampling is {ClipSampling.BalancedBySubject}",
            SubjectColumnName);
        Check(Sampling != ClipSampling.BalancedByLabel || LearnedTask != SpeechTask.Regression, nameof(Sampling),
            $"{ClipSampling.Shuffled} or {ClipSampling.BalancedBySubject}, because a number has no classes to balance",
            Sampling);
        Check(
            EarlyStopping.Metric.Length == 0 || SpeechMetrics.NamesFor(LearnedTask).Contains(EarlyStopping.Metric),
            "EarlyStopping.Metric",
            $"empty (none) or one of {string.Join(", ", SpeechMetrics.NamesFor(LearnedTask))}, which this task has",
            EarlyStopping.Metric);
        Lora.Validate();
        Check(
            Lora.Rank == 0 || Freezing is LayerFreezing.Auto or LayerFreezing.RequiredOnly or LayerFreezing.All,
            nameof(Freezing),
            $"{LayerFreezing.RequiredOnly} or {LayerFreezing.All}, because Lora.Rank is {Lora.Rank} and adapters " +
            $"freeze all of the encoder itself",
            Freezing);
        SoftPrompt.Validate();
        if (SoftPrompt.Tokens > 0)
        {
            Check(
                Freezing != LayerFreezing.None,
                nameof(Freezing),
                $"anything but {LayerFreezing.None}, because SoftPrompt.Tokens is {SoftPrompt.Tokens} and a prompt " +
                $"is learned before a frozen front end",
                Freezing);
            Check(
                LayerSelection.Parse(Layers) is { Last: true } or { All: true } or { Needed: > 0 },
                "SoftPrompt.Tokens",
                "0, because hidden state 0 alone is in use, which is before the first layer that a prompt can change",
                SoftPrompt.Tokens);
        }
        Check(!RecomputeActivations || SoftPrompt.Tokens == 0, nameof(RecomputeActivations),
            $"false, because SoftPrompt.Tokens is {SoftPrompt.Tokens}", RecomputeActivations);
        _ = FreezingChecks.Numbers(this);
        if (HuggingFaceHead)
        {
            PythonClassChecks.Check(this);
        }
    }
}
