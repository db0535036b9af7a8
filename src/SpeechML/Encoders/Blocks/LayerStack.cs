using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Blocks;

/// <summary>Runs layers one after the other and keeps the hidden states that were asked for.</summary>
internal static class LayerStack
{
    /// <summary>The numbers to keep: all from <paramref name="first"/> up, or those asked for, checked.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number below <paramref name="first"/> or above the built layers.</exception>
    public static IReadOnlySet<int> Keep(int first, int built, IReadOnlySet<int>? keep)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, built);
        if (keep is null)
        {
            return Enumerable.Range(first, built - first + 1).ToHashSet();
        }
        foreach (int number in keep)
        {
            if (number < first || number > built)
            {
                throw new ArgumentOutOfRangeException(nameof(keep), $"Hidden state {number} cannot be kept; expected a number from {first} to {built} (the layers that were built).");
            }
        }
        return keep;
    }

    /// <summary>Runs the layers from <paramref name="first"/> up to the highest number in <paramref name="keep"/>.</summary>
    public static Dictionary<int, Tensor> Run(
        IReadOnlyList<EncoderLayer> layers, Tensor hidden, int first, IReadOnlySet<int> keep, Tensor? keyMask)
    {
        using DisposeScope scope = NewDisposeScope();
        var kept = new Dictionary<int, Tensor>();
        if (keep.Contains(first))
        {
            kept.Add(first, hidden.alias());
        }
        int last = keep.Count == 0 ? first : keep.Max();
        // Layer 0 owns the table; every layer uses the bias, so it is made even if layer 0 itself is skipped.
        Tensor? positionBias = last > first ? layers[0].Attention.PositionBias(hidden.shape[1]) : null;
        Tensor current = hidden;
        for (int number = first; number < last; number++)
        {
            Tensor next = layers[number].Run(current, keyMask, positionBias);
            if (number > first && !keep.Contains(number))
            {
                current.Dispose();
            }
            if (keep.Contains(number + 1))
            {
                kept.Add(number + 1, next);
            }
            current = next;
        }
        foreach (Tensor state in kept.Values)
        {
            _ = state.MoveToOuterDisposeScope();
        }
        return kept;
    }
}
