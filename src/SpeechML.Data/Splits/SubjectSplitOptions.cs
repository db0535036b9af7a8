using System.Globalization;

namespace SpeechML;

/// <summary>How clips are divided by subject.</summary>
public sealed record SubjectSplitOptions
{
    /// <summary>Wanted share of clips for training.</summary>
    public double Train { get; set; } = 0.7;

    /// <summary>Wanted share of clips for validation; may be 0.</summary>
    public double Validation { get; set; } = 0.15;

    /// <summary>Wanted share of clips for the test; may be 0.</summary>
    public double Test { get; set; } = 0.15;

    /// <summary>Other seeds give other splits; the same seed gives the same split on every machine.</summary>
    public int Seed { get; set; }

    /// <summary>Strata with fewer positive clips are not balanced (only kept on every side where possible).</summary>
    public int StratifyThreshold { get; set; } = 5;

    /// <summary>
    /// Only each subject's first clip takes part, by date (by order of the rows where dates are equal or unknown); the
    /// others are in no part.
    /// </summary>
    public bool OnePerSubject { get; set; }

    /// <summary>
    /// With <see cref="OnePerSubject"/> on a data view: the text column that says when; its order as text counts (ISO
    /// dates). Empty: not known.
    /// </summary>
    public string DateColumnName { get; set; } = "";

    /// <summary>
    /// A file name that says all of it: <c>split_train70_val15_test15_stratify5_seed0</c>, with <c>_one</c> before the
    /// seed for <see cref="OnePerSubject"/>.
    /// </summary>
    public string Name => string.Create(
        CultureInfo.InvariantCulture,
        $"split_train{100 * Train:0.##}_val{100 * Validation:0.##}_test{100 * Test:0.##}_stratify{StratifyThreshold}" +
        $"{(OnePerSubject ? "_one" : "")}_seed{Seed}");

    internal double[] Proportions => [Train, Validation, Test];

    internal void Validate()
    {
        if (Proportions.Any(p => !(p is >= 0 and <= 1)) || Math.Abs(Proportions.Sum() - 1) > 1e-6)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"Split proportions must be in [0, 1] and sum to 1, got train {Train}, validation {Validation}, test " +
                $"{Test}."));
        }
        if (StratifyThreshold < 0)
        {
            throw new ArgumentException(
                $"Split option {nameof(StratifyThreshold)} must be at least 0, got {StratifyThreshold}.");
        }
    }
}
