using System.Numerics;
using System.Runtime.InteropServices;

namespace SpeechML.Audio;

/// <summary>Looks for samples that are not finite.</summary>
internal static class FiniteSamples
{
    /// <summary>The first sample that is NaN or infinite; -1 where there is none.</summary>
    public static int IndexOfOther(ReadOnlySpan<float> samples)
    {
        var largest = new Vector<float>(float.MaxValue);
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(samples);
        int k = 0;
        while (k < vectors.Length && Vector.LessThanOrEqualAll(Vector.Abs(vectors[k]), largest))
        {
            k++;
        }
        for (int i = k * Vector<float>.Count; i < samples.Length; i++)
        {
            if (!float.IsFinite(samples[i]))
            {
                return i;
            }
        }
        return -1;
    }
}
