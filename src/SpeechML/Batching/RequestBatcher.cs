using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace SpeechML.Batching;

/// <summary>
/// Puts requests of several threads into batches, which one thread of its own computes: torch makes a team of threads
/// for each thread that calls it, and teams beside one another share the cores.
/// </summary>
/// <typeparam name="TIn">A request.</typeparam>
/// <typeparam name="TOut">Its result.</typeparam>
internal sealed class RequestBatcher<TIn, TOut> : IDisposable
{
    private readonly Func<IReadOnlyList<TIn>, IReadOnlyList<TOut>> _compute;
    private readonly int _size;
    private readonly TimeSpan _delay;
    private readonly CancellationToken _cancellation;
    private readonly object _gate = new();
    private readonly Queue<Request> _waiting = new();
    private Thread? _worker;
    private bool _isClosed;

    /// <param name="compute">Gives a result for each request, in order.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="cancellation">Ends the waiting of requests whose batch has not begun, and refuses later
    /// ones.</param>
    public RequestBatcher(
        Func<IReadOnlyList<TIn>, IReadOnlyList<TOut>> compute, SpeechBatchingOptions options,
        CancellationToken cancellation = default)
    {
        _compute = compute;
        (_size, _delay, _cancellation) = (options.BatchSize, options.MaxBatchDelay, cancellation);
    }

    /// <summary>Whether a request waits for its batch.</summary>
    public bool HasWaiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>The result of a request, once its batch is computed.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled before its batch began.</exception>
    /// <exception cref="ObjectDisposedException">The batcher was disposed.</exception>
    public TOut Run(TIn input)
    {
        bool taken = TryRun(input, out TOut? result);
        ObjectDisposedException.ThrowIf(!taken, this);
        return result!;
    }

    /// <summary>As <see cref="Run"/>; <see langword="false"/> where the batcher was disposed.</summary>
    public bool TryRun(TIn input, [MaybeNullWhen(false)] out TOut result)
    {
        _cancellation.ThrowIfCancellationRequested();
        var request = new Request(input);
        lock (_gate)
        {
            if (_isClosed)
            {
                result = default;
                return false;
            }
            if (_worker is null)
            {
                var worker = new Thread(Work) { IsBackground = true, Name = "SpeechML batches" };
                worker.UnsafeStart(); // without what flows with the first request
                _worker = worker; // not, where there was no memory for it
            }
            _waiting.Enqueue(request);
            Monitor.PulseAll(_gate);
        }
        using CancellationTokenRegistration cancelled = _cancellation.Register(request.Cancel);
        result = request.Result.GetAwaiter().GetResult();
        return true;
    }

    /// <summary>Lets the thread end once what waits is computed, or refused by what computes it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Work()
    {
        while (Next() is { } batch)
        {
            Request[] begun = [.. batch.Where(r => r.Begin())];
            if (begun.Length > 0)
            {
                Compute(begun);
            }
        }
    }

    /// <summary>What to compute next; <see langword="null"/> at the end.</summary>
    private List<Request>? Next()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_isClosed)
                {
                    return null;
                }
                _ = Monitor.Wait(_gate);
            }
            long first = _waiting.Peek().Since;
            while (_waiting.Count < _size && !_isClosed && !_cancellation.IsCancellationRequested)
            {
                TimeSpan left = _delay - Stopwatch.GetElapsedTime(first);
                if (left <= TimeSpan.Zero)
                {
                    break;
                }
                _ = Monitor.Wait(_gate, left);
            }
            var batch = new List<Request>();
            while (batch.Count < _size && _waiting.TryDequeue(out Request? request))
            {
                batch.Add(request);
            }
            return batch;
        }
    }

    private void Compute(Request[] batch)
    {
        try
        {
            IReadOnlyList<TOut> results = _compute([.. batch.Select(r => r.Input)]);
            for (int i = 0; i < batch.Length; i++)
            {
                batch[i].Succeed(results[i]);
            }
        }
        // Each thread is told by its own request what was wrong with it.
#pragma warning disable CA1031
        catch (Exception error)
#pragma warning restore CA1031
        {
            if (batch.Length == 1)
            {
                batch[0].Fail(error);
                return;
            }
            foreach (Request request in batch)
            {
                Compute([request]);
            }
        }
    }

    private sealed class Request(TIn input)
    {
        private readonly TaskCompletionSource<TOut> _result =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        private int _state; // 1 once it began or was cancelled

        public TIn Input => input;

        public long Since { get; } = Stopwatch.GetTimestamp();

        public Task<TOut> Result => _result.Task;

        public bool Begin() => Interlocked.Exchange(ref _state, 1) == 0;

        public void Cancel()
        {
            if (Begin())
            {
                _ = _result.TrySetCanceled();
            }
        }

        public void Succeed(TOut result) => _result.TrySetResult(result);

        public void Fail(Exception error) => _result.TrySetException(error);
    }
}
