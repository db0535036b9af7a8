using Microsoft.ML.Runtime;

namespace SpeechML.Data.Interop;

/// <summary>What ends a long computation: a token, or the context, which AutoML cancels at the end of a trial's time.</summary>
/// <param name="Token">The token.</param>
/// <param name="Host">A host of the context; <see langword="null"/> where there is none.</param>
internal readonly record struct Cancellation(CancellationToken Token, ICancelable? Host)
{
    public bool IsRequested => Token.IsCancellationRequested || Host is { IsCanceled: true };

    /// <exception cref="OperationCanceledException">It is to end.</exception>
    public void ThrowIfRequested()
    {
        Token.ThrowIfCancellationRequested();
        if (IsRequested)
        {
            throw new OperationCanceledException("The MLContext was cancelled.");
        }
    }

    /// <summary>Of a context.</summary>
    public static Cancellation Of(IHostEnvironment env, CancellationToken token) =>
        new(token, env.Register(nameof(Cancellation)) as ICancelable);
}
