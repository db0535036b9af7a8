using SpeechML.Audio.Options;
using SpeechML.Model.Pooling;

namespace SpeechML;

/// <summary>Makes a pooling for a model.</summary>
/// <param name="hiddenSize">Size of a frame's vector.</param>
/// <param name="seed">Seed of the initialisation of weights to learn.</param>
public delegate FramePooling PoolingFactory(int hiddenSize, long seed);

/// <summary>
/// Names of poolings, which reduce the frames of a clip to one vector. Padding never counts. Options, configuration
/// files, model zips and sweeps have the name.
/// </summary>
public static class SpeechPooling
{
    // Before the names, which add themselves to it.
    private static readonly NameRegistry<Kind> s_all = new("Pooling", $"{nameof(SpeechPooling)}.{nameof(Register)}");

    /// <summary>Mean over frames.</summary>
    public static string Mean { get; } = Add("Mean", (hidden, _) => new MeanPooling(hidden));

    /// <summary>Largest value over frames, per dimension.</summary>
    public static string Max { get; } = Add("Max", (hidden, _) => new ExtremePooling(hidden, largest: true));

    /// <summary>Smallest value over frames, per dimension.</summary>
    public static string Min { get; } = Add("Min", (hidden, _) => new ExtremePooling(hidden, largest: false));

    /// <summary>Mean and population standard deviation side by side: the vector is twice as long.</summary>
    public static string MeanStd { get; } = Add("MeanStd", (hidden, _) => new MeanStdPooling(hidden));

    /// <summary>Mean weighted by a learned softmax over frames: one linear score per frame.</summary>
    public static string Attention { get; } =
        Add("Attention", (hidden, seed) => new AttentionPooling(hidden, tanh: false, seed), isLearned: true);

    /// <summary>As <see cref="Attention"/>, the score seen through a tanh layer (Lin et al. 2017).</summary>
    public static string AttentionTanh { get; } =
        Add("AttentionTanh", (hidden, seed) => new AttentionPooling(hidden, tanh: true, seed), isLearned: true);

    /// <summary>All names, those that were registered too.</summary>
    public static IReadOnlyList<string> Names => s_all.Names;

    /// <summary>
    /// Gives a pooling a name in this process: options, configuration files and sweeps can choose it. A model that was
    /// trained with it loads where it is registered.
    /// </summary>
    /// <param name="name">A letter, then letters and digits. Case does not matter.</param>
    /// <param name="create">Makes one; called for every model, from several threads.</param>
    /// <param name="isLearned">Whether it has weights that training changes; <c>EncodeSpeech</c>, which does not train,
    /// refuses it then. The default is <see langword="false"/>.</param>
    /// <returns>The name.</returns>
    /// <exception cref="ArgumentException">The name is none, or another pooling has it.</exception>
    public static string Register(string name, PoolingFactory create, bool isLearned = false)
    {
        ArgumentNullException.ThrowIfNull(create);
        return Add(name, create, isLearned);
    }

    /// <summary>The name as it was registered; one that is not known as it is.</summary>
    internal static string NameOf(string? name) => s_all.NameOf(name);

    /// <summary>Whether the pooling of a name has weights that training changes.</summary>
    internal static bool IsLearned(string name) => s_all.Get(name).IsLearned;

    /// <summary>Makes a pooling for frames of <paramref name="hidden"/> dimensions.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="hidden">Size of a frame's vector.</param>
    /// <param name="seed">Seed of the learned parts' initialisation.</param>
    /// <exception cref="InvalidOperationException">None has the name, or it is not as it was registered.</exception>
    internal static FramePooling Create(string name, int hidden, long seed)
    {
        Kind kind = s_all.Get(name);
        FramePooling pooling = kind.Create(hidden, seed)
            ?? throw new InvalidOperationException($"Pooling '{name}': expected its factory to make one, got null.");
        if (pooling.IsLearned != kind.IsLearned)
        {
            pooling.Dispose();
            throw new InvalidOperationException(
                $"Pooling '{name}': expected {(kind.IsLearned ? "weights to learn" : "no weights to learn")}, as it " +
                $"was registered, got {(kind.IsLearned ? "none" : "some")}. Give {nameof(Register)} the " +
                $"{nameof(kind.IsLearned)} that it has.");
        }
        return pooling;
    }

    private static string Add(string name, PoolingFactory create, bool isLearned = false) =>
        s_all.Add(name, new Kind(create, isLearned));

    private sealed record Kind(PoolingFactory Create, bool IsLearned);
}
