using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using SpeechML.Audio.Options;

namespace SpeechML.Audio;

/// <summary>A change that is made to every clip, in training and in scoring.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(SilenceTrim), "TrimSilence")]
[JsonDerivedType(typeof(VoiceTrim), "TrimToVoice")]
[JsonDerivedType(typeof(Truncation), "Truncate")]
[JsonDerivedType(typeof(Normalization), "Normalize")]
internal abstract record AudioEdit
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false) },
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads what <see cref="ToJson"/> writes.</summary>
    /// <exception cref="FormatException">It is not JSON of that form.</exception>
    public static AudioEdit FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<AudioEdit>(json, s_json)
                ?? throw new FormatException("Audio edit: expected a JSON object, got null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new FormatException(
                $"Audio edit: expected a JSON object with the \"type\" of an edit and its parameters, got: {e.Message}",
                e);
        }
    }

    /// <summary>The settings, for model files.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    /// <summary>Throws for the first parameter that is out of its range.</summary>
    public abstract void Validate();

    /// <summary>Changes a clip.</summary>
    /// <exception cref="AudioException">Nothing is left of it; names the file.</exception>
    public MLAudio Apply(MLAudio audio)
    {
        MLAudio result = Change(audio);
        return result.Length > 0 || audio.Length == 0
            ? result
            : throw new AudioException(
                AudioErrorKind.EmptyAudio, audio.Source ?? "audio",
                string.Create(CultureInfo.InvariantCulture,
                $"{Expected}, got {audio.Length} samples ({audio.Duration.TotalSeconds:F3} s) of which nothing is " +
                $"left. Leave the clip out."));
    }

    /// <summary>What a clip must have.</summary>
    protected abstract string Expected { get; }

    /// <summary>The change itself.</summary>
    protected abstract MLAudio Change(MLAudio audio);
}

/// <summary>Cuts silence at both ends, by level.</summary>
internal sealed record SilenceTrim(SilenceTrimmingOptions Options) : AudioEdit
{
    protected override string Expected => "expected something that is not silence";

    public override void Validate() => Options.Validate();

    protected override MLAudio Change(MLAudio audio) => audio.TrimSilence(Options);
}

/// <summary>Cuts what is before and after voice.</summary>
internal sealed record VoiceTrim(VoiceActivityOptions Options) : AudioEdit
{
    protected override string Expected => "expected voice (VoiceActivityOptions)";

    public override void Validate() => Options.Validate();

    protected override MLAudio Change(MLAudio audio) => audio.TrimToVoice(Options);
}

/// <summary>Keeps a part.</summary>
internal sealed record Truncation(TimeSpan Offset, TimeSpan? Duration) : AudioEdit
{
    protected override string Expected =>
        FormattableString.Invariant($"expected audio beyond the offset of {Offset.TotalSeconds} s");

    public override void Validate()
    {
        if (Offset < TimeSpan.Zero)
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                $"Truncation: expected an offset of at least 0 s, got {Offset.TotalSeconds} s."));
        }
        if (Duration <= TimeSpan.Zero)
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                $"Truncation: expected a duration above 0 s, got {Duration.Value.TotalSeconds} s."));
        }
    }

    protected override MLAudio Change(MLAudio audio) => audio.Truncate(Offset, Duration);
}

/// <summary>Changes the level.</summary>
internal sealed record Normalization(AudioNormalization Kind) : AudioEdit
{
    protected override string Expected => "expected samples";

    public override void Validate() => OptionChecks.CheckEnum(Kind, nameof(AudioNormalization));

    protected override MLAudio Change(MLAudio audio) =>
        Kind == AudioNormalization.Peak ? audio.NormalizePeak() : audio.NormalizeMean();
}
