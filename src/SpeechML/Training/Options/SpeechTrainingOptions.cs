using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Common;
using SpeechML.Model;
using SpeechML.Training;
using static SpeechML.Audio.Common.OptionChecks;

namespace SpeechML;

/// <summary>
/// What the speech trainers can be told. Every property is a plain number, string, flag or enum, or an object of such
/// (<see cref="Head"/>,
/// <see cref="Lora"/>, <see cref="SoftPrompt"/>, <see cref="SpecAugment"/>), so that the same class can serve a search
/// space. Checked when the estimator is created.
/// </summary>
public partial class SpeechTrainingOptions
{
    /// <summary><see cref="Layer"/> that means the encoder's last hidden state.</summary>
    public const int LastLayer = -1;

    /// <inheritdoc cref="SpeechEncodingOptions.Encoder"/>
    public string Encoder { get; set; } = "";

    /// <inheritdoc cref="SpeechEncodingOptions.KeepDownload"/>
    public bool KeepDownload { get; set; } = true;

    /// <summary>
    /// The hidden state that feeds the pooling: <see cref="LastLayer"/> for <c>last_hidden_state</c>, else its number
    /// in Hugging Face's <c>hidden_states</c> (0 =
    /// before the first layer). Layers above it are neither computed nor saved.
    /// </summary>
    public int Layer { get; set; } = LastLayer;

    /// <summary>
    /// Several hidden states instead of <see cref="Layer"/>: numbers and ranges such as <c>1,3</c> or <c>0-6</c>, or
    /// <c>all</c>; combined as
    /// <see cref="LayerCombination"/> says. Layers above the highest one are neither computed nor saved.
    /// </summary>
    public string Layers { get; set; } = "";

    /// <summary>How the hidden states of <see cref="Layers"/> become one.</summary>
    public LayerCombination LayerCombination { get; set; } = LayerCombination.WeightedSum;

    /// <summary>How much audio a Whisper encoder is shown for a short clip; other encoders ignore it.</summary>
    public WhisperContext WhisperContext { get; set; } = WhisperContext.Exact30Seconds;

    /// <summary>Which parameters of the encoder stay as they were pretrained.</summary>
    [Choice(new object[] { LayerFreezing.RequiredOnly, LayerFreezing.Half, LayerFreezing.ExcludeLast,
        LayerFreezing.All }, LayerFreezing.RequiredOnly)]
    [ActiveWhen("Lora.Rank", 0)]
    public LayerFreezing Freezing { get; set; } = LayerFreezing.RequiredOnly;

    /// <summary>
    /// With <see cref="LayerFreezing.Layers"/>: what to freeze, separated by commas: transformer layers counted from 0,
    /// as numbers and ranges (<c>0-3,5</c>), or names of modules and
    /// parameters as in the checkpoint (<c>feature_projection</c>, <c>encoder.layers.2.attention</c>), which stand for
    /// everything below them.
    /// </summary>
    public string FrozenLayers { get; set; } = "";

    /// <summary>
    /// Low-rank adapters on the encoder's linear maps; with <see cref="LoraOptions.Rank"/> 0, none. With adapters, all
    /// of the encoder's own parameters are frozen, and
    /// the adapters train at <see cref="EncoderLearningRate"/>.
    /// </summary>
    [NestOption]
    public LoraOptions Lora { get; set; } = new();

    /// <summary>
    /// Learned vectors before the frames of every clip, which train at <see cref="HeadLearningRate"/>; with
    /// <see cref="SoftPromptOptions.Tokens"/> 0, none. What of the encoder is
    /// frozen is for <see cref="Freezing"/> to say; prompt tuning as published is <see cref="LayerFreezing.All"/>.
    /// </summary>
    public SoftPromptOptions SoftPrompt { get; set; } = new();

    /// <summary>How the frames of a clip become one vector.</summary>
    [Choice(new object[] { SpeechPooling.Mean, SpeechPooling.MeanStd, SpeechPooling.Attention }, SpeechPooling.Mean)]
    public SpeechPooling Pooling { get; set; } = SpeechPooling.Mean;

