namespace SpeechML.Runs.Appending;

/// <summary>
/// Appends to a file so that it holds whole pieces only: what a failed write has left is cut off, at once or, where
/// that fails, before the next, and is not written later. The file must not be buffered: a buffer keeps what failed and
/// writes it when the file is closed.
/// </summary>
/// <param name="file">The file; what it holds stays.</param>
internal sealed class WholeAppends(Stream file)
{
    private bool _torn;

    /// <summary>Bytes of whole pieces.</summary>
    public long Length { get; private set; } = file.Length;

    /// <summary>Appends a piece.</summary>
    /// <param name="piece">The bytes.</param>
    /// <param name="toDisk">Whether it must outlast a power cut.</param>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Append(ReadOnlySpan<byte> piece, bool toDisk)
    {
        if (_torn)
        {
            Cut();
        }
        try
        {
            _torn = true;
            file.Position = Length;
            file.Write(piece);
            (file as FileStream)?.Flush(flushToDisk: toDisk);
            Length += piece.Length;
            _torn = false;
        }
        catch (IOException)
        {
            TryCut();
            throw;
        }
    }

    private void TryCut()
    {
        try
        {
            Cut();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The next piece begins with it. (/dev/full has no length to set.)
        }
    }

    private void Cut()
    {
        if (file.Length > Length)
        {
            file.SetLength(Length);
        }
        _torn = false;
    }
}
