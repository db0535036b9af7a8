using SpeechML.Audio.Options;
using SpeechML.Model;
using static SpeechML.Audio.Options.OptionChecks;

namespace SpeechML;

/// <summary>What a featurizer gives per clip.</summary>
public enum SpeechFeatureOutput
{
    /// <summary>One vector per clip.</summary>
    Pooled,

    /// <summary>Every valid frame: a vector of variable length, (frames, size) row after row.</summary>
    Frames,
}

/// <summary>
/// Which encoder, which of its hidden states, and how its frames are pooled. Checked when the estimator is created.
/// </summary>
public sealed class SpeechEncodingOptions
{
    /// <summary>
    /// The pretrained encoder: a folder in Hugging Face layout (<c>config.json</c> and weights), a short name such as
    /// <c>wavlm-base</c>, or a Hub id with or without a revision (<c>organisation/name@revision</c>), which is
    /// downloaded into the cache shared with Python. The default is empty: it has to be set.
    /// </summary>
    public string Encoder { get; set; } = "";

    /// <summary>Whether a download stays in the cache after loading. The default is <see langword="true"/>.</summary>
    [DoesNotAffectResult]
    public bool KeepDownload { get; set; } = true;

    /// <summary>
    /// The hidden states in use: <c>last</c> (<see cref="EncoderLayers.Last"/>, the default) for
    /// <c>last_hidden_state</c>, numbers and ranges in Hugging Face's <c>hidden_states</c> such as <c>3</c>, <c>1,3</c>
    /// or <c>0-6</c>, or <c>all</c>. Layers above the highest one are neither computed nor saved.
    /// </summary>
    [FormerName("Layer", Unless = "-1")]
    [FormerValue("", EncoderLayers.Last)]
    public string Layers { get; set; } = EncoderLayers.Last;

    /// <summary>
    /// How several hidden states become one. The default is their mean. A featurizer learns nothing: <see
    /// cref="LayerCombination.WeightedSum"/> needs <see cref="LayerWeights"/> there.
    /// </summary>
    public LayerCombination LayerCombination { get; set; } = LayerCombination.Mean;

    /// <summary>
    /// With <see cref="LayerCombination.WeightedSum"/> in a featurizer: the share of each layer of <see
    /// cref="Layers"/>, above 0, such as <c>0.2,0.5,0.3</c>; scaled to sum to 1. The default is empty.
    /// </summary>
    [ActiveWhen(nameof(LayerCombination), LayerCombination.WeightedSum)]
    public string LayerWeights { get; set; } = "";

    /// <summary>
    /// How the frames of a clip become one vector: a name of <see cref="SpeechPooling"/>. The default is their mean.
    /// </summary>
    [IsNameOf(typeof(SpeechPooling))]
    public string Pooling { get; set => field = SpeechPooling.NameOf(value); } = SpeechPooling.Mean;

    /// <summary>One vector per clip, or all frames (which are not pooled). The default is one vector.</summary>
    public SpeechFeatureOutput Output { get; set; } = SpeechFeatureOutput.Pooled;

    /// <summary>
    /// How much audio a Whisper encoder is shown for a short clip; other encoders ignore it. The default is 30 seconds.
    /// </summary>
    public WhisperContext WhisperContext { get; set; } = WhisperContext.Exact30Seconds;

    /// <summary>
    /// The arithmetic of the encoder's products; what comes out is float32. The default is float32.
    /// </summary>
    public SpeechPrecision Precision { get; set; } = SpeechPrecision.Float32;

    /// <summary>What is done with clips that are longer than the encoder is given at once.</summary>
    public LongAudioOptions LongAudio { get; set; } = new();

    /// <summary>
    /// A folder in which a featurizer keeps what it gives, for later pipelines in any process; empty, the default, for
    /// none. It is found again by a hash of the audio, the encoder's configuration and weights, these options and the
    /// precision, for the same build of this library and number of threads, and by trainers with the same <see
    /// cref="CacheOptions.Folder"/> and a frozen encoder. A damaged or foreign file is never used. It belongs to this
    /// machine: a saved model does not name it.
    /// </summary>
    [DoesNotAffectResult]
    [IsText("a folder, or an empty text for none", MayBeEmpty = true)]
    public string CacheFolder { get; set; } = "";

    /// <summary>
    /// Disk space in MiB that <see cref="CacheFolder"/> may take; beyond it, what was not used for longest goes. The
    /// default is 10240.
    /// </summary>
    [DoesNotAffectResult]
    [InRange("0 or more MiB", Min = 0)]
    public int CacheFolderLimit { get; set; } = 10240;

    /// <summary>
    /// How features are stored in <see cref="CacheFolder"/>; without a folder it changes nothing. The default is as
    /// they were computed.
    /// </summary>
    public CachePrecision CachePrecision { get; set; } = CachePrecision.Float32;

    /// <summary>Whether the silence behind a short clip is pooled, where Python's classifiers pool it.</summary>
    internal bool PoolsAsPython { get; init; }

    /// <summary>
    /// Lengths of the clips in seconds, by which <see cref="WhisperContext.Auto"/> decides; <see langword="null"/>
    /// where there are none.
    /// </summary>
    internal Func<IEnumerable<double>>? Lengths { get; set; }

    /// <summary>Told what <see cref="WhisperContext.Auto"/> stands for.</summary>
    internal Action<string>? Say { get; set; }

    /// <summary>Whether an empty <see cref="Encoder"/> is the one of the model that a training begins with.</summary>
    internal bool FromInitialModel { get; init; }

    /// <summary>Throws for the first option that is out of its range.</summary>
    internal void Validate()
    {
        Check(FromInitialModel || !string.IsNullOrWhiteSpace(Encoder), nameof(Encoder),
            "a folder, short name or Hub id of a pretrained encoder", Encoder);
        OptionModel.Of(typeof(SpeechEncodingOptions)).Validate(this);
        _ = LayerSelection.Parse(Layers);
        LongAudio.Validate();
    }

    /// <summary>As <see cref="Validate"/>, and what a featurizer cannot do.</summary>
    internal void ValidateFeaturizer()
    {
        Validate();
        Check(Layers.Trim() != EncoderLayers.Auto, nameof(Layers),
            "hidden states, 'last' or 'all', because a featurizer knows no labels to choose by", Layers);
        Check(
            !SpeechPooling.IsLearned(Pooling),
            nameof(Pooling),
            "a pooling without learned weights (a featurizer does not train)",
            Pooling);
        bool weighted = LayerCombination == LayerCombination.WeightedSum;
        Check(
            weighted == !string.IsNullOrWhiteSpace(LayerWeights),
            nameof(LayerWeights),
            weighted
            ? "the share of each layer, because LayerCombination is WeightedSum and a featurizer does not train"
            : $"nothing, because LayerCombination is {LayerCombination}",
            LayerWeights);
        if (weighted)
        {
            int layers = LayerSelection.Parse(Layers).Count;
            float[] shares = Shares();
            Check(Array.TrueForAll(shares, s => s > 0 && float.IsFinite(s))
                && (shares.Length == layers || Layers.Trim() == "all"), nameof(LayerWeights),
                $"{layers} numbers above 0, one for each of the layers '{Layers}'", LayerWeights);
        }
    }

    internal float[] Shares() =>
        [.. LayerWeights.Split(',')
            .Select(s => float.TryParse(s, System.Globalization.CultureInfo.InvariantCulture, out float share) ? share
            : float.NaN)];

    internal SpeechEncodingOptions Copy()
    {
        var copy = (SpeechEncodingOptions)MemberwiseClone();
        copy.LongAudio = LongAudio with { };
        return copy;
    }
}
