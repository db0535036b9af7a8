using System.Text.Json.Nodes;
using SpeechML.Audio.Sources;
using SpeechML.Runs;

namespace SpeechML;

/// <summary>A clip that the model got wrong, kept in the run folder to be looked at and listened to.</summary>
/// <param name="AudioKey">Names the clip.</param>
/// <param name="Subject">Who speaks; empty where unknown.</param>
/// <param name="Split">The part of the data.</param>
/// <param name="Loss">How wrong: mean cross-entropy of its labels in nats, or the absolute error of a number.</param>
/// <param name="File">Its WAV file, in <c>clips/</c>.</param>
/// <param name="SampleRate">In Hz.</param>
/// <param name="FrameSeconds">Time from frame to frame of <paramref name="FrameWeights"/>.</param>
/// <param name="FrameWeights">What share each frame has in the pooled vector (they sum to 1), where the model pools by
/// attention; else <see langword="null"/>.</param>
public sealed record RunClip(
    string AudioKey, string Subject, string Split, double Loss, string File, int SampleRate, double FrameSeconds,
    IReadOnlyList<float>? FrameWeights)
{
    /// <summary>Which parts of it mattered; <see langword="null"/> where that was not asked for.</summary>
    public SpeechExplanation? Explanation { get; init; }

    /// <summary>Gives the clips of an earlier version today's names.</summary>
    internal static void Upgrade(JsonNode clips)
    {
        foreach (JsonObject clip in (clips as JsonArray)?.OfType<JsonObject>().Where(c => c.ContainsKey("uid")) ?? [])
        {
            JsonNode? key = clip["uid"];
            clip.Remove("uid");
            clip["audioKey"] = key;
        }
    }

    /// <summary>Writes samples (-1 to 1; what is beyond is cut off) as a 16-bit WAV file with one channel.</summary>
    internal static void WriteWav(string path, ReadOnlyMemory<float> samples, int sampleRate) =>
        RunFiles.Write(path, stream => WavFile.Write(stream, samples.Span, sampleRate, WavEncoding.Pcm16));
}
