using SpeechML.Audio;
using SpeechML.Audio.Decoders;
using SpeechML.Audio.Formats;
using SpeechML.Audio.Formats.Flac;
using SpeechML.Audio.Formats.Mpeg;
using SpeechML.Audio.Formats.Ogg;
using SpeechML.Audio.Formats.SndFile;
using SpeechML.Audio.Formats.Wav;
using SpeechML.Audio.Measures;
using SpeechML.Audio.Sources;

namespace SpeechML;

/// <summary>
/// Decodes audio files. WAV (RIFF, RIFX, RF64, BW64; PCM, float, A-law, mu-law) and FLAC need nothing; Ogg Vorbis,
/// Opus, MP3, AIFF, AU, CAF, Wave64 and WAV of ADPCM or GSM are read through libsndfile, others by what
/// <see cref="AudioDecoders"/> has. The content decides the format, not the name.
/// </summary>
public static class AudioFile
{
    /// <summary>Samples that are decoded at a time where a file is not read straight into its final array.</summary>
    private const int BlockSamples = 1 << 16;

    /// <summary>Zeros that are passed over in search of MPEG frames.</summary>
    private const long MaxZeros = 1 << 20;

    /// <summary>Decodes a file, all channels.</summary>
    /// <exception cref="AudioException">The file is missing, damaged, or not audio; the kind says which.</exception>
    public static DecodedAudio Read(string path)
    {
        using AudioReader reader = Open(path);
        return ReadAll(reader);
    }

