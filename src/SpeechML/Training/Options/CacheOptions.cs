using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>Where clips and activations of frozen layers are kept between epochs and trainings.</summary>
public sealed record CacheOptions
{
    /// <summary>
    /// Memory in MiB for clips and frozen activations kept between epochs; what exceeds it goes to a temporary file.
    /// The default is 1024.
    /// </summary>
    [DoesNotAffectResult]
    [InRange("0 or more MiB", Min = 0)]
    [FormerName("CacheMemory")]
    public int Memory { get; set; } = 1024;

    /// <summary>
    /// A folder in which frozen activations are kept for later fits, trials and folds; empty, the default, for none.
    /// They are found again by a hash of the audio, the encoder's configuration and frozen weights, and the
    /// precision, for the same build of this library and number of threads. A damaged or foreign file is never used.
    /// Nothing is kept of augmented audio, and of audio masked by SpecAugment only what frozen convolutions gave.
    /// </summary>
    [DoesNotAffectResult]
    [IsText("a folder, or an empty text for none", MayBeEmpty = true)]
    [FormerName("CacheFolder")]
    public string Folder { get; set; } = "";

    /// <summary>
    /// Disk space in MiB that <see cref="Folder"/> may take; beyond it, what was not used for longest goes. The
    /// default is 10240.
    /// </summary>
    [DoesNotAffectResult]
    [InRange("0 or more MiB", Min = 0)]
    [FormerName("CacheFolderLimit")]
    public int FolderLimit { get; set; } = 10240;

    /// <summary>
    /// How activations are stored in <see cref="Folder"/>; without a folder it changes nothing. The default is as they
    /// were computed.
    /// </summary>
    [NotVaried]
    [FormerName("CachePrecision")]
    public CachePrecision Precision { get; set; } = CachePrecision.Float32;
}
