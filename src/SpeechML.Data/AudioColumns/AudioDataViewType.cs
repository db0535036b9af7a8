using System.Runtime.CompilerServices;
using Microsoft.ML.Data;

namespace SpeechML;

/// <summary>
/// The type of a column of <see cref="MLAudio"/>. It is primitive, because its values are immutable and hold nothing
/// that is to be disposed of: <c>Cache</c>, <c>AppendCacheCheckpoint</c> and <c>ShuffleRows</c> keep such columns.
/// </summary>
public sealed class AudioDataViewType : PrimitiveDataViewType
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

#pragma warning disable CA2255 // Data classes may be read before anything else of the library is touched.
    /// <summary>Makes the type known when the library is loaded.</summary>
    [ModuleInitializer]
    internal static void Initialize() => _ = Instance;
#pragma warning restore CA2255

    /// <summary>Lets a plain property of type <see cref="MLAudio"/> be read and written without an attribute.</summary>
    private static AudioDataViewType Register()
    {
        var type = new AudioDataViewType();
        DataViewTypeManager.Register(type, typeof(MLAudio));
        return type;
    }
}