    /// <summary>Decodes a stream from its beginning, all channels.</summary>
    /// <param name="stream">A stream that can seek is read in place, another is copied to memory first. It is left
    /// open.</param>
    /// <param name="name">What errors call the stream.</param>
    /// <exception cref="AudioException">The content is damaged, or not audio; the kind says which.</exception>
    public static DecodedAudio Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.CanSeek)
        {
            using AudioReader direct = Open(stream, name, leaveOpen: true);
            return ReadAll(direct);
        }
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        using AudioReader reader = Open(copy, name, leaveOpen: false);
        return ReadAll(reader);
    }

    /// <summary>Opens a file for reading block by block.</summary>
    /// <param name="path">A path, or an address (<c>gs://...</c>).</param>
    internal static AudioReader Open(string path) =>
        StoragePath.IsRemote(path) ? Open(StoredAudio.Fetch(path), path) : Open(path, path);

    /// <summary>Opens a file that messages call otherwise.</summary>
    internal static AudioReader Open(string file, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        FileStream stream;
        try
        {
            if (Directory.Exists(file))
            {
                throw new AudioException(AudioErrorKind.IsDirectory, path, "expected an audio file, got a folder.");
            }
            stream = new FileStream(
                file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1 << 15);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new AudioException(
                AudioErrorKind.NotFound, path, "expected an audio file, got no file of that name.", e);
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new AudioException(AudioErrorKind.Unreadable, path, $"expected a readable file, got: {e.Message}", e);
        }
        if (!stream.CanSeek)
        {
            stream.Dispose();
            throw new AudioException(
                AudioErrorKind.Unreadable, path, "expected a regular file, got a pipe or a device.");
        }
        return Open(stream, path, leaveOpen: false, path: Path.GetFullPath(file));
    }

    /// <summary>
    /// How many seconds a file says it has; one that does not say is decoded, block by block, and counted.
    /// </summary>
    /// <exception cref="AudioException">The file is missing, damaged, or not audio.</exception>
    internal static double Seconds(string file)
    {
        using AudioReader reader = Open(file);
        return (double)(reader.Announced ?? Count(reader)) / reader.SampleRate;
    }

    /// <summary>Opens a stream that can seek.</summary>
    /// <param name="stream">The content.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="leaveOpen">Whether the stream stays open.</param>
    /// <param name="limits">How much may be read; null for all.</param>
    /// <param name="path">The file on this machine, where it is one.</param>
    /// <param name="cancellation">Ends it; only looked at where there are limits.</param>
    internal static AudioReader Open(
        Stream stream, string name, bool leaveOpen, AudioLimits? limits = null, string? path = null,
        CancellationToken cancellation = default)
    {
        AudioReader? reader = null;
        try
        {
            reader = OpenHereOrElsewhere(stream, name, leaveOpen, path, limits?.MaxDuration, cancellation);
            return limits is null ? reader : new LimitedReader(reader, limits, cancellation);
        }
        catch (Exception e)
        {
            reader?.Dispose();
            if (!leaveOpen)
            {
                stream.Dispose();
            }
            if (e is IOException)
            {
                throw new AudioException(
                    AudioErrorKind.Unreadable, name, $"expected a readable file, got: {e.Message}", e);
            }
            throw;
        }
    }

    /// <summary>Decodes the rest of a reader to one array per channel.</summary>
    internal static DecodedAudio ReadAll(AudioReader reader)
    {
        var channels = new SampleBuffer[reader.Channels];
        for (int c = 0; c < channels.Length; c++)
        {
            channels[c] = new SampleBuffer(reader);
        }
        if (channels.Length == 1)
        {
            channels[0].ReadFrom(reader);
        }
        else
        {
            float[] block = Block(reader);
            for (int frames; (frames = reader.Read(block)) > 0;)
            {
                for (int c = 0; c < channels.Length; c++)
                {
                    Span<float> target = channels[c].Append(frames);
                    for (int i = 0, at = c; i < target.Length; i++, at += channels.Length)
                    {
                        target[i] = block[at];
                    }
                }
            }
        }
        return new DecodedAudio(Array.ConvertAll(channels, c => c.Finish()), reader.SampleRate, reader.Truncated);
    }

    /// <summary>
    /// Decodes the rest of a reader to one of its channels or to their mean, without holding the channels.
    /// </summary>
    /// <param name="reader">The file.</param>
    /// <param name="channel">The channel, from 0; null for the mean.</param>
    /// <param name="meter">Measures the channels where their mean is taken.</param>
    internal static float[] ReadMono(AudioReader reader, int? channel = null, ChannelMeter? meter = null)
    {
        CheckChannel(reader, channel);
        var mono = new SampleBuffer(reader);
        if (reader.Channels == 1)
        {
            mono.ReadFrom(reader);
            return mono.Finish();
        }
        float[] block = Block(reader);
        for (int frames; (frames = reader.Read(block)) > 0;)
        {
            ReadOnlySpan<float> interleaved = block.AsSpan(0, frames * reader.Channels);
            Span<float> target = mono.Append(frames);
            ToMono(interleaved, reader.Channels, channel, target);
            meter?.Add(interleaved, target);
        }
        return mono.Finish();
    }

    /// <summary>Throws where a file has no such channel.</summary>
    internal static void CheckChannel(AudioReader reader, int? channel)
    {
        if (channel >= reader.Channels)
        {
            throw new AudioException(AudioErrorKind.BadChannels, reader.Name,
                $"expected channel {channel} (the first is 0), got {reader.Channels} " +
                $"channel{(reader.Channels == 1 ? "" : "s")}.");
        }
    }

    /// <summary>One channel of interleaved frames, or the mean of all.</summary>
    internal static void ToMono(ReadOnlySpan<float> interleaved, int channels, int? channel, Span<float> mono)
    {
        if (channel is not { } one)
        {
            MeanOfChannels(interleaved, channels, mono);
            return;
        }
        for (int i = 0; i < mono.Length; i++)
        {
            mono[i] = interleaved[(i * channels) + one];
        }
    }

    /// <summary>The mean over the channels of interleaved frames.</summary>
    internal static void MeanOfChannels(ReadOnlySpan<float> interleaved, int channels, Span<float> mono)
    {
        if (channels == 2)
        {
            for (int i = 0; i < mono.Length; i++)
            {
                // Halved before: the sum of two large samples need not fit.
                mono[i] = (0.5f * interleaved[2 * i]) + (0.5f * interleaved[(2 * i) + 1]);
            }
            return;
        }
        for (int i = 0; i < mono.Length; i++)
        {
            float sum = 0;
            double wide = 0;
            foreach (float sample in interleaved.Slice(i * channels, channels))
            {
                sum += sample;
                wide += sample;
            }
            mono[i] = float.IsFinite(sum) ? sum / channels : (float)(wide / channels);
        }
    }

    /// <summary>A buffer for whole frames, no larger than the file can fill.</summary>
    internal static float[] Block(AudioReader reader)
    {
        long frames = Math.Max(1, BlockSamples / reader.Channels);
        return new float[Math.Min(frames, Math.Max(1, reader.Frames ?? frames)) * reader.Channels];
    }

    /// <summary>Opens the stream of one codec, without a container's page structure being looked at.</summary>
    internal static AudioReader OpenCodec(Stream stream, AudioContainer container, string name, bool leaveOpen)
    {
        stream.Position = 0;
        if (container is AudioContainer.Flac or AudioContainer.OggFlac)
        {
            Stream content = container == AudioContainer.OggFlac ? new OggFlacStream(stream) : stream;
            if (FlacReader.TryOpen(content, stream, name, leaveOpen) is { } reader)
            {
                return reader;
            }
        }
        return SndFileReader.Open(SndFileLibrary.Default, container, stream, name, leaveOpen);
    }

    /// <summary>Opens a format that is decoded here, or one that a registered decoder knows.</summary>
    private static AudioReader OpenHereOrElsewhere(
        Stream stream, string name, bool leaveOpen, string? path, TimeSpan? maxDuration, CancellationToken cancellation)
    {
        try
        {
            return OpenContent(stream, name, leaveOpen);
        }
        catch (AudioException e) when (e.IsOtherFormat && FindDecoder(stream) is not null)
        {
        }
        IAudioDecoder decoder = FindDecoder(stream)!;
        stream.Position = 0;
        AudioDecoderOutput output = decoder.Decode(
            new AudioDecoderInput(name, path, stream, maxDuration, cancellation));
        if (!leaveOpen)
        {
            stream.Dispose();
        }
        try
        {
            output.Content.Position = 0;
            return new DecodedReader(OpenContent(output.Content, name, leaveOpen: false), output.Truncated);
        }
        catch
        {
            output.Content.Dispose();
            throw;
        }
    }

    private static long Count(AudioReader reader)
    {
        float[] block = Block(reader);
        long all = 0;
        for (int frames; (frames = reader.Read(block)) > 0;)
        {
            all += frames;
        }
        return all;
    }

    private static IAudioDecoder? FindDecoder(Stream stream)
    {
        if (AudioDecoders.Names.Count == 0)
        {
            return null;
        }
        Span<byte> head = stackalloc byte[ForeignFormats.HeadSize];
        return AudioDecoders.Find(Head(stream, Tags.Skip(stream, 0), head));
    }

    private static AudioReader OpenContent(Stream stream, string name, bool leaveOpen)
    {
        (AudioContainer container, long at) = Find(stream, name);
        Stream content = SegmentStream.Behind(stream, at);
        return container switch
        {
            AudioContainer.Riff => OpenWav(RiffContainer.Read(content, name), content, name, leaveOpen),
            AudioContainer.Ogg or AudioContainer.OggFlac => OggReader.Open(content, name, leaveOpen),
            AudioContainer.Mpeg => MpegReader.Open(SndFileLibrary.Default, content, name, leaveOpen),
            _ => OpenCodec(content, container, name, leaveOpen),
        };
    }

    /// <summary>The container of a file, and where it begins: behind tags, and behind zeros before MPEG.</summary>
    private static (AudioContainer Container, long At) Find(Stream stream, string name)
    {
        Span<byte> head = stackalloc byte[ForeignFormats.HeadSize];
        long at = Tags.Skip(stream, 0);
        Span<byte> start = Head(stream, at, head);
        if (start.IsEmpty)
        {
            throw stream.Length == 0
                ? new AudioException(AudioErrorKind.EmptyFile, name, "expected audio, got an empty file.")
                : new AudioException(AudioErrorKind.TruncatedHeader, name,
                    $"expected audio behind the tag, got the end of the file after {stream.Length} bytes.");
        }
        AudioContainer container = AudioSignature.Detect(start);
        if (container is AudioContainer.Unknown or AudioContainer.Riff or AudioContainer.Other
            && ForeignFormats.Of(start) is { } foreign)
        {
            throw ForeignFormats.Refuse(name, foreign);
        }
        if (container != AudioContainer.Unknown)
        {
            return (container, at);
        }
        long behind = Tags.Skip(stream, Tags.SkipZeros(stream, at, MaxZeros));
        if (behind > at && AudioSignature.Detect(Head(stream, behind, head)) == AudioContainer.Mpeg)
        {
            return (AudioContainer.Mpeg, behind);
        }
        if (at > 0)
        {
            return (AudioContainer.Mpeg, at); // the frames may begin behind a piece of one
        }
        start = Head(stream, 0, head);
        throw ForeignFormats.NoAudio(start, name) ?? new AudioException(AudioErrorKind.NotAudio, name,
            $"expected the signature of WAV, W64, FLAC, Ogg, MP3, AIFF, AU or CAF, got a file that starts with " +
            $"{Convert.ToHexString(start[..Math.Min(8, start.Length)])}.")
        {
            IsOtherFormat = true,
        };
    }

    private static Span<byte> Head(Stream stream, long at, Span<byte> head)
    {
        stream.Position = at;
        return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }

    private static AudioReader OpenWav(WavLayout layout, Stream stream, string name, bool leaveOpen)
    {
        var format = WavFormat.Parse(layout.Format, layout.BigEndian, name);
        if (BlockFormat.Of(format, name) is { } blocks)
        {
            return BlockReader.Open(SndFileLibrary.Default, layout, blocks, stream, name, leaveOpen);
        }
        if (format.Tag is not (WavTag.Mpeg or WavTag.Mp3))
        {
            return new WavReader(layout, format, stream, name, leaveOpen);
        }
        var frames = new SegmentStream(stream, new Segment(layout.DataPosition, layout.DataLength));
        try
        {
            return MpegReader.Open(SndFileLibrary.Default, frames, name, leaveOpen, layout.Truncated);
        }
        catch (AudioException e) when (e.Kind == AudioErrorKind.NotAudio)
        {
            throw new AudioException(AudioErrorKind.UnknownFormat, name,
                $"expected MPEG frames in a WAV of format 0x{format.Tag:X4}, got none that another follows. Convert " +
                $"it to PCM: {ForeignFormats.Command(name)}.", e);
        }
    }
}
