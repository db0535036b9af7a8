using SpeechML.Audio.Augmentation;

namespace SpeechML.Audio.Dsp;

/// <summary>What the compositions share.</summary>
internal static class CompositionSteps
{
    public static AudioAugmentation[] Copy(string composition, IReadOnlyList<AudioAugmentation> transforms)
    {
        ArgumentNullException.ThrowIfNull(transforms);
        EffectChecks.Check(transforms.Count > 0, composition, "at least one transform", "none");
        for (int i = 0; i < transforms.Count; i++)
        {
            EffectChecks.Check(transforms[i] is not null, composition, "transforms", $"null at position {i}");
        }
        return [.. transforms];
    }

    /// <summary>Applies steps in an order, each with the stream of its own position.</summary>
    public static MLAudio Apply(
        AudioAugmentation[] steps, ReadOnlySpan<int> order, MLAudio audio, AugmentationRandom random)
    {
        foreach (int i in order)
        {
            audio = steps[i].Apply(audio, random.Child(i));
        }
        return audio;
    }
}
