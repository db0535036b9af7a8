using TorchSharp;
using static TorchSharp.torch;

namespace SpeechML.Encoders.Layers;

/// <summary>Runs layers one after the other and keeps the hidden states that were asked for.</summary>
internal static class LayerStack
{
    /// <summary>The numbers to keep: all from <paramref name="first"/> up, or those asked for, checked.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number below <paramref name="first"/> or above the built
    /// layers.</exception>
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
                throw new ArgumentOutOfRangeException(nameof(keep),
                    $"Hidden state {number} cannot be kept; expected a number from {first} to {built} (the layers " +
                    $"that were built).");
            }
        }
        return keep;
    }

    /// <summary>
    /// Runs the layers from <paramref name="first"/> up to the highest number in <paramref name="keep"/>.
    /// </summary>
    /// <param name="layers">All that were built.</param>
    /// <param name="hidden">Hidden state <paramref name="first"/>, (batch, frames, hidden).</param>
    /// <param name="first">Its number.</param>
    /// <param name="keep">Numbers of the hidden states to return.</param>
    /// <param name="attended">Frames of each clip that attention sees; <see langword="null"/> for all.</param>
    /// <param name="prompt">Vectors (tokens, hidden) put before the frames of every clip; the hidden states are
    /// returned without them.</param>
    /// <exception cref="ArgumentException">A prompt, and not the first layer's input.</exception>
    public static Dictionary<int, Tensor> Run(
        IReadOnlyList<EncoderLayer> layers, Tensor hidden, int first, IReadOnlySet<int> keep, long[]? attended,
        Tensor? prompt = null)
    {
        if (prompt is not null && first != 0)
        {
            throw new ArgumentException(
                $"A prompt is put before hidden state 0, the input of the first layer; got hidden state {first}.",
                nameof(prompt));
        }
        using DisposeScope scope = NewDisposeScope();
        long tokens = prompt?.shape[0] ?? 0;
        var kept = new Dictionary<int, Tensor>();
        if (keep.Contains(first))
        {
            kept.Add(first, hidden.alias());
        }
        int last = keep.Count == 0 ? first : keep.Max();
        Tensor current = prompt is null ? hidden
            : cat([prompt.unsqueeze(0).expand(hidden.shape[0], -1, -1), hidden], 1);
        Tensor? keyMask = attended is null ? null : FrameMask.Keys([.. attended.Select(n => n + tokens)], current);
        // Layer 0 owns WavLM's table; every layer uses the bias, so it is made even if layer 0 itself is skipped.
        Tensor? positions = last > first ? layers[0].Attention.Positions(current.shape[1]) : null;
        for (int number = first; number < last; number++)
        {
            Tensor next = layers[number].Run(current, keyMask, positions);
            if (!ReferenceEquals(current, hidden) && (tokens > 0 || !keep.Contains(number)))
            {
                current.Dispose();
            }
            if (keep.Contains(number + 1))
            {
                kept.Add(number + 1, tokens > 0 ? next.narrow(1, tokens, hidden.shape[1]) : next);
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
