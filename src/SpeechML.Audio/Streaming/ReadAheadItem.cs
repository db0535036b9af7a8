using System.Runtime.ExceptionServices;

namespace SpeechML.Audio.Streaming;

/// <summary>One input of a <see cref="ReadAhead{TIn, TOut}"/> and what became of it.</summary>
internal sealed class ReadAheadItem<TIn, TOut>(TIn input)
{
    public TIn Input { get; } = input;

    public TOut? Result { get; set; }

    public long Size { get; set; }

    public ExceptionDispatchInfo? Error { get; set; }

    public bool IsDone { get; set; }
}
