using SpeechML.Audio.Options;
using SpeechML.Data.Recordings;

namespace SpeechML.Recordings;

/// <summary><see cref="LongAudioOptions"/> for one encoder: which clips are long, and how they are cut.</summary>
/// <param name="Rule">What is done with them.</param>
/// <param name="Combination">How windows become one result.</param>
/// <param name="Whole">Samples of the longest clip that is not cut.</param>
/// <param name="Window">Samples of a window, whole frames.</param>
/// <param name="Step">Frames from one window to the next.</param>
internal sealed record LongAudioLimits(
    LongAudioRule Rule, WindowCombination Combination, long Whole, int Window, int Step)
{
    // Windows of an encoder without a limit: wav2vec 2.0, HuBERT and WavLM were pretrained on pieces of up to 15.6 s;
    // an hour with a base model stays below 1.5 GB.
    private const double DefaultLength = 15;

    // An encoder without a limit takes a clip of so many seconds whole: attention's memory grows with the square.
    private const double WholeLength = 60;

    private EncoderConfig? _config;

    /// <summary>Whether a clip's windows are pooled together, so that it has one pooled vector.</summary>
    public bool PoolsTogether => Combination == WindowCombination.Frames;

    /// <summary>Whether scoring cuts long clips into windows.</summary>
    public bool Cuts => Rule is LongAudioRule.Windows or LongAudioRule.RandomCrop;

    /// <summary>The limits for an encoder.</summary>
    /// <param name="options">The options; <see langword="null"/> of a model that was saved before there were
    /// any.</param>
    /// <param name="config">The encoder.</param>
    /// <exception cref="ArgumentException">A length that the encoder does not take, or a window without a frame of
    /// its own.</exception>
    public static LongAudioLimits Of(LongAudioOptions? options, EncoderConfig config)
    {
        options ??= new LongAudioOptions { Rule = LongAudioRule.Error };
        int rate = config.SampleRate;
        string limit = FormattableString.Invariant($"{(double)(config.MaxSamples ?? 0) / rate} s");
        double seconds = options.Length > 0 ? options.Length : (double?)config.MaxSamples / rate ?? DefaultLength;
        double asked = Math.Round(seconds * rate);
        OptionChecks.Check(options.Length == 0 || asked <= (config.MaxSamples ?? int.MaxValue), "LongAudio.Length",
            config.MaxSamples is null ? FormattableString.Invariant($"less than {int.MaxValue / rate} s")
            : $"at most {limit}, what encoder '{config.ModelType}' takes at once", options.Length);
        long piece = Math.Min((long)asked, config.MaxSamples ?? int.MaxValue);
        long whole = options.Length > 0 ? piece
            : config.MaxSamples ?? (options.Rule == LongAudioRule.Error ? long.MaxValue : (long)(WholeLength * rate));
        int window = (int)(piece / config.Hop * config.Hop);
        int frames = window < config.MinSamples ? 0 : (int)config.FrameCount(window);
        int shared = (int)Math.Round(options.Overlap * rate / config.Hop);
        // The default must fit every encoder.
        shared = options.Overlap == LongAudioOptions.DefaultOverlap && shared >= frames ? frames / 4 : shared;
        int step = frames - shared;
        var limits = new LongAudioLimits(options.Rule, options.Combination, whole, window, step) { _config = config };
        if (limits.Rule != LongAudioRule.Error)
        {
            OptionChecks.Check(frames > 0, "LongAudio.Length", FormattableString.Invariant(
                $"at least {(double)(config.MinSamples + config.Hop) / rate} s, enough for a frame"), options.Length);
        }
        if (limits.Cuts)
        {
            OptionChecks.Check(step > 0, "LongAudio.Overlap", FormattableString.Invariant(
                $"at most {(double)(frames - 1) * config.Hop / rate} s, a frame less than a window"), options.Overlap);
        }
        return limits;
    }

    /// <summary>Whether a clip of so many samples does not fit.</summary>
    public bool IsLong(long samples) => samples > Whole;

    /// <summary>Whether such a clip is cut into windows.</summary>
    public bool IsCut(long samples) => Cuts && IsLong(samples);

    /// <summary>The limits in force, for the key of a cache.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{Rule} {Combination} {Whole} {Window} {Step}");

    /// <summary>The windows of a clip (<see cref="AudioWindow.Cut"/>).</summary>
    public AudioWindow[] Cut(int samples) =>
        AudioWindow.Cut(samples, Window, Step, _config!.Hop, _config.FrameCount);
}
