using SpeechML.Audio.Options;
using SpeechML.Training.Losses;

namespace SpeechML;

/// <summary>
/// Names of the ways in which an ordinal trainer learns the order of classes. Options, configuration files, model zips
/// and sweeps have the name.
/// </summary>
public static class OrdinalLoss
{
    // Before the names, which add themselves to it.
    private static readonly NameRegistry<Func<OrdinalObjective>> s_all =
        new("Ordinal loss", $"{nameof(OrdinalLoss)}.{nameof(Register)}");

    /// <summary>
    /// CORAL (Cao, Mirjalili, Raschka 2020): "is it above class k?" for every k, with the same weights and a bias of
    /// its own each.
    /// </summary>
    public static string Coral { get; } = s_all.Add("Coral", () => new CoralLoss());

    /// <summary>
    /// CORN (Shi, Cao, Raschka 2021): "is it above class k, given that it is above k - 1?" for every k, with weights of
    /// its own each.
    /// </summary>
    public static string Corn { get; } = s_all.Add("Corn", () => new CornLoss());

    /// <summary>Squared earth mover's distance between the softmax and the class (Hou et al. 2016).</summary>
    public static string EarthMovers { get; } = s_all.Add("EarthMovers", () => new EarthMoversLoss());

    /// <summary>All names, those that were registered too.</summary>
    public static IReadOnlyList<string> Names => s_all.Names;

    /// <summary>
    /// Gives a loss of ordered classes a name in this process, by which options, configuration files and sweeps can
    /// choose it. A model that was trained with it loads where it is registered, because it says what the outputs mean.
    /// </summary>
    /// <param name="name">A letter, then letters and digits. Case does not matter.</param>
    /// <param name="create">Makes one, for training and for scoring.</param>
    /// <returns>The name.</returns>
    /// <exception cref="ArgumentException">The name is none, or another loss has it.</exception>
    public static string Register(string name, Func<OrdinalObjective> create) => s_all.Add(name, create);

    /// <summary>The name as it was registered; one that is not known as it is.</summary>
    internal static string NameOf(string? name) => s_all.NameOf(name);

    /// <summary>Makes the loss of a name.</summary>
    /// <exception cref="InvalidOperationException">None has the name.</exception>
    internal static OrdinalObjective Create(string name) => s_all.Get(name)();
}
