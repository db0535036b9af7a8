using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SpeechML.Audio.Augmentation;
using SpeechML.Audio.Dsp;

namespace SpeechML;

/// <summary>
/// A random change of audio for training: one effect, or several composed (<see cref="Compose"/>, <see cref="OneOf"/>,
/// <see cref="SomeOf"/>). Names and
/// meaning of effects and parameters are those of the Python package <c>audiomentations</c> (MIT) where it has them;
/// the exceptions are noted at the effects.
/// Immutable; safe to use from several threads. Constructors check their parameters.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Compose), "Compose")]
[JsonDerivedType(typeof(OneOf), "OneOf")]
[JsonDerivedType(typeof(SomeOf), "SomeOf")]
[JsonDerivedType(typeof(Gain), "Gain")]
[JsonDerivedType(typeof(GainTransition), "GainTransition")]
[JsonDerivedType(typeof(Normalize), "Normalize")]
[JsonDerivedType(typeof(PolarityInversion), "PolarityInversion")]
[JsonDerivedType(typeof(Shift), "Shift")]
[JsonDerivedType(typeof(Reverse), "Reverse")]
[JsonDerivedType(typeof(RepeatPart), "RepeatPart")]
[JsonDerivedType(typeof(TimeMask), "TimeMask")]
[JsonDerivedType(typeof(TimeStretch), "TimeStretch")]
[JsonDerivedType(typeof(PitchShift), "PitchShift")]
[JsonDerivedType(typeof(SpeedPerturbation), "SpeedPerturbation")]
[JsonDerivedType(typeof(TanhDistortion), "TanhDistortion")]
[JsonDerivedType(typeof(ClippingDistortion), "ClippingDistortion")]
[JsonDerivedType(typeof(BitCrush), "BitCrush")]
[JsonDerivedType(typeof(Aliasing), "Aliasing")]
[JsonDerivedType(typeof(Mp3Compression), "Mp3Compression")]
[JsonDerivedType(typeof(MuLawCompression), "MuLawCompression")]
[JsonDerivedType(typeof(TelephoneBand), "TelephoneBand")]
[JsonDerivedType(typeof(LowPassFilter), "LowPassFilter")]
[JsonDerivedType(typeof(HighPassFilter), "HighPassFilter")]
[JsonDerivedType(typeof(BandPassFilter), "BandPassFilter")]
[JsonDerivedType(typeof(BandStopFilter), "BandStopFilter")]
[JsonDerivedType(typeof(PreEmphasis), "PreEmphasis")]
[JsonDerivedType(typeof(Compressor), "Compressor")]
[JsonDerivedType(typeof(AddGaussianNoise), "AddGaussianNoise")]
[JsonDerivedType(typeof(AddGaussianSnr), "AddGaussianSNR")]
[JsonDerivedType(typeof(AddBackgroundNoise), "AddBackgroundNoise")]
[JsonDerivedType(typeof(ApplyImpulseResponse), "ApplyImpulseResponse")]
[JsonDerivedType(typeof(RoomSimulator), "RoomSimulator")]
public abstract class AudioAugmentation
{
    /// <summary>Python's names in the JSON (<c>min_gain_db</c>).</summary>
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowOutOfOrderMetadataProperties = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private protected AudioAugmentation(double p)
    {
        P = EffectChecks.InRange(GetType().Name, p, 0, 1);
    }

    /// <summary>The probability that it is applied to a clip, 0 to 1.</summary>
    public double P { get; }

    /// <summary>Reads what <see cref="ToJson"/> writes.</summary>
    /// <exception cref="FormatException">It is not JSON of that form.</exception>
    /// <exception cref="ArgumentException">A parameter is out of its range.</exception>
    public static AudioAugmentation FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            return JsonSerializer.Deserialize<AudioAugmentation>(json, s_json)
                ?? throw new FormatException("Augmentation settings: expected a JSON object, got null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new FormatException(
                $"Augmentation settings: expected a JSON object with the \"type\" of an effect and its parameters, " +
                $"got: {e.Message}", e);
        }
    }

    /// <summary>
    /// The settings as JSON, with the names of <c>audiomentations</c>: <c>{"type": "Gain", "min_gain_db": -12,
    /// "max_gain_db": 12, "p": 0.5}</c>.
    /// </summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    /// <summary>
    /// Changes a clip. What is drawn depends on seed, clip and epoch alone: not on other clips, nor on threads.
    /// </summary>
    /// <param name="audio">The clip; it stays as it is.</param>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="clip">The clip's number.</param>
    /// <param name="epoch">The epoch, for other changes in each.</param>
    /// <returns>The changed clip at the same rate, perhaps of another length; the same object where nothing was applied
    /// or the clip is empty.</returns>
    /// <exception cref="AudioException">A noise or impulse response cannot be read.</exception>
    public MLAudio Apply(MLAudio audio, int seed, long clip = 0, long epoch = 0)
    {
        ArgumentNullException.ThrowIfNull(audio);
        return Apply(audio, AugmentationRandom.Create(seed, epoch, clip));
    }

    internal MLAudio Apply(MLAudio audio, AugmentationRandom random) =>
        audio.Length == 0 || random.NextDouble() >= P ? audio : Run(audio, random);

    /// <summary>Changes a clip of at least one sample.</summary>
    private protected abstract MLAudio Run(MLAudio audio, AugmentationRandom random);
}

/// <summary>One effect.</summary>
public abstract class AudioEffect : AudioAugmentation
{
    private protected AudioEffect(double p)
        : base(p)
    {
    }

    /// <summary>Changes at least one sample at <paramref name="rate"/> Hz.</summary>
    /// <returns>A new array, or <paramref name="samples"/> itself, unwritten, for no change.</returns>
    private protected abstract float[] Process(float[] samples, int rate, AugmentationRandom random);

    private protected sealed override MLAudio Run(MLAudio audio, AugmentationRandom random)
    {
        float[] samples = audio.GetArray();
        float[] result = Process(samples, audio.SampleRate, random);
        if (ReferenceEquals(result, samples))
        {
            return audio;
        }
        int bad = Array.FindIndex(result, s => !float.IsFinite(s));
        return bad < 0
            ? MLAudio.Wrap(result, audio.SampleRate)
            : throw new InvalidOperationException(FormattableString.Invariant(
                $"{GetType().Name}: expected finite samples, got {result[bad]} at sample {bad}; the input's largest magnitude is {SampleMath.Peak(samples)}."));
    }
}
