using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
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
    private static readonly ConcurrentDictionary<Type, string> s_registered = [];
    private static volatile JsonSerializerOptions s_json = CreateJson();

    /// <summary>Makes an augmentation.</summary>
    /// <param name="p">The probability that it is applied to a clip, 0 to 1.</param>
    /// <exception cref="ArgumentException">It is not a probability.</exception>
    protected AudioAugmentation(double p)
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
    /// <exception cref="InvalidOperationException">It, or a part of it, is of a class outside this library that was not
    /// registered with <see cref="Register{T}"/>.</exception>
    public string ToJson()
    {
        try
        {
            return JsonSerializer.Serialize(this, s_json);
        }
        catch (NotSupportedException e)
        {
            throw new InvalidOperationException(
                $"Augmentation '{GetType().Name}': expected classes that can be saved, got one that cannot. Call " +
                $"{nameof(AudioAugmentation)}.{nameof(Register)} for each class of your own first. {e.Message}", e);
        }
    }

    /// <summary>
    /// Makes a class of your own known to <see cref="ToJson"/> and <see cref="FromJson"/>, and so to models: call it
    /// once, at the start of each program that trains with it. Its public properties are saved in snake case, and are
    /// given to the parameters of the same names of its only public constructor.
    /// </summary>
    /// <typeparam name="T">The class.</typeparam>
    /// <param name="name">Its name in JSON; the class's name by default.</param>
    /// <exception cref="ArgumentException">Another class has the name.</exception>
    public static void Register<T>(string? name = null)
        where T : AudioAugmentation
    {
        string type = name ?? typeof(T).Name;
        lock (s_registered)
        {
            bool taken = s_registered.Any(r => r.Value == type && r.Key != typeof(T))
                || typeof(AudioAugmentation).GetCustomAttributes<JsonDerivedTypeAttribute>()
                    .Any(a => type.Equals(a.TypeDiscriminator) || a.DerivedType == typeof(T));
            if (taken)
            {
                throw new ArgumentException(
                    $"Augmentation '{type}': expected a class and a name that are not registered yet, got " +
                    $"{typeof(T)}. Choose another name.", nameof(name));
            }
            s_registered[typeof(T)] = type;
            s_json = CreateJson();
        }
    }

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

    /// <summary>Changes a clip of at least one sample. Must be safe to call from several threads.</summary>
    /// <param name="audio">The clip, which must stay as it is.</param>
    /// <param name="random">The only source of chance: what it gives depends on seed, epoch and clip.</param>
    /// <returns>The changed clip at the same rate; <paramref name="audio"/> itself for no change.</returns>
    protected abstract MLAudio Run(MLAudio audio, AugmentationRandom random);

    /// <summary>Python's names in the JSON (<c>min_gain_db</c>).</summary>
    private static JsonSerializerOptions CreateJson() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowOutOfOrderMetadataProperties = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AddRegistered } },
    };

    private static void AddRegistered(JsonTypeInfo info)
    {
        if (info.Type == typeof(AudioAugmentation))
        {
            foreach ((Type type, string name) in s_registered)
            {
                info.PolymorphismOptions!.DerivedTypes.Add(new JsonDerivedType(type, name));
            }
        }
    }
}

/// <summary>One effect.</summary>
public abstract class AudioEffect : AudioAugmentation
{
    /// <summary>Makes an effect.</summary>
    /// <param name="p">The probability that it is applied to a clip, 0 to 1.</param>
    /// <exception cref="ArgumentException">It is not a probability.</exception>
    protected AudioEffect(double p)
        : base(p)
    {
    }

    /// <summary>Changes at least one sample. Must be safe to call from several threads.</summary>
    /// <param name="samples">The samples, nominally in [-1, 1]; they must stay as they are.</param>
    /// <param name="rate">Sample rate (Hz).</param>
    /// <param name="random">The only source of chance: what it gives depends on seed, epoch and clip.</param>
    /// <returns>A new array of finite samples, perhaps of another length, or <paramref name="samples"/> itself for no
    /// change.</returns>
    protected abstract float[] Process(float[] samples, int rate, AugmentationRandom random);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The effect gave samples that are not finite.</exception>
    protected sealed override MLAudio Run(MLAudio audio, AugmentationRandom random)
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
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"{GetType().Name}: expected finite samples, got {result[bad]} at sample {bad}; the input's largest " +
                $"magnitude is {SampleMath.Peak(samples)}."));
    }
}
