using System.Text.Json.Serialization;
using SpeechML.Audio.Augmentation;
using SpeechML.Audio.Dsp;

namespace SpeechML;

/// <summary>
/// Applies all of its parts in turn, each with its own probability (audiomentations' <c>Compose</c>).
/// </summary>
/// <param name="transforms">The parts, in order.</param>
/// <param name="p">The probability that any is applied.</param>
/// <param name="shuffle">Whether the order is drawn for each clip.</param>
public sealed class Compose(IReadOnlyList<AudioAugmentation> transforms, double p = 1, bool shuffle = false)
    : AudioAugmentation(p)
{
    private readonly AudioAugmentation[] _transforms = CompositionSteps.Copy(nameof(Compose), transforms);

    /// <summary>The parts.</summary>
    public IReadOnlyList<AudioAugmentation> Transforms => _transforms;

    /// <summary>Whether the order is drawn for each clip.</summary>
    public bool Shuffle { get; } = shuffle;

    /// <inheritdoc/>
    protected override MLAudio Run(MLAudio audio, AugmentationRandom random)
    {
        int[] order = [.. Enumerable.Range(0, _transforms.Length)];
        if (Shuffle)
        {
            random.Shuffle<int>(order);
        }
        return CompositionSteps.Apply(_transforms, order, audio, random);
    }
}

/// <summary>Applies one of its parts (audiomentations' <c>OneOf</c>); the part's own probability counts too.</summary>
/// <param name="transforms">The parts.</param>
/// <param name="p">The probability that one is applied.</param>
/// <param name="weights">How often each is chosen, relative to the others; null: all alike.</param>
public sealed class OneOf(
    IReadOnlyList<AudioAugmentation> transforms, double p = 1, IReadOnlyList<double>? weights = null)
    : AudioAugmentation(p)
{
    private readonly AudioAugmentation[] _transforms = CompositionSteps.Copy(nameof(OneOf), transforms);
    private readonly double[]? _weights = CheckWeights(weights, transforms.Count);

    /// <summary>The parts.</summary>
    public IReadOnlyList<AudioAugmentation> Transforms => _transforms;

    /// <summary>How often each part is chosen, relative to the others; null: all alike.</summary>
    public IReadOnlyList<double>? Weights => _weights;

    /// <inheritdoc/>
    protected override MLAudio Run(MLAudio audio, AugmentationRandom random)
    {
        int chosen = _weights is null ? random.Whole(0, _transforms.Length - 1)
            : Weighted(_weights, random.NextDouble());
        return CompositionSteps.Apply(_transforms, [chosen], audio, random);
    }

    private static int Weighted(double[] weights, double share)
    {
        double left = share * weights.Sum();
        int last = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0)
            {
                continue;
            }
            last = i;
            left -= weights[i];
            if (left < 0)
            {
                break;
            }
        }
        return last;
    }

    private static double[]? CheckWeights(IReadOnlyList<double>? weights, int count)
    {
        if (weights is null)
        {
            return null;
        }
        EffectChecks.Check(weights.Count == count, nameof(OneOf), $"as many weights as transforms, {count}",
            $"{weights.Count}");
        EffectChecks.Check(weights.All(w => double.IsFinite(w) && w >= 0)
            && weights.Sum() is > 0 and < double.PositiveInfinity, nameof(OneOf),
            "weights of at least 0, one of them above 0",
            string.Join(", ", weights.Select(w => w.ToString(System.Globalization.CultureInfo.InvariantCulture))));
        return [.. weights];
    }
}

/// <summary>
/// Applies a random choice of its parts, in their order (audiomentations' <c>SomeOf</c>); the parts' own probabilities
/// count too.
/// </summary>
/// <param name="minTransforms">The smallest number of parts chosen.</param>
/// <param name="maxTransforms">The largest; null: all.</param>
/// <param name="transforms">The parts.</param>
/// <param name="p">The probability that any is applied.</param>
[method: JsonConstructor]
public sealed class SomeOf(
    int minTransforms, int? maxTransforms, IReadOnlyList<AudioAugmentation> transforms, double p = 1)
    : AudioAugmentation(p)
{
    private readonly AudioAugmentation[] _transforms = CompositionSteps.Copy(nameof(SomeOf), transforms);
    private readonly WholeInterval _count =
        WholeInterval.Create(nameof(SomeOf), minTransforms, maxTransforms ?? transforms.Count, 0, transforms.Count,
        " transforms", nameof(minTransforms), nameof(maxTransforms));

    /// <summary>Chooses a fixed number.</summary>
    /// <param name="numTransforms">How many parts are chosen.</param>
    /// <param name="transforms">The parts.</param>
    /// <param name="p">The probability that any is applied.</param>
    public SomeOf(int numTransforms, IReadOnlyList<AudioAugmentation> transforms, double p = 1)
        : this(numTransforms, numTransforms, transforms, p)
    {
    }

    /// <summary>The smallest number of parts chosen.</summary>
    public int MinTransforms => _count.Min;

    /// <summary>The largest number of parts chosen; null: all.</summary>
    public int? MaxTransforms { get; } = maxTransforms;

    /// <summary>The parts.</summary>
    public IReadOnlyList<AudioAugmentation> Transforms => _transforms;

    /// <inheritdoc/>
    protected override MLAudio Run(MLAudio audio, AugmentationRandom random)
    {
        int[] order = [.. Enumerable.Range(0, _transforms.Length)];
        int count = _count.Draw(random);
        random.Shuffle<int>(order);
        Array.Resize(ref order, count);
        Array.Sort(order);
        return CompositionSteps.Apply(_transforms, order, audio, random);
    }
}
