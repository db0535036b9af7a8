namespace SpeechML;

/// <summary>How frozen activations are stored in <see cref="CacheOptions.Folder"/>.</summary>
public enum CachePrecision
{
#pragma warning disable CA1720 // The types of the values are what is chosen.
    /// <summary>As they were computed.</summary>
    Float32,

    /// <summary>
    /// Rounded to half precision: half the disk space, about three decimal digits. The run that computes them trains on
    /// the rounded values too.
    /// </summary>
    Float16,
#pragma warning restore CA1720
}
