namespace SpeechML.Data.Extras;

/// <summary>A column whose numbers a model is given beside the audio.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Size">Numbers in it; 1 of a column of single numbers.</param>
/// <param name="Slots">What each number is; <see langword="null"/> where the column does not say.</param>
internal sealed record ExtraFeature(string Column, int Size, string[]? Slots = null)
{
    /// <summary>A name for each number.</summary>
    public IEnumerable<string> Names => Size == 1 && Slots is null ? [Column]
        : Enumerable.Range(0, Size).Select(i => FormattableString.Invariant($"{Column}: {Slots?[i] ?? $"{i}"}"));
}
