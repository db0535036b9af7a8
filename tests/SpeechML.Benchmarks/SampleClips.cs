namespace SpeechML.Benchmarks;

/// <summary>The repository's recordings at 16 kHz, and its encoder.</summary>
internal sealed class SampleClips
{
    public SampleClips(string samples)
    {
        Encoder = Path.Combine(samples, "models", "whisper-base-encoder");
        Clips = [.. Directory.GetFiles(Path.Combine(samples, "data", "prompts"), "*.wav").Order(StringComparer.Ordinal)
            .Select(f => MLAudio.FromFile(f, 16_000).Samples.ToArray())];
    }

    public string Encoder { get; }

    public float[][] Clips { get; }

    /// <summary>Clips of mixed length, 1 to 12 s, by joining recordings.</summary>
    public float[][] Mixed(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            int length = random.Next(16_000, 12 * 16_000);
            return Enumerable.Range(0, int.MaxValue).SelectMany(i => Clips[(i * 7) % Clips.Length]).Take(length)
                .ToArray();
        })];
    }
}
