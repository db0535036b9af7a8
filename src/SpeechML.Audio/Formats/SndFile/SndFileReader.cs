namespace SpeechML.Audio.Formats.SndFile;

/// <summary>
/// Reads through libsndfile. The length it announces is not believed: what a damaged or streamed file delivers is
/// counted.
/// </summary>
internal sealed unsafe class SndFileReader : AudioReader
{
    /// <summary><c>SF_COUNT_MAX</c>: what libsndfile announces where the length is not known.</summary>
    private const long UnknownLength = long.MaxValue;

    private const int UnrecognisedFormat = 1; // SF_ERR_UNRECOGNISED_FORMAT

    private readonly SndFileLibrary _library;
    private readonly AudioContainer _container;
    private readonly Stream _stream;
    private readonly SndFileStream _source;
    private readonly bool _leaveOpen;
    private readonly long _announced;
    private void* _handle;
    private long _delivered;
    private bool _ended;

    private SndFileReader(SndFileLibrary library, AudioContainer container, Stream stream, string name, bool leaveOpen,
        bool isCutOff)
        : base(name)
    {
        _library = library;
        _container = container;
        _stream = stream;
        _leaveOpen = leaveOpen;
        Truncated = isCutOff;
        _source = new SndFileStream(stream, hidesEnd: container == AudioContainer.Mpeg);
        SndFileLibrary.VirtualFile callbacks = SndFileStream.Callbacks;
        SndFileLibrary.FileFacts facts = default;
        _handle = library.Open(&callbacks, &facts, _source.User);
        if (_handle == null)
        {
            AudioException error = OpenError();
            _source.Dispose();
            throw error;
        }
        SampleRate = facts.SampleRate;
        Channels = facts.Channels;
        _announced = facts.Frames;
        MayHoldNonFinite = true;
        if (facts.SampleRate <= 0 || facts.Channels is <= 0 or > MaxChannels)
        {
            Close();
            throw facts.SampleRate <= 0
                ? new AudioException(AudioErrorKind.BadRate, name,
                    $"expected a positive sample rate, got {facts.SampleRate} Hz.")
                : new AudioException(AudioErrorKind.BadChannels, name,
                    $"expected 1 to {MaxChannels} channels, got {facts.Channels}.");
        }
    }

    public override long? Announced => _announced is > 0 and < UnknownLength ? _announced : null;

    /// <summary>Opens a stream that can seek, from its beginning.</summary>
    public static SndFileReader Open(
        SndFileLibrary library, AudioContainer container, Stream stream, string name, bool leaveOpen)
    {
        if (!library.IsAvailable)
        {
            throw library.Missing(name, Describe(container));
        }
        bool isCutOff = container == AudioContainer.Other && DeclaredSize.ExceedsFile(stream);
        if (container == AudioContainer.Other)
        {
            DeclaredSize.Check(stream, name);
        }
        if (container == AudioContainer.Wave64)
        {
            (long end, isCutOff) = Wave64Chunks.EndOfSamples(stream);
            stream = end < stream.Length ? new SegmentStream(stream, new Segment(0, end)) : stream;
        }
        stream.Position = 0;
        return new SndFileReader(library, container, stream, name, leaveOpen, isCutOff);
    }

    public override void Dispose()
    {
        Close();
        if (!_leaveOpen)
        {
            _stream.Dispose();
        }
    }

    protected override int ReadCore(Span<float> interleaved)
    {
        if (_ended || interleaved.IsEmpty)
        {
            return 0;
        }
        long wanted = interleaved.Length / Channels;
        long frames;
        fixed (float* target = interleaved)
        {
            frames = _library.ReadFrames(_handle, target, wanted);
        }
        if (_source.Failure is { } failure)
        {
            throw new AudioException(
                AudioErrorKind.Unreadable, Name, $"expected a readable file, got: {failure.Message}", failure);
        }
        _delivered += frames;
        if (frames < wanted)
        {
            _ended = true;
            CheckEnd();
        }
        return (int)frames;
    }

    /// <summary>
    /// libsndfile reports few damages: a lossless stream that delivers less than it announced is taken for a damaged
    /// one.
    /// </summary>
    private void CheckEnd()
    {
        int error = _library.Error(_handle);
        bool isShort = _announced != UnknownLength && _delivered < _announced;
        if (_delivered > 0 && (error != 0 || (isShort && _container == AudioContainer.Flac)))
        {
            throw new AudioException(AudioErrorKind.CorruptStream, Name, _announced == UnknownLength
                ? $"expected intact frames, got damage after frame {_delivered} ({_library.Message(_handle)})."
                : $"expected {_announced} frames, got " +
                    $"{_delivered}{(error != 0 ? $" ({_library.Message(_handle)})" : string.Empty)}.");
        }
        Truncated |= isShort;
    }

    private static string Describe(AudioContainer container) => container switch
    {
        AudioContainer.Flac or AudioContainer.OggFlac => "FLAC of more than 24 bits",
        AudioContainer.Ogg => "Ogg",
        AudioContainer.Wave64 => "Wave64",
        _ => "this format (AIFF, AU, CAF, ...)",
    };

    private AudioException OpenError()
    {
        if (_source.Failure is { } failure)
        {
            return new AudioException(
                AudioErrorKind.Unreadable, Name, $"expected a readable file, got: {failure.Message}", failure);
        }
        string message = _library.Message(null);
        if (_container == AudioContainer.Mpeg && _library.Error(null) == UnrecognisedFormat)
        {
            return new AudioException(
                AudioErrorKind.NotAudio, Name, $"expected audio, got a file that libsndfile refuses: {message}.");
        }
        return _source.EndWasMet || Truncated
            ? new AudioException(AudioErrorKind.TruncatedHeader, Name,
                $"expected as many bytes as the header says, got the end of the file before them ({message}).")
            : new AudioException(AudioErrorKind.CorruptStream, Name,
                $"expected an intact header, got one that libsndfile refuses: {message}.");
    }

    private void Close()
    {
        if (_handle != null)
        {
            _library.Close(_handle);
            _handle = null;
        }
        _source.Dispose();
    }
}
