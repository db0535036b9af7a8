using SpeechML.Audio;
using SpeechML.Audio.Formats.Flac;
using SpeechML.Audio.Formats.SndFile;
using SpeechML.Audio.Formats.Wav;

namespace SpeechML;

/// <summary>
/// Decodes audio files. WAV and its relatives (RIFF, RIFX, RF64, BW64, Wave64) and FLAC need nothing; Ogg Vorbis, Opus,
/// MP3, AIFF, AU and CAF are read
/// through libsndfile. The content decides the format, not the name.
/// </summary>
public static class AudioFile
{
    /// <summary>Samples that are decoded at a time where a file is not read straight into its final array.</summary>
    private const int BlockSamples = 1 << 16;

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
        return Open(stream, path, leaveOpen: false);
    }

    /// <summary>Opens a stream that can seek.</summary>
    internal static AudioReader Open(Stream stream, string name, bool leaveOpen)
    {
        try
        {
            return OpenContent(stream, name, leaveOpen);
        }
        catch (Exception e)
        {
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

    /// <summary>Decodes the rest of a reader to the mean of its channels, without holding the channels.</summary>
    internal static float[] ReadMono(AudioReader reader)
    {
        var mono = new SampleBuffer(reader);
        if (reader.Channels == 1)
        {
            mono.ReadFrom(reader);
            return mono.Finish();
        }
        float[] block = Block(reader);
        for (int frames; (frames = reader.Read(block)) > 0;)
        {
            MeanOfChannels(block.AsSpan(0, frames * reader.Channels), reader.Channels, mono.Append(frames));
        }
        return mono.Finish();
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

    private static AudioReader OpenContent(Stream stream, string name, bool leaveOpen)
    {
        stream.Position = 0;
        Span<byte> start = stackalloc byte[AudioSignature.Length];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (start.IsEmpty)
        {
            throw new AudioException(AudioErrorKind.EmptyFile, name, "expected audio, got an empty file.");
        }
        AudioContainer container = AudioSignature.Detect(start);
        long contentAt = 0;
        if (AudioSignature.TagSize(start) is > 0 and var tagSize && tagSize < stream.Length)
        {
            Span<byte> behindTag = stackalloc byte[AudioSignature.Length];
            stream.Position = tagSize;
            behindTag = behindTag[..stream.ReadAtLeast(behindTag, behindTag.Length, throwOnEndOfStream: false)];
            (container, contentAt) = AudioSignature.Detect(behindTag) == AudioContainer.Flac
                ? (AudioContainer.Flac, tagSize) : (container, 0);
        }
        return container switch
        {
            AudioContainer.Riff => new WavReader(RiffContainer.Read(stream, name), stream, name, leaveOpen),
            AudioContainer.Wave64 => new WavReader(Wave64Container.Read(stream, name), stream, name, leaveOpen),
            AudioContainer.Flac or AudioContainer.OggFlac => OpenFlac(stream, container, contentAt, name, leaveOpen),
            AudioContainer.Unknown => throw new AudioException(AudioErrorKind.NotAudio, name,
                $"expected the signature of WAV, W64, FLAC, Ogg, MP3, AIFF, AU or CAF, got a file that starts with " +
                $"{Convert.ToHexString(start[..Math.Min(8, start.Length)])}."),
            _ => SndFileReader.Open(SndFileLibrary.Default, container, stream, name, leaveOpen),
        };
    }

    private static AudioReader OpenFlac(
        Stream stream, AudioContainer container, long contentAt, string name, bool leaveOpen)
    {
        stream.Position = contentAt;
        Stream content = container == AudioContainer.OggFlac ? new OggFlacStream(stream, name) : stream;
        return FlacReader.TryOpen(content, stream, name, leaveOpen)
            ?? (AudioReader)SndFileReader.Open(SndFileLibrary.Default, container, stream, name, leaveOpen);
    }
}
