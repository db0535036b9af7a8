using Microsoft.ML.Runtime;

namespace SpeechML.Data.Interop;

/// <summary>What ends a long computation: a token, or the context, which AutoML cancels after a trial.</summary>
/// <param name="Host">A host of the context; <see langword="null"/> where there is none.</param>
/// <param name="Token">The token.</param>
internal readonly record struct Cancellation(ICancelable? Host, CancellationToken Token)
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
        new(env.Register(nameof(Cancellation)) as ICancelable, token);
}
