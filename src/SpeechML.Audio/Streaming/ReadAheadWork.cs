using System.Runtime.ExceptionServices;

namespace SpeechML.Audio.Streaming;

/// <summary>
/// What the workers of a <see cref="ReadAhead{TIn, TOut}"/> share with it. Threads keep all alive that they can reach,
/// so the consumer is not reached from here.
/// </summary>
/// <param name="map">The map.</param>
/// <param name="sizeOf">The size of a result.</param>
/// <param name="sizeLimit">The size of the results that wait from which on no new item is begun.</param>
internal sealed class ReadAheadWork<TIn, TOut>(Func<TIn, TOut> map, Func<TOut, long> sizeOf, long sizeLimit)
{
    private readonly object _lock = new();
    private readonly Queue<ReadAheadItem<TIn, TOut>> _toDo = new(); // what no worker has begun
    private ReadAheadItem<TIn, TOut>? _awaited;
    private long _size;
    private volatile bool _stopped;

    public bool IsStopped => _stopped;

    /// <summary>Hands an item to the workers.</summary>
    public void Add(ReadAheadItem<TIn, TOut> item)
    {
        lock (_lock)
        {
            _toDo.Enqueue(item);
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits for an item, which is let through whatever the size.</summary>
    public void Await(ReadAheadItem<TIn, TOut> item, CancellationToken cancellation)
    {
        lock (_lock)
        {
            _awaited = item;
            Monitor.PulseAll(_lock);
            while (!item.IsDone)
            {
                if (_stopped)
                {
                    cancellation.ThrowIfCancellationRequested();
                }
                Monitor.Wait(_lock);
            }
            _awaited = null;
        }
    }

    /// <summary>The consumer has done with an item.</summary>
    public void Release(ReadAheadItem<TIn, TOut>? item)
    {
        lock (_lock)
        {
            _size -= item?.Size ?? 0;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>No other item is begun.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>A worker.</summary>
    public void Run()
    {
        while (Take() is { } item)
        {
            TOut? result = default;
            long size = 0;
            ExceptionDispatchInfo? error = null;
            try
            {
                result = map(item.Input);
                size = sizeOf(result);
            }
#pragma warning disable CA1031 // It is thrown again on the consumer's thread.
            catch (Exception e)
#pragma warning restore CA1031
            {
                error = ExceptionDispatchInfo.Capture(e);
            }
            lock (_lock)
            {
                (item.Result, item.Size, item.Error, item.IsDone) = (result, size, error, true);
                _size += size;
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>The next input; null when the work is over.</summary>
    private ReadAheadItem<TIn, TOut>? Take()
    {
        lock (_lock)
        {
            while (!_stopped && (_toDo.Count == 0 || (_size >= sizeLimit && _toDo.Peek() != _awaited)))
            {
                Monitor.Wait(_lock);
            }
            return _stopped ? null : _toDo.Dequeue();
        }
    }
}
