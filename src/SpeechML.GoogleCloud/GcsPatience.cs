namespace SpeechML.GoogleCloud;

/// <summary>How long one step on the network may take.</summary>
internal static class GcsPatience
{
    /// <summary>
    /// Turns silence and what a broken connection throws into a failure that may pass; a cancellation by the caller
    /// stays one.
    /// </summary>
    /// <param name="action">The step.</param>
    /// <param name="patience">How long it may take.</param>
    /// <param name="cancellation">The caller's.</param>
    /// <exception cref="GcsTransientException">Nothing came, or the connection broke.</exception>
    public static async Task<T> GuardAsync<T>(
        Func<CancellationToken, Task<T>> action, TimeSpan patience, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(patience);
        try
        {
            return await action(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new GcsTransientException(
                FormattableString.Invariant($"nothing for {patience.TotalSeconds:0.#} s"), innerException: error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException and not StorageException)
        {
            throw Broken(error);
        }
    }

    /// <summary>The failure that a broken connection is.</summary>
    public static GcsTransientException Broken(Exception error) =>
        new($"a broken connection ({(error.InnerException ?? error).Message.TrimEnd('.')})", innerException: error);
}
