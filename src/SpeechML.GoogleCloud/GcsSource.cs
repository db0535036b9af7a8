namespace SpeechML.GoogleCloud;

/// <summary>
/// A stream from a position on, which Google's uploader sees as its beginning: the uploader itself rewinds to 0.
/// </summary>
/// <param name="content">The stream; seekable, left open.</param>
/// <param name="start">Where it begins; in bytes.</param>
internal sealed class GcsSource(Stream content, long start) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => content.Length - start;

    public override long Position
    {
        get => content.Position - start;
        set => content.Position = value + start;
    }

    /// <exception cref="GcsLocalException">It cannot be read, which is no fault of the network.</exception>
    public override int Read(byte[] buffer, int offset, int count)
    {
        try
        {
            return content.Read(buffer, offset, count);
        }
        catch (IOException e)
        {
            throw new GcsLocalException(e);
        }
    }

    public override long Seek(long offset, SeekOrigin origin) =>
        content.Seek(origin == SeekOrigin.Begin ? offset + start : offset, origin) - start;

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
