using Microsoft.ML.Data;

namespace SpeechML;

/// <summary>The type of a column of <see cref="MLAudio"/>.</summary>
public sealed class AudioDataViewType : StructuredDataViewType
{
    private AudioDataViewType()
        : base(typeof(MLAudio))
    {
    }

    /// <summary>The only instance: rate and length belong to each clip, not to the column.</summary>
    public static AudioDataViewType Instance { get; } = Register();

    /// <inheritdoc/>
    public override bool Equals(DataViewType? other) => other is AudioDataViewType;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is AudioDataViewType;

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(AudioDataViewType).GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => "Audio";

    /// <summary>Lets a plain property of type <see cref="MLAudio"/> be read and written without an attribute.</summary>
    private static AudioDataViewType Register()
    {
        var type = new AudioDataViewType();
        DataViewTypeManager.Register(type, typeof(MLAudio));
        return type;
    }
}

/// <summary>Marks a property or field of type <see cref="MLAudio"/> as an audio column of a data class.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class AudioTypeAttribute : DataViewTypeAttribute
{
    /// <inheritdoc/>
    public override void Register() => DataViewTypeManager.Register(AudioDataViewType.Instance, typeof(MLAudio), this);

    /// <inheritdoc/>
    public override bool Equals(DataViewTypeAttribute? other) => other is AudioTypeAttribute;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is AudioTypeAttribute;

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(AudioTypeAttribute).GetHashCode();
}
