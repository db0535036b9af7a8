using System.Collections.Concurrent;

namespace SpeechML.Storage;

/// <summary>
/// Maps a sequence, in order, with many waits at a time: for requests over a network, of which each spends nearly all its time waiting. A read-ahead for work wakes all its
/// threads whenever something changes, which is right for a few of them; here one at a time is woken.
/// </summary>
internal static class FetchAhead
{
    /// <summary>Maps; the source is read on the consumer's thread only, and an exception surfaces where its item would have come.</summary>
    /// <param name="source">The inputs.</param>
    /// <param name="map">Runs on the workers.</param>
    /// <param name="workers">Calls of the map at a time; twice as many items are under way or wait for the consumer.</param>
    public static IEnumerable<TOut> Map<TIn, TOut>(IEnumerable<TIn> source, Func<TIn, TOut> map, int workers)
    {
        using var toDo = new BlockingCollection<Item<TIn, TOut>>(new ConcurrentQueue<Item<TIn, TOut>>());
        var threads = new List<Thread>();
        var pending = new Queue<Item<TIn, TOut>>();
        using IEnumerator<TIn> inputs = source.GetEnumerator();
        try
        {
            bool more = true;
            while (true)
            {
                while (more && pending.Count < 2 * workers && (more = inputs.MoveNext()))
                {
                    var item = new Item<TIn, TOut>(inputs.Current);
                    pending.Enqueue(item);
                    toDo.Add(item);
                    if (threads.Count < workers)
                    {
                        threads.Add(Start(toDo, map));
                    }
                }
                if (!pending.TryDequeue(out Item<TIn, TOut>? next))
                {
                    yield break;
                }
                yield return next.Result.Task.GetAwaiter().GetResult();
            }
        }
        finally
        {
            while (toDo.TryTake(out _))
            {
            }
            toDo.CompleteAdding();
            foreach (Thread thread in threads)
            {
                thread.Join();
            }
        }
    }

    private static Thread Start<TIn, TOut>(BlockingCollection<Item<TIn, TOut>> toDo, Func<TIn, TOut> map)
    {
        var thread = new Thread(() =>
        {
            foreach (Item<TIn, TOut> item in toDo.GetConsumingEnumerable())
            {
                try
                {
                    item.Result.SetResult(map(item.Input));
                }
#pragma warning disable CA1031 // It is thrown again on the consumer's thread.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    item.Result.SetException(e);
                }
            }
        })
        {
            IsBackground = true,
            Name = "SpeechML fetch",
        };
        thread.Start();
        return thread;
    }

    private sealed record Item<TIn, TOut>(TIn Input)
    {
        public TaskCompletionSource<TOut> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
