using System.Numerics;
using SpeechML.Audio.Dsp;

namespace SpeechML.Audio.Measures.Signals;

/// <summary>Transforms of long signals, kept from one use to the next. Not thread-safe.</summary>
internal sealed class LongTransforms
{
    private readonly Dictionary<int, LongTransform> _transforms = [];

    /// <summary>The transform of the smallest power of two that holds so many samples.</summary>
    public LongTransform For(long samples)
    {
        int size = Math.Max(
            LongTransform.MinSize, checked((int)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1, samples))));
        if (!_transforms.TryGetValue(size, out LongTransform? transform))
        {
            transform = new LongTransform(size);
            _transforms[size] = transform;
        }
        return transform;
    }
}