    /// <summary>The layers between the pooled vector and the outputs.</summary>
    [NestOption]
    public HeadOptions Head { get; set; } = new();

    /// <summary>
    /// Masks over frames and features in training steps; off by default. Nothing can be kept between epochs then, as
    /// with <c>AugmentAudio</c>.
    /// </summary>
    public SpecAugmentOptions SpecAugment { get; set; } = new();

    /// <summary>Passes over the training data.</summary>
    public int Epochs { get; set; } = 10;

    /// <summary>Clips per forward pass.</summary>
    [Choice(new object[] { 4, 8, 16 }, 8)]
    public int BatchSize { get; set; } = 8;

    /// <summary>
    /// Batches per optimizer step; the loss of a step is the mean over all its clips, and a smaller last group counts
    /// by its own size.
    /// </summary>
    public int AccumulationSteps { get; set; } = 1;

    /// <summary>Peak learning rate of the encoder.</summary>
    [Range(1e-6, 1e-3, 1e-5, true)]
    public double EncoderLearningRate { get; set; } = 1e-5;

    /// <summary>Peak learning rate of the head (and of a pooling that has parameters).</summary>
    [Range(1e-4, 1e-1, 1e-3, true)]
    public double HeadLearningRate { get; set; } = 1e-3;

    /// <summary>AdamW's decoupled weight decay (Loshchilov and Hutter, 2019), on every trained parameter.</summary>
    [Range(1e-4, 0.3, 0.01, true)]
    public double WeightDecay { get; set; } = 0.01;

    /// <summary>AdamW: decay of the gradient's mean, in [0, 1).</summary>
    public double AdamBeta1 { get; set; } = 0.9;

    /// <summary>AdamW: decay of the squared gradient's mean, in [0, 1).</summary>
    public double AdamBeta2 { get; set; } = 0.999;

    /// <summary>AdamW: added to the root of the squared gradient's mean.</summary>
    public double AdamEpsilon { get; set; } = 1e-8;

    /// <summary>
    /// Layer-wise decay (ELECTRA, Clark et al. 2020): the highest transformer layer in use trains at
    /// <see cref="EncoderLearningRate"/>, each layer below it at this share of the rate of
    /// the one above, what is below the layers at that of layer 0 once more. 1 for none.
    /// </summary>
    [Range(0.6, 1.0, 1.0)]
    public double LayerDecay { get; set; } = 1;

    /// <summary>How the learning rates move over the run.</summary>
    [Choice(new object[] { LearningRateDecay.Constant, LearningRateDecay.Linear, LearningRateDecay.Cosine },
        LearningRateDecay.Cosine)]
    public LearningRateDecay Schedule { get; set; } = LearningRateDecay.Cosine;

    /// <summary>How the head's learning rate moves, where that is different.</summary>
    public LearningRateDecay HeadSchedule { get; set; } = LearningRateDecay.AsEncoder;

    /// <summary>
    /// After the warm-up the rates change between epochs only: every step of an epoch uses the rate of its first one.
    /// </summary>
    public bool UpdateRatesPerEpoch { get; set; }

    /// <summary>
    /// With <see cref="LearningRateDecay.Exponential"/>: the rates at the end as a share of the peak, above 0 and at
    /// most 1.
    /// </summary>
    public double EndLearningRateFactor { get; set; } = 0.01;

    /// <summary>
    /// With <see cref="LearningRateDecay.Exponential"/>: the factor of every step (with
    /// <see cref="UpdateRatesPerEpoch"/>: of every epoch) instead of <see cref="EndLearningRateFactor"/>,
    /// above 0 and at most 1; 0 for none.
    /// </summary>
    public double ExponentialGamma { get; set; }

    /// <summary>
    /// With <see cref="LearningRateDecay.Plateau"/>: what the rates are multiplied by, above 0 and below 1.
    /// </summary>
    public double PlateauFactor { get; set; } = 0.1;

