using System.Runtime.InteropServices;

namespace SpeechML.Audio.Formats.SndFile;

/// <summary>
/// Lets libsndfile read from a .NET stream, which spares it file names in the system's encoding. An exception cannot
/// cross native code: it is kept
/// and the call returns 0.
/// </summary>
internal sealed unsafe class SndFileStream : IDisposable
{
    private readonly Stream _stream;
    private readonly bool _hidesEnd;
    private GCHandle _self;

    /// <summary>Wraps a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="hidesEnd">Whether the way to the end is refused, so that no length is guessed from it: mpg123 then
    /// decodes until nothing is left.</param>
    public SndFileStream(Stream stream, bool hidesEnd)
    {
        _stream = stream;
        _hidesEnd = hidesEnd;
        _self = GCHandle.Alloc(this);
    }

    /// <summary>What reading the stream threw, if anything.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether a read asked for more bytes than were left.</summary>
    public bool EndWasMet { get; private set; }

    /// <summary>What libsndfile hands back to the callbacks.</summary>
    public void* User => (void*)GCHandle.ToIntPtr(_self);

    public static SndFileLibrary.VirtualFile Callbacks => new()
    {
        Length = &GetLength,
        Seek = &Seek,
        Read = &Read,
        Write = &Write,
        Tell = &Tell,
    };

    public void Dispose()
    {
        if (_self.IsAllocated)
        {
            _self.Free();
        }
    }

    private static SndFileStream Of(void* user) => (SndFileStream)GCHandle.FromIntPtr((nint)user).Target!;

    [UnmanagedCallersOnly]
    private static long GetLength(void* user) => Of(user).Try(s => s.Length);

    [UnmanagedCallersOnly]
    private static long Tell(void* user) => Of(user).Try(s => s.Position);

    [UnmanagedCallersOnly]
    private static long Seek(long offset, int whence, void* user) => Of(user).SeekTo(offset, whence);

    [UnmanagedCallersOnly]
    private static long Read(void* target, long count, void* user)
    {
        SndFileStream self = Of(user);
        long read = self.Try(s =>
            s.ReadAtLeast(new Span<byte>(target, (int)Math.Min(count, int.MaxValue)),
            (int)Math.Min(count, int.MaxValue), throwOnEndOfStream: false));
        self.EndWasMet |= read < count;
        return read;
    }

    [UnmanagedCallersOnly]
    private static long Write(void* source, long count, void* user) => 0;

    private long SeekTo(long offset, int whence)
    {
        const int FromEnd = 2; // SEEK_END
        return _hidesEnd && whence == FromEnd ? -1 : Try(s =>
        {
            long from = whence switch { 0 => 0, 1 => s.Position, _ => s.Length }; // SEEK_SET, SEEK_CUR, SEEK_END
            Int128 target = (Int128)from + offset; // the offset may be a size that a file says, of any value
            if (target < 0)
            {
                return -1; // as of a file: libsndfile then reads on where it is
            }
            s.Position = (long)Int128.Min(target, s.Length);
            return s.Position;
        });
    }

    private long Try(Func<Stream, long> call)
    {
        try
        {
            return call(_stream);
        }
#pragma warning disable CA1031 // Any exception that left this method would end the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Failure ??= e;
            return 0;
        }
    }
}
