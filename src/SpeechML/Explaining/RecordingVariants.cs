using SpeechML.Data.Recordings;
using SpeechML.Model;
using SpeechML.Recordings;

namespace SpeechML.Explaining;

/// <summary>
/// A clip in windows, scored with and without its parts: what lies in no changed window is computed once, so that an
/// hour without each of many short parts costs a few times what the hour does. The level stays that of the whole clip.
/// </summary>
internal sealed class RecordingVariants
{
    private readonly SpeechNetwork _network;
    private readonly float[]? _extras;
    private readonly AudioWindow[] _windows;
    private readonly (double Mean, double Scale)? _level;
    private readonly WindowResult[] _results;

    /// <param name="network">The network, of which the caller has begun a use.</param>
    /// <param name="samples">The clip.</param>
    /// <param name="extras">Its extra features, where the network takes any.</param>
    public RecordingVariants(SpeechNetwork network, float[] samples, float[]? extras)
    {
        (_network, _extras) = (network, extras);
        _windows = network.LongAudio.Cut(samples.Length);
        _level = network.Encoder.LevelOf(samples);
        _results = RecordingEncoder.Results(network, RecordingEncoder.Windows(network, samples), extras);
    }

    /// <summary>The outputs of the clip as it is.</summary>
    public float[] Outputs() => RecordingEncoder.Join(_network, _results, _extras);

    /// <summary>The outputs of the clip with a part changed.</summary>
    /// <param name="samples">The clip with the part changed.</param>
    /// <param name="start">First sample of the part.</param>
    /// <param name="end">The sample after the part.</param>
    public float[] Outputs(float[] samples, int start, int end)
    {
        int[] changed = [.. Enumerable.Range(0, _windows.Length)
            .Where(i => _windows[i].Start < end && _windows[i].Start + _windows[i].Length > start)];
        WindowResult[] again = RecordingEncoder.Results(_network, RecordingEncoder.Windows(
            _network, samples, [.. changed.Select(i => _windows[i])], _level, (_, _) => { }), _extras);
        WindowResult[] all = [.. _results];
        foreach ((int k, int i) in changed.Index())
        {
            all[i] = again[k];
        }
        return RecordingEncoder.Join(_network, all, _extras);
    }
}