    /// <summary>With <see cref="LearningRateDecay.Plateau"/>: epochs without improvement that are let pass.</summary>
    public int PlateauPatience { get; set; } = 2;

    /// <summary>Share of the optimizer steps over which the rates rise linearly from 0.</summary>
    [Range(0.0, 0.3, 0.1)]
    public double WarmupRatio { get; set; } = 0.1;

    /// <summary>Greatest total norm of the gradient; larger ones are scaled down to it. 0 turns clipping off.</summary>
    public double GradientClipNorm { get; set; } = 1;

    /// <summary>Seed of every random stream of the run: head initialisation, order of clips, dropout.</summary>
    public int Seed { get; set; }

    /// <summary>
    /// Gradient checkpointing (Chen et al. 2016): keeps of each transformer layer only its input and computes the layer
    /// again in the backward pass. Less memory, about a third more time,
    /// the same gradients; not with a soft prompt.
    /// </summary>
    public bool RecomputeActivations { get; set; }

    /// <summary>
    /// Memory in MiB for clips and frozen activations kept between epochs; what exceeds it goes to a temporary file.
    /// </summary>
    public int CacheMemory { get; set; } = 1024;

    /// <summary>
    /// A folder in which frozen activations are kept for later fits, trials and folds; empty for none. They are found
    /// again by a hash of the audio, the encoder's configuration and frozen weights, and the
    /// precision, for the same build of this library and number of threads. A damaged or foreign file is never used.
    /// Nothing is kept of augmented or masked audio.
    /// </summary>
    public string CacheFolder { get; set; } = "";

    /// <summary>
    /// Disk space in MiB that <see cref="CacheFolder"/> may take; beyond it, what was not used for longest goes.
    /// </summary>
    public int CacheFolderLimit { get; set; } = 10240;

    /// <summary>How activations are stored in <see cref="CacheFolder"/>; without a folder it changes nothing.</summary>
    public CachePrecision CachePrecision { get; set; } = CachePrecision.Float32;

    /// <summary>
    /// Stops the run when this metric of the validation data no longer improves; needs <c>Fit(trainData,
    /// validationData)</c>. The name of one of the task's metrics (<see cref="SpeechMetrics"/>), or <c>loss</c>. The
    /// default is empty: the run takes all its epochs. Rates and warm-up are those of a run of <see cref="Epochs"/>.
    /// </summary>
    public string EarlyStoppingMetric
    {
        get;
        set => field = SpeechMetrics.NameOf(value ?? "");
    } = "";

    /// <summary>Epochs in a row without improvement after which the run stops.</summary>
    public int EarlyStoppingPatience { get; set; } = 3;

    /// <summary>Improvements up to this do not count.</summary>
    public double EarlyStoppingMinDelta { get; set; }

    /// <summary>
    /// With validation data: the model is that of the best epoch instead of the last. Best is what
    /// <see cref="EarlyStoppingMetric"/> says, the loss where that is empty.
    /// </summary>
    public bool KeepBest { get; set; } = true;

    /// <summary>
    /// A folder of this run's own for checkpoints; empty for none. A run that finds its own checkpoint there (same
    /// options, data and initial weights) goes on from it; one
    /// that finds another run's fails.
    /// </summary>
    public string CheckpointFolder { get; set; } = "";

    /// <summary>
    /// With <see cref="CheckpointFolder"/>: epochs between checkpoints. The end of the run is always written.
    /// </summary>
    public int CheckpointEveryEpochs { get; set; } = 1;

    /// <summary>
    /// With <see cref="CheckpointFolder"/>: optimizer steps between checkpoints within epochs; 0 for none there.
    /// </summary>
    public int CheckpointEverySteps { get; set; }

    /// <summary>What is learned; <see langword="null"/> of options that are of no task.</summary>
    internal virtual SpeechRunTask? LearnedTask => null;

