using SpeechML.Audio.Common;

namespace SpeechML.GoogleCloud;

/// <summary>The body of an answer, whose every read ends when nothing comes for too long.</summary>
/// <param name="body">The body as it comes.</param>
/// <param name="patience">How long nothing may come.</param>
/// <param name="unbounded">Whether it may be of any length: an object may, an answer in JSON may not.</param>
internal sealed class GcsBody(Stream body, TimeSpan patience, bool unbounded) : ForwardStream
{
    private const long LongestAnswer = 1 << 26;

    private long _read;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await GcsPatience.GuardAsync(
            token => body.ReadAsync(buffer, token).AsTask(), patience, cancellationToken).ConfigureAwait(false);
        _read += count;
        return unbounded || _read <= LongestAnswer ? count
            : throw new GcsTransientException($"an answer of more than {LongestAnswer} bytes");
    }

    public override Task<int> ReadAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }
        base.Dispose(disposing);
    }
}
