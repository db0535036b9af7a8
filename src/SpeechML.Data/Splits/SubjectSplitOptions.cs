using System.Globalization;
using Microsoft.ML.Runtime;
using SpeechML.Audio.Options;
using SpeechML.Data.Interop;

namespace SpeechML;

/// <summary>How clips are divided by subject.</summary>
public sealed record SubjectSplitOptions
{
    /// <summary>Wanted share of clips for training. The default is 0.7.</summary>
    [InRange("a share from 0 to 1", Min = 0, Max = 1)]
    public double Train { get; set; } = 0.7;

    /// <summary>Wanted share of clips for validation; may be 0. The default is 0.15.</summary>
    [InRange("a share from 0 to 1", Min = 0, Max = 1)]
    public double Validation { get; set; } = 0.15;

    /// <summary>Wanted share of clips for the test; may be 0. The default is 0.15.</summary>
    [InRange("a share from 0 to 1", Min = 0, Max = 1)]
    public double Test { get; set; } = 0.15;

    /// <summary>
    /// Other seeds give other splits; the same seed gives the same split on every machine. <see langword="null"/>, the
    /// default, for that of the <c>MLContext</c>, or 0 where it has none.
    /// </summary>
    [InRange("any whole number")]
    public int? Seed { get; set; }

    /// <summary>The seed, where no context gives one or has given it already.</summary>
    internal int SeedInUse => Seed ?? ContextSeed.Default;

    /// <summary>
    /// Strata with fewer positive clips are not balanced (only kept on every side where possible). The default is 5.
    /// </summary>
    [InRange("0 clips or more", Min = 0)]
    public int StratifyThreshold { get; set; } = 5;

    /// <summary>
    /// Only each subject's first clip takes part, by date (by order of the rows where dates are equal or unknown); the
    /// others are in no part. The default is <see langword="false"/>.
    /// </summary>
    public bool OnePerSubject { get; set; }

    /// <summary>
    /// With <see cref="OnePerSubject"/> on a data view: the text column that says when; its order as text counts (ISO
    /// dates). Empty, the default: not known.
    /// </summary>
    [ActiveWhen(nameof(OnePerSubject), true)]
    [IsText("a column name, or an empty text for none", MayBeEmpty = true)]
    public string DateColumnName { get; set; } = "";

    /// <summary>
    /// A file name that says all of it: <c>split_train70_val15_test15_stratify5_seed0</c>, with <c>_one</c> before the
    /// seed for <see cref="OnePerSubject"/>.
    /// </summary>
    public string Name => string.Create(
        CultureInfo.InvariantCulture,
        $"split_train{100 * Train:0.##}_val{100 * Validation:0.##}_test{100 * Test:0.##}_stratify{StratifyThreshold}" +
        $"{(OnePerSubject ? "_one" : "")}_seed{SeedInUse}");

    internal double[] Proportions => [Train, Validation, Test];

    /// <summary>The same with the seed in use.</summary>
    internal SubjectSplitOptions SeededBy(IHostEnvironment env) => this with { Seed = ContextSeed.Of(env, Seed) };

    internal void Validate()
    {
        OptionModel.Of(typeof(SubjectSplitOptions)).Validate(this, "Split.");
        if (Math.Abs(Proportions.Sum() - 1) > 1e-6)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"Options Split.Train, Split.Validation and Split.Test: expected shares that sum to 1, got {Train}, " +
                $"{Validation} and {Test}."));
        }
    }
}