    /// <summary>The metric that the best epoch, early stopping and a plateau go by.</summary>
    internal SpeechMetric WatchedMetric => SpeechMetrics.Find(EarlyStoppingMetric) ?? SpeechMetrics.Loss;

    /// <summary>Whether a rate waits for a figure of the validation data.</summary>
    internal bool UsesPlateau => Schedule == LearningRateDecay.Plateau || HeadSchedule == LearningRateDecay.Plateau;

    /// <summary>What concerns the encoder alone.</summary>
    internal SpeechEncodingOptions Encoding => new()
    {
        Encoder = Encoder,
        KeepDownload = KeepDownload,
        Layer = Layer,
        Layers = Layers,
        LayerCombination = LayerCombination,
        Pooling = Pooling,
        WhisperContext = WhisperContext,
        CacheFolder = CacheFolder,
        CacheFolderLimit = CacheFolderLimit,
        CachePrecision = CachePrecision,
        FromInitialModel = HasInitialEncoder,
    };

    internal SpeechTrainingOptions Copy()
    {
        var copy = (SpeechTrainingOptions)MemberwiseClone();
        copy.Head = Head with { };
        copy.Lora = Lora with { };
        copy.SoftPrompt = SoftPrompt with { };
        copy.SpecAugment = SpecAugment with { };
        return copy;
    }

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal virtual void Validate()
    {
        ValidateInitial();
        Encoding.Validate();
        CheckEnum(Freezing, nameof(Freezing));
        CheckEnum(Schedule, nameof(Schedule));
        Check(Schedule != LearningRateDecay.AsEncoder, nameof(Schedule),
            $"anything but {nameof(LearningRateDecay.AsEncoder)}, which is for {nameof(HeadSchedule)}", Schedule);
        CheckEnum(HeadSchedule, nameof(HeadSchedule));
        Check(ExponentialGamma is >= 0 and <= 1, nameof(ExponentialGamma), "0 (none) or a factor above 0, at most 1",
            ExponentialGamma);
        Check(
            ExponentialGamma == 0 || Schedule == LearningRateDecay.Exponential
            || HeadSchedule == LearningRateDecay.Exponential,
            nameof(ExponentialGamma),
            $"0, because neither {nameof(Schedule)} nor {nameof(HeadSchedule)} is " +
            $"{nameof(LearningRateDecay.Exponential)}",
            ExponentialGamma);
        Check(PlateauFactor is > 0 and < 1, nameof(PlateauFactor), "a factor above 0 and below 1", PlateauFactor);
        Check(PlateauPatience >= 0, nameof(PlateauPatience), "0 epochs or more", PlateauPatience);
        Check(LayerDecay is > 0 and <= 1, nameof(LayerDecay), "a share above 0, at most 1 (none)", LayerDecay);
        Check(AdamBeta1 is >= 0 and < 1, nameof(AdamBeta1), "a number from 0 to below 1", AdamBeta1);
        Check(AdamBeta2 is >= 0 and < 1, nameof(AdamBeta2), "a number from 0 to below 1", AdamBeta2);
        Check(AdamEpsilon > 0 && double.IsFinite(AdamEpsilon), nameof(AdamEpsilon), "a number above 0", AdamEpsilon);
        Check(Epochs >= 1, nameof(Epochs), "at least 1", Epochs);
        Check(BatchSize >= 1, nameof(BatchSize), "at least 1", BatchSize);
        Check(AccumulationSteps >= 1, nameof(AccumulationSteps), "at least 1", AccumulationSteps);
        Check(EncoderLearningRate > 0 && double.IsFinite(EncoderLearningRate), nameof(EncoderLearningRate),
            "a rate above 0", EncoderLearningRate);
        Check(HeadLearningRate > 0 && double.IsFinite(HeadLearningRate), nameof(HeadLearningRate), "a rate above 0",
            HeadLearningRate);
        Check(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), "0 or more", WeightDecay);
        Check(WarmupRatio is >= 0 and < 1, nameof(WarmupRatio), "a share from 0 to below 1", WarmupRatio);
        Check(EndLearningRateFactor is > 0 and <= 1, nameof(EndLearningRateFactor), "a share above 0, at most 1",
            EndLearningRateFactor);
        IReadOnlyList<string> metrics = SpeechMetrics.NamesFor(LearnedTask);
        Check(
            EarlyStoppingMetric.Length == 0 || metrics.Contains(EarlyStoppingMetric), nameof(EarlyStoppingMetric),
            $"empty (none) or one of {string.Join(", ", metrics)}, which this task has", EarlyStoppingMetric);
        Check(EarlyStoppingPatience >= 1, nameof(EarlyStoppingPatience), "at least 1 epoch", EarlyStoppingPatience);
        Check(EarlyStoppingMinDelta >= 0 && double.IsFinite(EarlyStoppingMinDelta), nameof(EarlyStoppingMinDelta),
            "0 or more", EarlyStoppingMinDelta);
        Check(CheckpointEveryEpochs >= 1, nameof(CheckpointEveryEpochs), "at least 1", CheckpointEveryEpochs);
        Check(CheckpointEverySteps >= 0, nameof(CheckpointEverySteps), "0 (none within epochs) or more",
            CheckpointEverySteps);
        Check(CheckpointFolder is not null, nameof(CheckpointFolder), "a folder, or an empty text for none",
            CheckpointFolder);
        Check(GradientClipNorm >= 0 && double.IsFinite(GradientClipNorm), nameof(GradientClipNorm),
            "0 (off) or a norm above 0", GradientClipNorm);
        Check(CacheMemory >= 0, nameof(CacheMemory), "0 or more MiB", CacheMemory);
        Check(Head is not null, nameof(Head), "the head's options", Head);
        Head!.Validate();
        Check(Lora is not null, nameof(Lora), "the adapter's options", Lora);
        Lora!.Validate();
        Check(
            Lora.Rank == 0 || Freezing is LayerFreezing.RequiredOnly or LayerFreezing.All,
            nameof(Freezing),
            $"{nameof(LayerFreezing.RequiredOnly)} or {nameof(LayerFreezing.All)}, because Lora.Rank is {Lora.Rank} " +
            $"and adapters freeze all of the encoder itself",
            Freezing);
        Check(SoftPrompt is not null, nameof(SoftPrompt), "the soft prompt's options", SoftPrompt);
        SoftPrompt!.Validate();
        if (SoftPrompt.Tokens > 0)
        {
            Check(
                Freezing != LayerFreezing.None,
                nameof(Freezing),
                $"anything but {nameof(LayerFreezing.None)}, because SoftPrompt.Tokens is {SoftPrompt.Tokens} and a " +
                $"prompt is learned before a frozen front end",
                Freezing);
            Check(
                LayerSelection.Parse(Layer, Layers) is { Last: true } or { All: true } or { Needed: > 0 },
                "SoftPrompt.Tokens",
                "0, because hidden state 0 alone is in use, which is before the first layer that a prompt can change",
                SoftPrompt.Tokens);
        }
        Check(!RecomputeActivations || SoftPrompt.Tokens == 0, nameof(RecomputeActivations),
            $"false, because SoftPrompt.Tokens is {SoftPrompt.Tokens}", RecomputeActivations);
        Check(SpecAugment is not null, nameof(SpecAugment), "the masks' options", SpecAugment);
        SpecAugment!.Validate();
        bool named = !string.IsNullOrWhiteSpace(FrozenLayers);
        Check(
            named == (Freezing == LayerFreezing.Layers),
            nameof(FrozenLayers),
            Freezing == LayerFreezing.Layers
            ? "layers such as '0-3,5' or names of modules such as 'feature_projection', because Freezing is Layers"
            : $"nothing, because Freezing is {Freezing}",
            FrozenLayers);
        _ = EncoderFreezing.LayerNumbers(FrozenLayers);
    }
}
