using SpeechML.Encoders;
using SpeechML.Encoders.Native;

namespace SpeechML.Training;

/// <summary>
/// The random numbers of one optimizer step. They depend on the seed and the step's number alone: a fit that resumes
/// draws the same.
/// </summary>
internal sealed class StepRandom(SpeechTrainingOptions options, long step)
{
    /// <summary>Seed of the dropout.</summary>
    public int DropoutSeed => Derive("dropout");

    /// <summary>
    /// SpecAugment's masks, which the step's batches draw one after the other; <see langword="null"/> where it is off.
    /// </summary>
    public FeatureMasking? Masks { get; } = !options.SpecAugment.IsOn ? null : new FeatureMasking(
        options.SpecAugment,
        SeedStream.Derive(options.SeedInUse, FormattableString.Invariant($"masks in step {step}")));

    /// <summary>Seed of the layers' dropout in one batch, where layers are computed again.</summary>
    public int LayerSeed(int batch) =>
        SeedStream.Derive(Derive("layers"), FormattableString.Invariant($"batch {batch}"));

    private int Derive(string stream) =>
        SeedStream.Derive(options.SeedInUse, FormattableString.Invariant($"{stream} in step {step}"));
}
