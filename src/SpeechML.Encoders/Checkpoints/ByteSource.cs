using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using SpeechML.Encoders.Checkpoints.Mapping;

namespace SpeechML.Encoders.Checkpoints;

/// <summary>Bytes that are read at any position: a memory-mapped file or a stream. Thread-safe.</summary>
internal abstract class ByteSource(string name, long length) : IDisposable
{
    /// <summary>The file's path, or what messages call the stream.</summary>
    public string Name { get; } = name;

    public long Length { get; } = length;

    /// <summary>Opens a file.</summary>
    /// <exception cref="CheckpointException">There is no such file.</exception>
    public static ByteSource OpenFile(string path) => OpenFile(path, path);

    /// <summary>Opens a file that messages call otherwise.</summary>
    public static ByteSource OpenFile(string path, string name)
    {
        try
        {
            return new FileSource(path, name);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(name, null, "a checkpoint file", "nothing: there is no such file", error);
        }
    }

    /// <summary>
    /// Takes a stream's bytes from its position on. A stream that cannot seek goes through a temporary file, so that
    /// sizes can be checked against what is there.
    /// </summary>
    public static ByteSource OpenStream(Stream stream, string name)
    {
        if (stream.CanSeek)
        {
            return new StreamSource(stream, name, ownsStream: false);
        }
        string path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName());
        var copy = new FileStream(
            path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        try
        {
            stream.CopyTo(copy);
            copy.Position = 0;
            return new StreamSource(copy, name, ownsStream: true);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Takes a part of an open file, which stays the caller's.</summary>
    /// <param name="file">The file, open while bytes are read.</param>
    /// <param name="start">Its first byte; the caller has checked that the part lies inside.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="name">What messages call it.</param>
    public static ByteSource OfPart(SafeFileHandle file, long start, long length, string name) =>
        new PartSource(file, start, length, name);

    /// <summary>
    /// All bytes where they lie, without a copy; <see langword="null"/> where that is not safe. The caller disposes it.
    /// </summary>
    public virtual MappedFile? Map() => null;

    /// <summary>
    /// Fills <paramref name="destination"/> from <paramref name="offset"/>; the caller has checked that it lies inside.
    /// </summary>
    public abstract void Read(long offset, Span<byte> destination);

    /// <summary>
    /// Copies a range that may be larger than an array can be; the caller has checked that it lies inside.
    /// </summary>
    public abstract unsafe void Copy(long offset, byte* destination, long count);

    /// <inheritdoc/>
    public abstract void Dispose();

    private void ReadWhole(SafeFileHandle file, long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int read = RandomAccess.Read(file, destination, offset);
            if (read == 0)
            {
                throw new CheckpointException(
                    Name, null, $"{Length} bytes, as when it was opened", $"an end of file at byte {offset}");
            }
            destination = destination[read..];
            offset += read;
        }
    }

    private sealed class FileSource : ByteSource
    {
        private readonly FileStream _file;
        private readonly MemoryMappedFile? _map;

        public FileSource(string path, string name)
            : this(name, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1))
        {
        }

        private FileSource(string name, FileStream file)
            : base(name, file.Length)
        {
            _file = file;
            // An empty file cannot be mapped.
            _map = file.Length == 0 ? null
                : MemoryMappedFile.CreateFromFile(
                file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        }

        public override void Read(long offset, Span<byte> destination) =>
            ReadWhole(_file.SafeFileHandle, offset, destination);

        public override MappedFile? Map() => MappedFile.TryOpen(_file.SafeFileHandle, 0, Length);

        public override unsafe void Copy(long offset, byte* destination, long count)
        {
            // Small views, unmapped at once: what is mapped counts towards the process's memory beside the tensor that
            // it is copied to.
            const long Piece = 1 << 24;
            for (long done = 0; done < count; done += Piece)
            {
                CopyPiece(offset + done, destination + done, Math.Min(Piece, count - done));
            }
        }

        private unsafe void CopyPiece(long offset, byte* destination, long count)
        {
            using MemoryMappedViewAccessor view = _map!.CreateViewAccessor(offset, count, MemoryMappedFileAccess.Read);
            byte* source = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref source);
            try
            {
                Buffer.MemoryCopy(source + view.PointerOffset, destination, count, count);
            }
            finally
            {
                view.SafeMemoryMappedViewHandle.ReleasePointer();
            }
        }

        public override void Dispose()
        {
            _map?.Dispose();
            _file.Dispose();
        }
    }

    private sealed class PartSource(SafeFileHandle file, long start, long length, string name)
        : ByteSource(name, length)
    {
        public override void Read(long offset, Span<byte> destination) => ReadWhole(file, start + offset, destination);

        public override unsafe void Copy(long offset, byte* destination, long count)
        {
            const int Piece = 1 << 30;
            for (long done = 0; done < count; done += Piece)
            {
                Read(offset + done, new Span<byte>(destination + done, (int)Math.Min(Piece, count - done)));
            }
        }

        public override MappedFile? Map() => MappedFile.TryOpen(file, start, Length);

        public override void Dispose()
        {
        }
    }

    private sealed class StreamSource(Stream stream, string name, bool ownsStream)
        : ByteSource(name, stream.Length - stream.Position)
    {
        private readonly long _start = stream.Position;

        public override void Read(long offset, Span<byte> destination)
        {
            lock (stream)
            {
                stream.Position = _start + offset;
                stream.ReadExactly(destination);
            }
        }

        public override unsafe void Copy(long offset, byte* destination, long count)
        {
            const int Piece = 1 << 30;
            for (long done = 0; done < count; done += Piece)
            {
                Read(offset + done, new Span<byte>(destination + done, (int)Math.Min(Piece, count - done)));
            }
        }

        public override void Dispose()
        {
            if (ownsStream)
            {
                stream.Dispose();
            }
        }
    }
}
