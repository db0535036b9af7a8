namespace SpeechML.Audio.Sources;

/// <summary>The content of a stream that somebody else wrote: no more of it than a limit allows.</summary>
internal static class BoundedContent
{
    private const int BlockSize = 1 << 16;

    /// <summary>The stream itself where it can seek, else a copy in memory of what is left of it.</summary>
    public static Stream Of(Stream stream, string name, AudioLimits limits, CancellationToken cancellation)
    {
        if (stream.CanSeek)
        {
            limits.CheckBytes(stream.Length, name);
            return stream;
        }
        var copy = new MemoryStream();
        byte[] block = new byte[BlockSize];
        for (int read; (read = Read(stream, block, name)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            limits.CheckBytes(copy.Length + read, name);
            copy.Write(block, 0, read);
        }
        return copy;
    }

    /// <inheritdoc cref="Of"/>
    public static async Task<Stream> OfAsync(
        Stream stream, string name, AudioLimits limits, CancellationToken cancellation)
    {
        if (stream.CanSeek)
        {
            limits.CheckBytes(stream.Length, name);
            return stream;
        }
        var copy = new MemoryStream();
        byte[] block = new byte[BlockSize];
        try
        {
            for (int read; (read = await stream.ReadAsync(block, cancellation).ConfigureAwait(false)) > 0;)
            {
                limits.CheckBytes(copy.Length + read, name);
                copy.Write(block, 0, read);
            }
        }
        catch (IOException e)
        {
            throw Unreadable(name, e);
        }
        return copy;
    }

    private static int Read(Stream stream, byte[] block, string name)
    {
        try
        {
            return stream.Read(block);
        }
        catch (IOException e)
        {
            throw Unreadable(name, e);
        }
    }

    private static AudioException Unreadable(string name, IOException e) =>
        new(AudioErrorKind.Unreadable, name, $"expected a readable stream, got: {e.Message}", e);
}
