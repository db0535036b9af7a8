using SpeechML.Audio.Streaming;

namespace SpeechML.Data.AudioColumns;

/// <summary>A read-ahead over the rows of a data view.</summary>
internal static class ReadAheadRows
{
    /// <summary>
    /// Maps rows on worker threads, in order; the workers stop when the enumeration ends or is given up.
    /// </summary>
    public static IEnumerable<TOut> Map<TIn, TOut>(IEnumerable<TIn> rows, Func<TIn, TOut> map, Func<TOut, long> sizeOf)
    {
        using var ahead = new ReadAhead<TIn, TOut>(rows, map, sizeOf);
        while (ahead.MoveNext())
        {
            yield return ahead.Current;
        }
    }
}
