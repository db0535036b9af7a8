namespace SpeechML.Benchmarks.Peers;

/// <summary>The audio of the races: the same on every side.</summary>
internal static class PeerAudio
{
    private const int Rate = 16_000;

    /// <summary>
    /// Clips of a given length in seconds: a voiced-like pulse train with noise, a different one for each number.
    /// </summary>
    public static float[] Clip(int number, double seconds)
    {
        var random = new Random(number);
        float[] samples = new float[(int)(seconds * Rate)];
        double pitch = 90 + (7 * (number % 20));
        for (int i = 0; i < samples.Length; i++)
        {
            double t = (double)i / Rate;
            double envelope = 0.2 + (0.15 * Math.Sin(t * 11));
            samples[i] = (float)(envelope *
                ((0.5 * Math.Sin(2 * Math.PI * pitch * t)) + (0.3 * Math.Sin(4 * Math.PI * pitch * t)) +
                (0.2 * (random.NextDouble() - 0.5))));
        }
        return samples;
    }

    /// <summary>Clips of lengths drawn evenly from a range.</summary>
    public static float[][] Mixed(int count, double shortest, double longest)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count)
            .Select(i => Clip(i, shortest + (random.NextDouble() * (longest - shortest))))];
    }

    /// <summary>Normalised clips, padded with zeros to the longest.</summary>
    public static (float[] Values, long[] Shape) Padded(IReadOnlyList<float[]> clips)
    {
        int longest = clips.Max(c => c.Length);
        float[] values = new float[clips.Count * longest];
        for (int i = 0; i < clips.Count; i++)
        {
            WaveformNormalizer.Normalize(clips[i], values.AsSpan(i * longest, clips[i].Length));
        }
        return (values, [clips.Count, longest]);
    }

    /// <summary>A folder of WAV files, 16 bits, numbered; made once for each number of clips.</summary>
    public static string[] Files(int count, double shortest = 0.5, double longest = 15)
    {
        string folder = Path.Combine(PeerFiles.Cache, FormattableString.Invariant($"wav-{count}-{shortest}-{longest}"));
        string[] files = [.. Enumerable.Range(0, count).Select(i => Path.Combine(folder, $"{i:D4}.wav"))];
        if (!Directory.Exists(folder))
        {
            string temporary = folder + $".{Environment.ProcessId}";
            Directory.CreateDirectory(temporary);
            float[][] clips = Mixed(count, shortest, longest);
            for (int i = 0; i < count; i++)
            {
                Write(Path.Combine(temporary, Path.GetFileName(files[i])), clips[i]);
            }
            Directory.Move(temporary, folder);
        }
        return files;
    }

    private static void Write(string path, float[] samples)
    {
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write("RIFF"u8);
        writer.Write(36 + (2 * samples.Length));
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(Rate);
        writer.Write(Rate * 2);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(2 * samples.Length);
        foreach (float sample in samples)
        {
            writer.Write((short)Math.Round(sample * 32767));
        }
    }
}
