using System.Runtime.CompilerServices;
using NAudio.Wave;
using SpeechML.Audio;
using SpeechML.Audio.Sources;

namespace SpeechML;

// Where audio comes from, and goes to, beside files.
public sealed partial class MLAudio
{
    /// <summary>
    /// Decodes the content of a stream as a file of it would be decoded: any format, the mean of its channels, its own
    /// rate. Safe for content that somebody else sent: bytes, seconds and memory are limited.
    /// </summary>
    /// <param name="stream">A stream that can seek is read from its beginning, another from where it is, to memory
    /// first. It is left open.</param>
    /// <param name="name">What errors call it; null is "stream".</param>
    /// <param name="options">Refuses what <c>LoadAudio</c> refuses with them (cut-off, silent and other suspect
    /// recordings), and takes their channel; null, the default, refuses only what cannot be decoded.</param>
    /// <param name="limits">How much is taken; null is 256 MiB and 1 hour.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="AudioException">The content is damaged, not audio, beyond a limit, or suspect; the kind says
    /// which.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static MLAudio FromStream(
        Stream stream, string? name = null, AudioLoadingOptions? options = null, AudioLimits? limits = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        limits = Checked(options, limits);
        name ??= nameof(stream);
        return FromContent(BoundedContent.Of(stream, name, limits, cancellation), name, options, limits, cancellation);
    }

    /// <summary>
    /// Decodes the content of a stream as <see cref="FromStream"/> does. What cannot seek (the body of a request) is
    /// read without blocking a thread; the decoding itself takes the thread that goes on.
    /// </summary>
    /// <inheritdoc cref="FromStream"/>
    public static async Task<MLAudio> FromStreamAsync(
        Stream stream, string? name = null, AudioLoadingOptions? options = null, AudioLimits? limits = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        limits = Checked(options, limits);
        name ??= nameof(stream);
        Stream content = await BoundedContent.OfAsync(stream, name, limits, cancellation).ConfigureAwait(false);
        return FromContent(content, name, options, limits, cancellation);
    }

    /// <summary>Decodes the bytes of a file as <see cref="FromStream"/> does.</summary>
    /// <param name="bytes">The whole file, which is not copied.</param>
    /// <param name="name">What errors call it; null is "bytes".</param>
    /// <param name="options"><inheritdoc cref="FromStream"/></param>
    /// <param name="limits"><inheritdoc cref="FromStream"/></param>
    /// <param name="cancellation"><inheritdoc cref="FromStream"/></param>
    /// <inheritdoc cref="FromStream"/>
    public static unsafe MLAudio FromBytes(
        ReadOnlySpan<byte> bytes, string? name = null, AudioLoadingOptions? options = null, AudioLimits? limits = null,
        CancellationToken cancellation = default)
    {
        fixed (byte* first = bytes)
        {
            byte none = 0; // a pointer to no bytes must not be null
            using var stream = new UnmanagedMemoryStream(first is null ? &none : first, bytes.Length);
            return FromStream(stream, name ?? nameof(bytes), options, limits, cancellation);
        }
    }

    /// <summary>
    /// Records from a provider of samples of NAudio (a mixer, an effect, a file, a microphone's buffer): the mean of
    /// its channels, its own rate. Each call goes on where the last one ended, so that calls in turn give windows.
    /// </summary>
    /// <param name="provider">Read as fast as it gives; it is not disposed of.</param>
    /// <param name="limit">How much is recorded at most; less where the provider ends before (nothing, 0 samples, where
    /// it has ended). Null records to its end, which must come within an hour.</param>
    /// <param name="cancellation">Ends it between two answers of the provider.</param>
    /// <exception cref="ArgumentException">The provider has no end, and no limit is given; or its bytes are coded
    /// otherwise.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="AudioException">A sample is not finite, or no end came within an hour.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; what was read is lost.</exception>
    [OverloadResolutionPriority(1)] // some of NAudio's readers provide samples and bytes
    public static MLAudio FromSampleProvider(
        ISampleProvider provider, TimeSpan? limit = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return Recording.Take(new SampleProviderReader(provider, provider.GetType().Name), limit, cancellation);
    }

    /// <summary>
    /// Records from a provider of bytes of NAudio as <see cref="FromSampleProvider(ISampleProvider, TimeSpan?,
    /// CancellationToken)"/> does: PCM, floating point, A-law or mu-law, decoded as in a WAV file.
    /// </summary>
    /// <param name="provider">Read as fast as it gives. A <see cref="BufferedWaveProvider"/>, which a microphone
    /// fills, gives silence without end while <see cref="BufferedWaveProvider.ReadFully"/> is set.</param>
    /// <param name="limit"><inheritdoc
    /// cref="FromSampleProvider(ISampleProvider, TimeSpan?, CancellationToken)"/></param>
    /// <param name="cancellation"><inheritdoc
    /// cref="FromSampleProvider(ISampleProvider, TimeSpan?, CancellationToken)"/></param>
    /// <inheritdoc cref="FromSampleProvider(ISampleProvider, TimeSpan?, CancellationToken)"/>
    public static MLAudio FromSampleProvider(
        IWaveProvider provider, TimeSpan? limit = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(provider);
        if (limit is null && provider is BufferedWaveProvider { ReadFully: true })
        {
            throw new ArgumentException(
                "FromSampleProvider: expected a limit for a BufferedWaveProvider that gives silence where its buffer " +
                "is empty (ReadFully), got none: it never ends. Give a limit, or set ReadFully to false.",
                nameof(limit));
        }
        return Recording.Take(new WaveProviderReader(provider, provider.GetType().Name), limit, cancellation);
    }

    /// <summary>The audio for NAudio: players, mixers, effects. Each provider begins at the first sample.</summary>
    public ISampleProvider ToSampleProvider() => new MemorySampleProvider(_samples, SampleRate);

    /// <summary>Writes a WAV file with one channel; it appears whole or not at all, and replaces one that is there.
    /// </summary>
    /// <param name="path">A path, or an address (<c>gs://...</c>).</param>
    /// <param name="encoding">How samples are stored. The default is 16 bits.</param>
    /// <exception cref="AudioException">The samples are more than a WAV file can hold (4 GB).</exception>
    /// <exception cref="StorageException">The file could not be written.</exception>
    public void WriteWav(string path, WavEncoding encoding = WavEncoding.Pcm16)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        StoragePath.Write(path, stream => WavFile.Write(stream, _samples, SampleRate, encoding), overwrite: true);
    }

    /// <summary>Writes a WAV file with one channel to a stream.</summary>
    /// <param name="stream">Written from where it is; it is left open. One that cannot seek gets the file when it is
    /// whole.</param>
    /// <param name="encoding">How samples are stored. The default is 16 bits.</param>
    /// <exception cref="AudioException">The samples are more than a WAV file can hold (4 GB).</exception>
    public void WriteWav(Stream stream, WavEncoding encoding = WavEncoding.Pcm16)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var whole = new MemoryStream();
        WavFile.Write(whole, _samples, SampleRate, encoding);
        whole.WriteTo(stream);
    }

    private static AudioLimits Checked(AudioLoadingOptions? options, AudioLimits? limits)
    {
        options?.Validate();
        limits?.Validate();
        return limits ?? AudioLimits.Default;
    }

    private static MLAudio FromContent(
        Stream content, string name, AudioLoadingOptions? options, AudioLimits limits, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using AudioReader reader = AudioFile.Open(content, name, leaveOpen: true, limits, cancellation: cancellation);
        return options is null ? new MLAudio(AudioFile.ReadMono(reader), reader.SampleRate, name)
            : FromReader(reader, name, options);
    }
}
