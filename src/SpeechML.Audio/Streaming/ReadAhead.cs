using System.Collections;
using System.Runtime.ExceptionServices;

namespace SpeechML.Audio.Streaming;

/// <summary>
/// Maps a sequence on worker threads ahead of its consumer, in order. The source is read on the consumer's thread only.
/// An exception of the map
/// surfaces where its item would have come; calling <see cref="MoveNext"/> again goes on with the item behind it.
/// Disposing stops the workers and
/// waits for what they have in hand.
/// </summary>
/// <remarks>
/// For one consumer. Not for torch operations, which would start thread teams of their own on the workers.
/// </remarks>
internal sealed class ReadAhead<TIn, TOut> : IEnumerator<TOut>
{
    private readonly object _lock = new();
    private readonly IEnumerator<TIn> _source;
    private readonly Func<TIn, TOut> _map;
    private readonly Func<TOut, long> _sizeOf;
    private readonly ReadAheadLimits _limits;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;
    private readonly Thread[] _workers;
    private readonly Queue<Item> _pending = new(); // in order, for the consumer
    private readonly Queue<Item> _toDo = new(); // the part of it that no worker has begun
    private Item? _awaited;
    private Item? _current;
    private long _size;
    private bool _sourceEnded;
    private bool _stopped;

    /// <summary>Starts the workers.</summary>
    /// <param name="source">The inputs; read as far ahead as the limit on items allows.</param>
    /// <param name="map">Runs on the workers, several at a time.</param>
    /// <param name="sizeOf">The size of a result, in the unit of <see cref="ReadAheadLimits.Size"/>.</param>
    /// <param name="limits">How far to run ahead; null for the defaults.</param>
    /// <param name="cancellation">Stops the workers and makes <see cref="MoveNext"/> throw.</param>
    public ReadAhead(IEnumerable<TIn> source, Func<TIn, TOut> map, Func<TOut, long> sizeOf,
        ReadAheadLimits? limits = null, CancellationToken cancellation = default)
    {
        _limits = limits ?? new ReadAheadLimits();
        _limits.Validate();
        _map = map;
        _sizeOf = sizeOf;
        _cancellation = cancellation;
        _source = source.GetEnumerator();
        _workers = new Thread[_limits.WorkerCount];
        for (int k = 0; k < _workers.Length; k++)
        {
            _workers[k] = new Thread(Work) { IsBackground = true, Name = "SpeechML read-ahead" };
            _workers[k].Start();
        }
        _registration = cancellation.Register(Stop);
    }

    /// <inheritdoc/>
    public TOut Current => _current is { Error: null } item ? item.Result!
        : throw new InvalidOperationException("Read-ahead: expected a call of MoveNext that returned true, got none.");

    object? IEnumerator.Current => Current;

    /// <summary>Waits for the next result.</summary>
    /// <returns>False at the end of the source.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public bool MoveNext()
    {
        Release();
        Fill();
        lock (_lock)
        {
            _cancellation.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_stopped, this);
            if (!_pending.TryDequeue(out Item? item))
            {
                return false;
            }
            _awaited = item;
            Monitor.PulseAll(_lock);
            while (!item.IsDone)
            {
                if (_stopped)
                {
                    _cancellation.ThrowIfCancellationRequested();
                }
                Monitor.Wait(_lock);
            }
            _awaited = null;
            _current = item;
        }
        _current.Error?.Throw();
        return true;
    }

    /// <summary>Not supported.</summary>
    public void Reset() => throw new NotSupportedException("Read-ahead runs once: start another one.");

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration.Dispose();
        Stop();
        foreach (Thread worker in _workers)
        {
            worker.Join();
        }
        foreach (Item item in _pending)
        {
            (item.Result as IDisposable)?.Dispose(); // never handed out
        }
        _pending.Clear();
        _source.Dispose();
    }

    private void Release()
    {
        lock (_lock)
        {
            _size -= _current?.Size ?? 0;
            _current = null;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>
    /// Hands inputs to the workers. An exception of the source takes the place of its item and ends the sequence.
    /// </summary>
    private void Fill()
    {
        while (!_sourceEnded && !_stopped && _pending.Count < _limits.Items)
        {
            Item item;
            try
            {
                if (!_source.MoveNext())
                {
                    _sourceEnded = true;
                    return;
                }
                item = new Item(_source.Current);
            }
#pragma warning disable CA1031 // It is thrown again, in order.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _sourceEnded = true;
                item = new Item(default!) { Error = ExceptionDispatchInfo.Capture(e), IsDone = true };
            }
            lock (_lock)
            {
                _pending.Enqueue(item);
                if (!item.IsDone)
                {
                    _toDo.Enqueue(item);
                    Monitor.PulseAll(_lock);
                }
            }
        }
    }

    private void Work()
    {
        while (Take() is { } item)
        {
            TOut? result = default;
            long size = 0;
            ExceptionDispatchInfo? error = null;
            try
            {
                result = _map(item.Input);
                size = _sizeOf(result);
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

    /// <summary>
    /// The next input; null when the work is over. The item that the consumer waits for is let through whatever the
    /// size.
    /// </summary>
    private Item? Take()
    {
        lock (_lock)
        {
            while (!_stopped && (_toDo.Count == 0 || (_size >= _limits.Size && _toDo.Peek() != _awaited)))
            {
                Monitor.Wait(_lock);
            }
            return _stopped ? null : _toDo.Dequeue();
        }
    }

    private void Stop()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.PulseAll(_lock);
        }
    }

    private sealed class Item(TIn input)
    {
        public TIn Input { get; } = input;

        public TOut? Result { get; set; }

        public long Size { get; set; }

        public ExceptionDispatchInfo? Error { get; set; }

        public bool IsDone { get; set; }
    }
}
