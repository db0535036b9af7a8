using static SpeechML.OptionChecks;

namespace SpeechML;

/// <summary>Which parameters of the encoder stay as they were pretrained.</summary>
public enum LayerFreezing
{
    /// <summary>Nothing is frozen, not even the convolutional front end.</summary>
    None,

    /// <summary>
    /// Only what fine-tuning always leaves alone: the convolutional front end and the masked-frame embedding (HuBERT, WavLM, wav2vec 2.0), the two
    /// convolutions and the positions (Whisper).
    /// </summary>
    RequiredOnly,

    /// <summary>As <see cref="RequiredOnly"/>, and the positional convolution and the encoder's own layer norm (HuBERT, WavLM, wav2vec 2.0).</summary>
    Optional,

    /// <summary>The upper half of the layers in use trains, everything below is frozen.</summary>
    Half,

    /// <summary>Only the highest layer in use trains.</summary>
    ExcludeLast,

    /// <summary>The layers named by <see cref="SpeechTrainingOptions.FrozenLayers"/> are frozen, and what <see cref="Optional"/> freezes.</summary>
    Layers,

    /// <summary>The whole encoder is frozen; only the head trains.</summary>
    All,
}

/// <summary>How the learning rates move over the run.</summary>
public enum LearningRateDecay
{
    /// <summary>The rates stay as given, after the warm-up.</summary>
    Constant,

    /// <summary>Linear warm-up from 0, then linear decay to 0.</summary>
    Linear,

    /// <summary>Linear warm-up from 0, then half a cosine to 0 (transformers' <c>get_cosine_schedule_with_warmup</c>).</summary>
    Cosine,

    /// <summary>
    /// Linear warm-up from 0, then by the same factor in every step, down to <see cref="SpeechTrainingOptions.EndLearningRateFactor"/> of the peak at the end: with n steps after
    /// the warm-up the factor is <c>EndLearningRateFactor^(1/n)</c>.
    /// </summary>
    Exponential,
}

