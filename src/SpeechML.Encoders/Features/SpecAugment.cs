using SpeechML.Audio.Common;
using SpeechML.Audio.Options;

namespace SpeechML.Encoders.Features;

/// <summary>
/// Settings of masks along one axis; names and meaning as in Hugging Face's configurations (<c>mask_time_*</c>,
/// <c>mask_feature_*</c>).
/// </summary>
internal sealed record SpecAugmentSettings
{
    /// <summary>
    /// wav2vec 2.0's default for the time axis: <c>mask_time_prob</c>, <c>mask_time_length</c>,
    /// <c>mask_time_min_masks</c>.
    /// </summary>
    public static SpecAugmentSettings Time { get; } = new() { Probability = 0.05, Length = 10, MinMasks = 2 };

    /// <summary>wav2vec 2.0's default for the feature axis: none.</summary>
    public static SpecAugmentSettings Feature { get; } = new() { Probability = 0, Length = 10, MinMasks = 0 };

    /// <summary>
    /// The share of the axis that masks would cover if they never met: an upper bound of what is masked.
    /// </summary>
    public double Probability { get; init; }

    /// <summary>Positions that one mask covers.</summary>
    public int Length { get; init; } = 10;

    /// <summary>Fewest masks per row, as far as there is room.</summary>
    public int MinMasks { get; init; }

    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public void Validate()
    {
        OptionChecks.Check(Probability is >= 0 and <= 1, "Probability of SpecAugment", "0 to 1", Probability);
        OptionChecks.Check(Length >= 1, "Length of SpecAugment", "at least 1", Length);
        OptionChecks.Check(MinMasks >= 0, "MinMasks of SpecAugment", "at least 0", MinMasks);
    }
}

/// <summary>A run of masked rows or columns.</summary>
/// <param name="Start">The first.</param>
/// <param name="Count">How many.</param>
internal readonly record struct MaskSpan(int Start, int Count);

/// <summary>
/// Masks over features in training (Park et al. 2019, "SpecAugment"; wav2vec 2.0's span masks), with the counting rules
/// of <c>_compute_mask_indices</c> in Hugging
/// Face's <c>transformers</c> (Apache 2.0).
/// </summary>
internal static class SpecAugment
{
    /// <summary>
    /// Draws masks. A row of n valid positions gets <c>floor(Probability n / Length + u)</c> spans, u one uniform
    /// number for the whole batch, at least <c>MinMasks</c>, at
    /// most the width's worth of spans and the places where a span fits; their starts differ, the spans may overlap.
    /// </summary>
    /// <param name="random">The stream of this batch.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="width">Positions of a row: frames, or features.</param>
    /// <param name="settings">How much is masked.</param>
    /// <param name="lengths">Valid positions of each row; null: all. Padding is never masked.</param>
    /// <returns>(batch, width), true where masked. All false where the width is below the mask's length (Hugging Face
    /// raises an error there).</returns>
    /// <exception cref="ArgumentException">A setting, or a length, is out of its range.</exception>
    public static bool[] Mask(
        SeededRandom random, int batch, int width, SpecAugmentSettings settings, IReadOnlyList<long>? lengths = null)
    {
        settings.Validate();
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        if (lengths is not null && (lengths.Count != batch || lengths.Any(l => l < 0 || l > width)))
        {
            throw new ArgumentException(
                $"SpecAugment: expected {batch} lengths of 0 to {width}, got {string.Join(", ", lengths)}.",
                nameof(lengths));
        }
        bool[] mask = new bool[checked(batch * width)];
        double rounding = random.NextDouble();
        if (width < settings.Length || Spans(width, width, settings, rounding) == 0)
        {
            return mask;
        }
        for (int row = 0; row < batch; row++)
        {
            int valid = (int)(lengths?[row] ?? width);
            int spans = Spans(valid, width, settings, rounding);
            int places = valid - (settings.Length - 1);
            foreach (int start in Distinct(random, spans, places))
            {
                mask.AsSpan((row * width) + start, settings.Length).Fill(true);
            }
        }
        return mask;
    }

    /// <summary>Sets whole rows (frequencies) and columns (times) of a matrix to a value.</summary>
    /// <param name="values">(rows, columns).</param>
    /// <param name="columns">Columns of a row.</param>
    /// <param name="frequency">Spans of rows.</param>
    /// <param name="time">Spans of columns.</param>
    /// <param name="value">0, or <see cref="Mean"/> of the matrix before.</param>
    /// <exception cref="ArgumentException">A span leaves the matrix.</exception>
    public static void Fill(
        Span<float> values, int columns, IReadOnlyList<MaskSpan> frequency, IReadOnlyList<MaskSpan> time, float value)
    {
        int rows = columns == 0 ? 0 : values.Length / columns;
        foreach (MaskSpan span in frequency)
        {
            CheckSpan(span, rows, "rows");
            values.Slice(span.Start * columns, span.Count * columns).Fill(value);
        }
        foreach (MaskSpan span in time)
        {
            CheckSpan(span, columns, "columns");
            for (int row = 0; row < rows; row++)
            {
                values.Slice((row * columns) + span.Start, span.Count).Fill(value);
            }
        }
    }

    /// <summary>The mean of all values.</summary>
    public static float Mean(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }
        return (float)(sum / Math.Max(1, values.Length));
    }

    private static void CheckSpan(MaskSpan span, int size, string what)
    {
        if (span.Start < 0 || span.Count < 0 || span.Start > size - span.Count)
        {
            throw new ArgumentException(
                $"SpecAugment: expected a mask within {size} {what}, got {span.Count} from {span.Start}.");
        }
    }

    private static int Spans(int valid, int width, SpecAugmentSettings settings, double rounding)
    {
        int spans = Math.Max((int)((settings.Probability * valid / settings.Length) + rounding), settings.MinMasks);
        if ((long)spans * settings.Length > width)
        {
            spans = width / settings.Length;
        }
        return Math.Clamp(spans, 0, Math.Max(0, valid - (settings.Length - 1)));
    }

    /// <summary>
    /// Some of the numbers below a limit, each at most once (Floyd's sampling; Bentley and Floyd 1987).
    /// </summary>
    private static HashSet<int> Distinct(SeededRandom random, int count, int limit)
    {
        var chosen = new HashSet<int>(count);
        for (int top = limit - count; top < limit; top++)
        {
            int drawn = random.Next(top + 1);
            if (!chosen.Add(drawn))
            {
                chosen.Add(top);
            }
        }
        return chosen;
    }
}
