using NAudio.Wave;

namespace SpeechML.Audio.Sources;

/// <summary>Provides samples that are in memory, once.</summary>
internal sealed class MemorySampleProvider(ReadOnlyMemory<float> samples, int sampleRate) : ISampleProvider
{
    private int _position;

    public WaveFormat WaveFormat { get; } = WaveFormat.CreateIeeeFloatWaveFormat(sampleRate, 1);

    public int Read(Span<float> buffer)
    {
        int count = Math.Min(buffer.Length, samples.Length - _position);
        samples.Span.Slice(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }
}
