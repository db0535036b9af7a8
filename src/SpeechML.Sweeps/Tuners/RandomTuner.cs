using SpeechML.Audio.Common;
using SpeechML.Encoders.Native;

namespace SpeechML.Sweeps.Tuners;

/// <summary>Draws every trial anew.</summary>
internal sealed class RandomTuner : SweepTuner
{
    public override SweepPoint? Suggest(
        ParameterSpace space, IReadOnlyList<TunerObservation> ended, int trial, int seed) =>
        space.Draw(Stream(seed, trial));

    public override string Describe() => "random";

    /// <summary>Random numbers of one trial.</summary>
    internal static SeededRandom Stream(int seed, int trial) =>
        new((ulong)SeedStream.Derive(seed, FormattableString.Invariant($"sweep trial {trial}")));
}
