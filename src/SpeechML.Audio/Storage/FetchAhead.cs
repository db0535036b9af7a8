namespace SpeechML.Audio.Storage;

/// <summary>
/// Starts requests over a network ahead of their consumer, many at a time: each spends nearly all its time waiting, so
/// that none has a thread of its own. Disposing starts no more
/// and waits for those under way.
/// </summary>
/// <param name="atATime">Requests at a time; up to twice as many more are begun or wait for the consumer.</param>
internal sealed class FetchAhead<TOut>(int atATime) : IDisposable
{
    private readonly SemaphoreSlim _places = new(atATime);
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<Task<TOut>> _ahead = new();
    private readonly Queue<Task<TOut>> _given = new();

    /// <summary>
    /// Maps, in order; once. The source is read on the consumer's thread only. What comes out may still be under way,
    /// so that whoever takes it can take the next one, too, before it
    /// waits.
    /// </summary>
    /// <param name="source">The inputs.</param>
    /// <param name="map">Runs on the thread pool, where it must not block.</param>
    public IEnumerable<Task<TOut>> Map<TIn>(IEnumerable<TIn> source, Func<TIn, Task<TOut>> map)
    {
        using IEnumerator<TIn> inputs = source.GetEnumerator();
        bool more = true;
        while (true)
        {
            while (more && _ahead.Count < 2 * atATime && (more = inputs.MoveNext()))
            {
                TIn input = inputs.Current;
                _ahead.Enqueue(Task.Run(() => RunAsync(input, map)));
            }
            if (!_ahead.TryDequeue(out Task<TOut>? next))
            {
                yield break;
            }
            while (_given.TryPeek(out Task<TOut>? ended) && ended.IsCompleted)
            {
                _given.Dequeue();
            }
            _given.Enqueue(next);
            yield return next;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        try
        {
            Task.WaitAll([.. _given, .. _ahead]);
        }
        catch (AggregateException)
        {
            // Whoever wanted a result has had its exception; nobody wants those that were given up.
        }
        _stop.Dispose();
        _places.Dispose();
    }

    private async Task<TOut> RunAsync<TIn>(TIn input, Func<TIn, Task<TOut>> map)
    {
        await _places.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            return await map(input).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }
}
