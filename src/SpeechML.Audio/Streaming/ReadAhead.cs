using System.Collections;
using System.Runtime.ExceptionServices;

namespace SpeechML.Audio.Streaming;

/// <summary>
/// Maps a sequence on worker threads ahead of its consumer, in order. The source is read on the consumer's thread only.
/// An exception of the map
/// surfaces where its item would have come; calling <see cref="MoveNext"/> again goes on with the item behind it.
/// Disposing stops the workers and
/// waits for what they have in hand. Where a consumer is dropped without that, they stop once it is collected: they do
/// not refer to it.
/// </summary>
/// <remarks>
/// For one consumer. Not for torch operations, which would start thread teams of their own on the workers.
/// </remarks>
internal sealed class ReadAhead<TIn, TOut> : IEnumerator<TOut>
{
    // Items that each worker has at first. Twice as many after each result, up to the limit, so that whoever takes but
    // a few does not wait for all.
    private const int FirstItems = 4;

    private readonly IEnumerator<TIn> _source;
    private readonly ReadAheadLimits _limits;
    private readonly ReadAheadWork<TIn, TOut> _work;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _registration;
    private readonly Thread[] _workers;
    private readonly Queue<ReadAheadItem<TIn, TOut>> _pending = new(); // in order, for the consumer
    private ReadAheadItem<TIn, TOut>? _current;
    private int _ahead;
    private bool _sourceEnded;

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
        _work = new ReadAheadWork<TIn, TOut>(map, sizeOf, _limits.Size);
        _cancellation = cancellation;
        _source = source.GetEnumerator();
        _workers = new Thread[_limits.WorkerCount];
        _ahead = Math.Min(_workers.Length * FirstItems, _limits.Items);
        for (int k = 0; k < _workers.Length; k++)
        {
            _workers[k] = new Thread(_work.Run) { IsBackground = true, Name = "SpeechML read-ahead" };
            _workers[k].Start();
        }
        _registration = cancellation.Register(_work.Stop);
    }

    /// <summary>The consumer was dropped.</summary>
    ~ReadAhead()
    {
        _registration.Unregister();
        _work?.Stop(); // null where the constructor threw
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
        _work.Release(_current);
        _current = null;
        Fill();
        _cancellation.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_work.IsStopped, this);
        if (!_pending.TryDequeue(out ReadAheadItem<TIn, TOut>? item))
        {
            return false;
        }
        _work.Await(item, _cancellation);
        _current = item;
        _current.Error?.Throw();
        return true;
    }

    /// <summary>Not supported.</summary>
    public void Reset() => throw new NotSupportedException("Read-ahead runs once: start another one.");

    /// <inheritdoc/>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _registration.Dispose();
        _work.Stop();
        foreach (Thread worker in _workers)
        {
            worker.Join();
        }
        foreach (ReadAheadItem<TIn, TOut> item in _pending)
        {
            (item.Result as IDisposable)?.Dispose(); // never handed out
        }
        _pending.Clear();
        _source.Dispose();
    }

    /// <summary>
    /// Hands inputs to the workers. An exception of the source takes the place of its item and ends the sequence.
    /// </summary>
    private void Fill()
    {
        while (!_sourceEnded && !_work.IsStopped && _pending.Count < _ahead)
        {
            ReadAheadItem<TIn, TOut> item;
            try
            {
                if (!_source.MoveNext())
                {
                    _sourceEnded = true;
                    return;
                }
                item = new ReadAheadItem<TIn, TOut>(_source.Current);
            }
#pragma warning disable CA1031 // It is thrown again, in order.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _sourceEnded = true;
                item = new ReadAheadItem<TIn, TOut>(default!)
                {
                    Error = ExceptionDispatchInfo.Capture(e),
                    IsDone = true,
                };
            }
            _pending.Enqueue(item);
            if (!item.IsDone)
            {
                _work.Add(item);
            }
        }
        _ahead = Math.Min(2 * _ahead, _limits.Items);
    }
}
