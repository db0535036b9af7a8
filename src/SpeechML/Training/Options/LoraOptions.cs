using Microsoft.ML.SearchSpace;
using SpeechML.Audio.Options;
using SpeechML.Encoders.Adapters;
using SpeechML.Encoders.Adapters.Lora;
using static SpeechML.Audio.Options.OptionChecks;

namespace SpeechML;

/// <summary>
/// LoRA (Hu et al. 2022) on an encoder's linear maps: the pretrained weights stay, a product of two thin matrices is
/// learned beside them. Every property
/// is a plain number, string or flag, so that the same class serves a search space.
/// </summary>
public sealed record LoraOptions
{
    /// <summary><see cref="Targets"/> that means every linear map of the encoder, as in PEFT.</summary>
    public const string AllLinear = LoraRules.AllLinear;

    /// <summary>Rank of the change to each map; 0, the default, for no adapter.</summary>
    [Choice(new object[] { 0, 4, 8, 16 }, 0)]
    [InRange("0 (no adapter) or more", Min = 0)]
    public int Rank { get; set; }

    /// <summary>
    /// The change is scaled by Alpha / Rank (with <see cref="RsLora"/>, by Alpha / √Rank). The default is 8.
    /// </summary>
    [Choice(new object[] { 4.0, 8.0, 16.0, 32.0 }, 8.0)]
    [ActiveWhen(nameof(Rank), Above = 0)]
    [InRange("a number above 0", Above = 0)]
    public double Alpha { get; set; } = 8;

    /// <summary>Dropout on the input of the change, in training; in [0, 1). The default is 0.</summary>
    [Range(0.0, 0.3, 0.0)]
    [ActiveWhen(nameof(Rank), Above = 0)]
    [InRange("a probability from 0 to below 1", Min = 0, Below = 1)]
    public double Dropout { get; set; }

    /// <summary>
    /// The maps to adapt, separated by commas: ends of their names at a dot (<c>q_proj</c>, <c>attention.q_proj</c>,
    /// <c>encoder.layers.3.attention.q_proj</c>), or <see cref="AllLinear"/>. <c>q_proj</c>, <c>k_proj</c>,
    /// <c>v_proj</c> and <c>out_proj</c> stand for the attention's maps of every family, whatever they are called in
    /// its checkpoints. The default is <c>q_proj,v_proj</c>.
    /// </summary>
    [ActiveWhen(nameof(Rank), Above = 0)]
    public string Targets { get; set; } = "q_proj,v_proj";

    /// <summary>
    /// Scale by Alpha / √Rank, so that the change keeps its size as the rank grows (rsLoRA, Kalajdzievski 2023). The
    /// default is <see langword="false"/>.
    /// </summary>
    [BooleanChoice(false)]
    [ActiveWhen(nameof(Rank), Above = 0)]
    public bool RsLora { get; set; }

    /// <summary>
    /// Learn the norm of each row of the weight apart from its direction (DoRA, Liu et al. 2024). The default is <see
    /// langword="false"/>.
    /// </summary>
    [BooleanChoice(false)]
    [ActiveWhen(nameof(Rank), Above = 0)]
    public bool Dora { get; set; }

    /// <summary>
    /// The layers to adapt, counted from 0, as numbers and ranges: <c>0-3,5</c>. Empty, the default, for all.
    /// </summary>
    [ActiveWhen(nameof(Rank), Above = 0)]
    public string Layers { get; set; } = "";

    /// <summary>
    /// Other ranks for some maps: <c>q_proj=2,layers.1.feed_forward.output_dense=6</c>. A key is a regular expression
    /// for the end of a name; the first that matches counts. The default is empty.
    /// </summary>
    [ActiveWhen(nameof(Rank), Above = 0)]
    public string RankPattern { get; set; } = "";

    /// <summary>Other alphas for some maps, in the form of <see cref="RankPattern"/>. The default is empty.</summary>
    [ActiveWhen(nameof(Rank), Above = 0)]
    public string AlphaPattern { get; set; } = "";

    /// <summary>
    /// Peak learning rate of the adapters, which bear a much higher one than the weights beside them. 0, the default:
    /// 1e-3, or <see cref="SpeechTrainingOptions.EncoderLearningRate"/> where that is set to another value than its
    /// default.
    /// </summary>
    [ActiveWhen(nameof(Rank), Above = 0)]
    [InRange("0 (chosen by the trainer) or a rate above 0", Min = 0)]
    public double LearningRate { get; set; }

    /// <summary>
    /// Save the model with the adapter folded into the encoder's weights: the zip then has no adapter, is a little
    /// smaller and scores a little faster. Training and the fitted model are not affected. The default is <see
    /// langword="false"/>.
    /// </summary>
    [ActiveWhen(nameof(Rank), Above = 0)]
    public bool MergeWhenSaved { get; set; }

    /// <summary>Throws for the first option that is out of its range, whatever the encoder.</summary>
    internal void Validate()
    {
        OptionModel.Of(typeof(LoraOptions)).Validate(this, "Lora.");
        Check(Rank > 0 || this == new LoraOptions(), "Lora.Rank", "at least 1, because other options of Lora are set",
            Rank);
        Check(Rank == 0 || OptionList.Items(Targets).Length > 0, "Lora.Targets",
            $"names of linear maps such as 'q_proj,v_proj', or '{AllLinear}'", Targets);
        _ = OptionList.Ranges(Layers, "Lora.Layers");
        foreach ((string key, double rank) in OptionList.Pairs(RankPattern, "Lora.RankPattern"))
        {
            Check(rank >= 1 && rank <= int.MaxValue && rank == Math.Floor(rank), "Lora.RankPattern",
                $"a whole number of at least 1 for '{key}'", rank);
        }
        _ = OptionList.Pairs(AlphaPattern, "Lora.AlphaPattern");
    }
}
