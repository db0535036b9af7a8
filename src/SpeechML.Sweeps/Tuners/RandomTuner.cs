using SpeechML.Audio.Common;
using SpeechML.Encoders.Native;
using SpeechML.Sweeps.Space;

namespace SpeechML.Sweeps.Tuners;

/// <summary>Draws every trial anew.</summary>
internal sealed class RandomTuner : SweepTuner
{
    internal override SweepPoint? Suggest(
        ParameterSpace space, IReadOnlyList<TunerObservation> ended, int trial, int seed) =>
        space.Draw(Stream(seed, trial));

    internal override string Describe() => "random";

    /// <summary>Random numbers of one trial.</summary>
    internal static SeededRandom Stream(int seed, int trial) =>
        new((ulong)SeedStream.Derive(seed, FormattableString.Invariant($"sweep trial {trial}")));
}
