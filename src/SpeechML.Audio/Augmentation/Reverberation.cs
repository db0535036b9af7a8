using SpeechML.Audio.Augmentation;
using SpeechML.Audio.Dsp;

namespace SpeechML;

/// <summary>
/// Convolves with a random impulse response of a folder, brought to the clip's rate and scaled to energy 1, so that the
/// loudness roughly stays.
/// (audiomentations scales the result to a peak of 0.5 instead.) Responses longer than 2,000,000 samples are cut there.
/// </summary>
public sealed class ApplyImpulseResponse(string irPath, bool leaveLengthUnchanged = true, double p = 0.5)
    : AudioEffect(p)
{
    private const int LongestResponse = 2_000_000;

    private readonly SoundFiles _files = SoundFiles.Find(nameof(ApplyImpulseResponse), irPath);

    /// <summary>The folder, with its sub-folders, or one file.</summary>
    public string IrPath => _files.Path;

    /// <summary>Whether the tail is cut off, so that the length stays.</summary>
    public bool LeaveLengthUnchanged { get; } = leaveLengthUnchanged;

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        ReadOnlySpan<float> response = _files.Load(random.Whole(0, _files.Count - 1), rate).Samples.Span;
        return Apply(samples, response[..Math.Min(response.Length, LongestResponse)], LeaveLengthUnchanged);
    }

    internal static float[] Apply(float[] samples, ReadOnlySpan<float> response, bool leaveLengthUnchanged) =>
        Convolution.OfUnitEnergy(response) is { } scaled
            ? Convolution.Convolve(samples, scaled,
                leaveLengthUnchanged ? samples.Length : samples.Length + scaled.Length - 1)
            : samples;
}

/// <summary>
/// A random box-shaped room with a source and a microphone in it, by the image-source method (Allen and Berkley 1979).
/// The response is scaled to
/// energy 1, so that the loudness roughly stays. No ray tracing, no absorption by air.
/// </summary>
public sealed class RoomSimulator : AudioEffect
{
    /// <summary>Creates the effect.</summary>
    /// <param name="options">Rooms, places and absorption; null for audiomentations' defaults.</param>
    /// <param name="p">The probability that it is applied.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public RoomSimulator(RoomSimulatorOptions? options = null, double p = 0.5)
        : base(p)
    {
        Options = options ?? new RoomSimulatorOptions();
        Options.Validate();
    }

    /// <summary>Rooms, places and absorption.</summary>
    public RoomSimulatorOptions Options { get; }

    /// <inheritdoc/>
    protected override float[] Process(float[] samples, int rate, AugmentationRandom random)
    {
        ShoeboxRoom room = ShoeboxRoom.Draw(Options, random);
        float[] response = room.Response(rate, out int delay);
        double[]? scaled = Convolution.OfUnitEnergy(response);
        if (scaled is null)
        {
            return samples;
        }
        // The response is centred on a delay that is no part of the room.
        float[] result = Convolution.Convolve(samples, scaled, samples.Length + scaled.Length - 1);
        return Options.LeaveLengthUnchanged ? result[delay..(delay + samples.Length)] : result[delay..];
    }
}
