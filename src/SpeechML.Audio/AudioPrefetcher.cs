using SpeechML.Audio.Streaming;

namespace SpeechML.Audio;

/// <summary>Decodes files ahead of their consumer: mono, at one sample rate.</summary>
internal static class AudioPrefetcher
{
    /// <summary>
    /// Starts decoding; the results come in the order of the paths, and a bad file's <see cref="AudioException"/> in
    /// its place.
    /// </summary>
    /// <param name="paths">The files.</param>
    /// <param name="sampleRate">The rate of the results (Hz); null keeps that of each file.</param>
    /// <param name="options">How to resample; null is <see cref="ResamplingOptions.Hann"/>.</param>
    /// <param name="limits">How far to run ahead, the size in samples; null for the defaults.</param>
    /// <param name="cancellation">Stops the workers.</param>
    public static ReadAhead<string, MLAudio> Start(
        IEnumerable<string> paths, int? sampleRate = null, ResamplingOptions? options = null,
        ReadAheadLimits? limits = null, CancellationToken cancellation = default) =>
        new(paths, path => sampleRate is { } rate ? MLAudio.FromFile(path, rate, options) : MLAudio.FromFile(path),
            audio => audio.Length, limits, cancellation);
}
