using System.Collections.Concurrent;
using SpeechML.Sweeps.Running;

namespace SpeechML.Orleans;

/// <summary>The sweeps whose studies a silo may be asked for.</summary>
internal sealed class SweepRegistry
{
    private readonly ConcurrentDictionary<string, SweepDefinition> _sweeps = new(StringComparer.Ordinal);

    public void Add(SweepDefinition sweep) => _sweeps[StudyOf(sweep)] = sweep;

    /// <exception cref="InvalidOperationException">There is none of this study.</exception>
    public SweepDefinition Find(string study) => _sweeps.TryGetValue(study, out SweepDefinition? sweep)
        ? sweep
        : throw new InvalidOperationException(
            $"Study '{study}': expected one that the silo was started with " +
            $"('{string.Join("', '", _sweeps.Keys.Order(StringComparer.Ordinal))}'), got another. The study's name " +
            $"must be the same everywhere, to the letter.");

    /// <summary>The folder or address of a sweep's study.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public static string StudyOf(SweepDefinition sweep) =>
        sweep.Settings.Study ?? throw new InvalidOperationException(
            $"Sweep on a cluster: expected {nameof(SpeechSweep.SetStudy)} with a folder that all machines share or " +
            $"with an address, got none.");
}