/// <summary>
/// What the speech trainers can be told. Every property is a plain number, string, flag or enum, or an object of such (<see cref="Head"/>,
/// <see cref="Lora"/>), so that the same class can serve a search space. Checked when the estimator is created.
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
    /// The hidden state that feeds the pooling: <see cref="LastLayer"/> for <c>last_hidden_state</c>, else its number in Hugging Face's <c>hidden_states</c> (0 =
    /// before the first layer). Layers above it are neither computed nor saved.
    /// </summary>
    public int Layer { get; set; } = LastLayer;

    /// <summary>
    /// Several hidden states instead of <see cref="Layer"/>: numbers and ranges such as <c>1,3</c> or <c>0-6</c>, or <c>all</c>; combined as
    /// <see cref="LayerCombination"/> says. Layers above the highest one are neither computed nor saved.
    /// </summary>
    public string Layers { get; set; } = "";

    /// <summary>How the hidden states of <see cref="Layers"/> become one.</summary>
    public LayerCombination LayerCombination { get; set; } = LayerCombination.WeightedSum;

    /// <summary>How much audio a Whisper encoder is shown for a short clip; other encoders ignore it.</summary>
    public WhisperContext WhisperContext { get; set; } = WhisperContext.Exact30Seconds;

    /// <summary>Which parameters of the encoder stay as they were pretrained.</summary>
    public LayerFreezing Freezing { get; set; } = LayerFreezing.RequiredOnly;

    /// <summary>With <see cref="LayerFreezing.Layers"/>: the transformer layers to freeze, counted from 0, as numbers and ranges: <c>0-3,5</c>.</summary>
    public string FrozenLayers { get; set; } = "";

    /// <summary>
    /// Low-rank adapters on the encoder's linear maps; with <see cref="LoraOptions.Rank"/> 0, none. With adapters, all of the encoder's own parameters are frozen, and
    /// the adapters train at <see cref="EncoderLearningRate"/>.
    /// </summary>
    public LoraOptions Lora { get; set; } = new();

    /// <summary>How the frames of a clip become one vector.</summary>
    public SpeechPooling Pooling { get; set; } = SpeechPooling.Mean;

    /// <summary>The layers between the pooled vector and the outputs.</summary>
    public HeadOptions Head { get; set; } = new();

    /// <summary>Passes over the training data.</summary>
    public int Epochs { get; set; } = 10;

    /// <summary>Clips per forward pass.</summary>
    public int BatchSize { get; set; } = 8;

    /// <summary>Batches per optimizer step; the loss of a step is the mean over all its clips, and a smaller last group counts by its own size.</summary>
    public int AccumulationSteps { get; set; } = 1;

    /// <summary>Peak learning rate of the encoder.</summary>
    public double EncoderLearningRate { get; set; } = 1e-5;

    /// <summary>Peak learning rate of the head (and of a pooling that has parameters).</summary>
    public double HeadLearningRate { get; set; } = 1e-3;

    /// <summary>AdamW's decoupled weight decay (Loshchilov and Hutter, 2019), on every trained parameter.</summary>
    public double WeightDecay { get; set; } = 0.01;

    /// <summary>How the learning rates move over the run.</summary>
    public LearningRateDecay Schedule { get; set; } = LearningRateDecay.Cosine;

    /// <summary>With <see cref="LearningRateDecay.Exponential"/>: the rates at the end as a share of the peak, above 0 and at most 1.</summary>
    public double EndLearningRateFactor { get; set; } = 0.01;

    /// <summary>Share of the optimizer steps over which the rates rise linearly from 0.</summary>
    public double WarmupRatio { get; set; } = 0.1;

    /// <summary>Greatest total norm of the gradient; larger ones are scaled down to it. 0 turns clipping off.</summary>
    public double GradientClipNorm { get; set; } = 1;

    /// <summary>Seed of every random stream of the run: head initialisation, order of clips, dropout.</summary>
    public int Seed { get; set; }

    /// <summary>Memory in MiB for clips and frozen activations kept between epochs; what exceeds it goes to a temporary file.</summary>
    public int CacheMemory { get; set; } = 1024;

    /// <summary>
    /// Stops the run when this figure of the validation data no longer improves; needs <c>Fit(trainData, validationData)</c>. Rates and warm-up are those of a run of
    /// <see cref="Epochs"/>.
    /// </summary>
    public EarlyStoppingMetric EarlyStoppingMetric { get; set; } = EarlyStoppingMetric.None;

    /// <summary>Epochs in a row without improvement after which the run stops.</summary>
    public int EarlyStoppingPatience { get; set; } = 3;

    /// <summary>Improvements up to this do not count.</summary>
    public double EarlyStoppingMinDelta { get; set; }

    /// <summary>
    /// With validation data: the model is that of the best epoch instead of the last. Best is what <see cref="EarlyStoppingMetric"/> says, where that is
    /// <see cref="EarlyStoppingMetric.None"/> the loss.
    /// </summary>
    public bool KeepBest { get; set; } = true;

    /// <summary>
    /// A folder of this run's own for checkpoints; empty for none. A run that finds its own checkpoint there (same options, data and initial weights) goes on from it; one
    /// that finds another run's fails.
    /// </summary>
    public string CheckpointFolder { get; set; } = "";

    /// <summary>With <see cref="CheckpointFolder"/>: epochs between checkpoints. The end of the run is always written.</summary>
    public int CheckpointEveryEpochs { get; set; } = 1;

    /// <summary>With <see cref="CheckpointFolder"/>: optimizer steps between checkpoints within epochs; 0 for none there.</summary>
    public int CheckpointEverySteps { get; set; }

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
        FromInitialModel = HasInitialEncoder,
    };

    internal SpeechTrainingOptions Copy()
    {
        var copy = (SpeechTrainingOptions)MemberwiseClone();
        copy.Head = Head with { };
        copy.Lora = Lora with { };
        return copy;
    }

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal virtual void Validate()
    {
        ValidateInitial();
        Encoding.Validate();
        CheckEnum(Freezing, nameof(Freezing));
        CheckEnum(Schedule, nameof(Schedule));
        Check(Epochs >= 1, nameof(Epochs), "at least 1", Epochs);
        Check(BatchSize >= 1, nameof(BatchSize), "at least 1", BatchSize);
        Check(AccumulationSteps >= 1, nameof(AccumulationSteps), "at least 1", AccumulationSteps);
        Check(EncoderLearningRate > 0 && double.IsFinite(EncoderLearningRate), nameof(EncoderLearningRate), "a rate above 0", EncoderLearningRate);
        Check(HeadLearningRate > 0 && double.IsFinite(HeadLearningRate), nameof(HeadLearningRate), "a rate above 0", HeadLearningRate);
        Check(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), "0 or more", WeightDecay);
        Check(WarmupRatio is >= 0 and < 1, nameof(WarmupRatio), "a share from 0 to below 1", WarmupRatio);
        Check(EndLearningRateFactor is > 0 and <= 1, nameof(EndLearningRateFactor), "a share above 0, at most 1", EndLearningRateFactor);
        CheckEnum(EarlyStoppingMetric, nameof(EarlyStoppingMetric));
        Check(EarlyStoppingPatience >= 1, nameof(EarlyStoppingPatience), "at least 1 epoch", EarlyStoppingPatience);
        Check(EarlyStoppingMinDelta >= 0 && double.IsFinite(EarlyStoppingMinDelta), nameof(EarlyStoppingMinDelta), "0 or more", EarlyStoppingMinDelta);
        Check(CheckpointEveryEpochs >= 1, nameof(CheckpointEveryEpochs), "at least 1", CheckpointEveryEpochs);
        Check(CheckpointEverySteps >= 0, nameof(CheckpointEverySteps), "0 (none within epochs) or more", CheckpointEverySteps);
        Check(CheckpointFolder is not null, nameof(CheckpointFolder), "a folder, or an empty text for none", CheckpointFolder);
        Check(GradientClipNorm >= 0 && double.IsFinite(GradientClipNorm), nameof(GradientClipNorm), "0 (off) or a norm above 0", GradientClipNorm);
        Check(CacheMemory >= 0, nameof(CacheMemory), "0 or more MiB", CacheMemory);
        Check(Head is not null, nameof(Head), "the head's options", Head);
        Head!.Validate();
        Check(Lora is not null, nameof(Lora), "the adapter's options", Lora);
        Lora!.Validate();
        Check(
            Lora.Rank == 0 || Freezing is LayerFreezing.RequiredOnly or LayerFreezing.All,
            nameof(Freezing),
            $"{nameof(LayerFreezing.RequiredOnly)} or {nameof(LayerFreezing.All)}, because Lora.Rank is {Lora.Rank} and adapters freeze all of the encoder itself",
            Freezing);
        bool named = !string.IsNullOrWhiteSpace(FrozenLayers);
        Check(
            named == (Freezing == LayerFreezing.Layers),
            nameof(FrozenLayers),
            Freezing == LayerFreezing.Layers ? "layer numbers such as '0-3,5', because Freezing is Layers" : $"nothing, because Freezing is {Freezing}",
            FrozenLayers);
    }
}
