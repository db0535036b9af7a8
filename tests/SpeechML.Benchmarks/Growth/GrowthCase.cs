using SpeechML.Benchmarks.Workers;

namespace SpeechML.Benchmarks.Growth;

/// <summary>One piece of work in several sizes.</summary>
/// <param name="Name">What it is called on the command line, after <c>growth-</c>.</param>
/// <param name="What">What the page calls it.</param>
/// <param name="Unit">What the sizes count.</param>
/// <param name="Sizes">The sizes, ascending.</param>
/// <param name="Make">Makes the work of a size.</param>
internal sealed record GrowthCase(string Name, string What, string Unit, int[] Sizes, Func<int, IWork> Make)
{
    /// <summary>Timed runs of each size, after one that is not timed.</summary>
    public int Runs { get; init; } = 3;

    /// <summary>From this size on a single run, which is timed: the first calls no longer matter.</summary>
    public int OnceFrom { get; init; } = int.MaxValue;

    /// <summary>Whether it needs the peers' checkpoints.</summary>
    public bool NeedsPeers { get; init; }

    /// <summary>What a reader must know.</summary>
    public string Note { get; init; } = "";
}
