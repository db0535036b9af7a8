namespace SpeechML.Audio.Common;

/// <summary>
/// Counts the calls in flight on a module: disposing refuses new calls at once, and frees the weights when the last
/// call has ended. As <see cref="System.Runtime.InteropServices.SafeHandle"/> does for handles.
/// </summary>
/// <param name="kind">What was disposed, for the message: <c>speech model</c>.</param>
/// <param name="remedy">What to do about it, a sentence.</param>
/// <param name="free">Frees the weights.</param>
internal sealed class ModuleLifetime(string kind, string remedy, Action free) : IDisposable
{
    private int _holders = 1; // calls in flight, and the owner until it disposes
    private int _disposed;

    /// <summary>Whether the weights are gone.</summary>
    private bool IsFreed => Volatile.Read(ref _holders) == 0;

    /// <summary>Refuses a new use.</summary>
    /// <exception cref="ObjectDisposedException">The module was disposed.</exception>
    public void ThrowIfDisposed()
    {
        if (Volatile.Read(ref _disposed) != 0)
        {
            throw Disposed();
        }
    }

    /// <summary>Refuses to read weights; calls in flight still may.</summary>
    /// <exception cref="ObjectDisposedException">The weights were freed.</exception>
    public void ThrowIfFreed()
    {
        if (IsFreed)
        {
            throw Disposed();
        }
    }

    /// <summary>Begins a call, which keeps the weights until the result is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The module was disposed.</exception>
    public Use Begin()
    {
        int holders;
        do
        {
            ThrowIfDisposed();
            holders = Volatile.Read(ref _holders);
            if (holders == 0)
            {
                throw Disposed();
            }
        }
        while (Interlocked.CompareExchange(ref _holders, holders + 1, holders) != holders);
        return new Use(this);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            End();
        }
    }

    private void End()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            free();
        }
    }

    private ObjectDisposedException Disposed() => new(kind, $"This {kind} was disposed. {remedy}");

    /// <summary>A call in flight.</summary>
    public readonly struct Use(ModuleLifetime lifetime) : IDisposable
    {
        public void Dispose() => lifetime.End();
    }
}
