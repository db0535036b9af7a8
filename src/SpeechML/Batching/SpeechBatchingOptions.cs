using SpeechML.Audio.Options;

namespace SpeechML;

/// <summary>
/// How clips that several threads score one by one are put into batches (<c>UseBatching</c>), as servers of models do.
/// </summary>
[DoesNotAffectResult]
public sealed class SpeechBatchingOptions
{
    /// <summary>Clips of a batch at most. The default is 8.</summary>
    [InRange("at least 1 clip", Min = 1)]
    public int BatchSize { get; set; } = 8;

    /// <summary>
    /// How long the first clip of a batch waits for others, unless the batch is full before; 0 takes what waits
    /// already. The default is 0.005 s.
    /// </summary>
    [InRange("0 s to a minute", Min = 0, Max = 60)]
    public TimeSpan MaxBatchDelay { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate() => OptionModel.Of(typeof(SpeechBatchingOptions)).Validate(this);
}
