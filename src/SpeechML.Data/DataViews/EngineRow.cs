using Microsoft.ML;

namespace SpeechML.Data.DataViews;

/// <summary>
/// What a transformer makes of the current row of a <see cref="PredictionEngine{TSrc, TDst}"/>: computed once, however
/// many columns are read from it.
/// </summary>
/// <remarks>
/// An engine has one input row, which each <c>Predict</c> overwrites. With two threads in it one gets the other's
/// scores, and nothing tells whose row it is: what can be seen is the other thread, so that both calls throw.
/// </remarks>
/// <param name="input">The row.</param>
/// <param name="source">Reads the input column.</param>
/// <param name="process">Computes the result.</param>
internal sealed class EngineRow<TIn, TOut>(DataViewRow input, ValueGetter<TIn> source, Func<TIn, TOut> process)
    where TOut : class
{
    private const int Free = 0;
    private const int Busy = 1;
    private const int Collided = 2;

    // A thread that has put its row into the engine comes here within microseconds, unless it was suspended.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(20);

    private int _state;
    private long _position = -1;
    private int _thread;
    private TOut? _result;

    /// <summary>The result for the current row.</summary>
    /// <exception cref="InvalidOperationException">Another thread uses the engine at the same time.</exception>
    public TOut Read()
    {
        if (Interlocked.CompareExchange(ref _state, Busy, Free) != Free)
        {
            // The thread inside may have read this thread's row.
            _ = Interlocked.CompareExchange(ref _state, Collided, Busy);
            throw Shared();
        }
        bool alone = false;
        TOut result;
        try
        {
            (result, alone) = Compute();
        }
        finally
        {
            alone &= Interlocked.Exchange(ref _state, Free) == Busy;
        }
        return alone ? result : throw Shared();
    }

    private (TOut Result, bool Alone) Compute()
    {
        long position = input.Position;
        int thread = Environment.CurrentManagedThreadId;
        if (_result is not null && position == _position)
        {
            // All columns of a row are read by the thread that put it in.
            return (_result, thread == _thread);
        }
        // A row that never came here: another thread's, or one whose prediction failed in another column.
        bool skipped = position > _position + 1 && input is not DataViewRowCursor;
        (_position, _thread, _result) = (position, thread, null);
        TIn value = default!;
        source(ref value);
        TOut result = process(value);
        if (skipped)
        {
            _ = SpinWait.SpinUntil(() => Volatile.Read(ref _state) == Collided, s_patience);
        }
        _result = result;
        return (result, input.Position == position);
    }

    private static InvalidOperationException Shared() => new(
        "Prediction engine: expected one thread at a time, got several, which would get each other's scores. Create " +
        "one engine for each thread, with new PredictionEngineOptions { OwnsTransformer = false }, or lock around " +
        "Predict.");
}
