using System.Numerics;
using SpeechML.Audio.Dsp;

namespace SpeechML.Encoders.Features;

/// <summary>
/// Log-mel frames as Kaldi computes them (<c>torchaudio.compliance.kaldi.fbank</c>; Hugging Face's
/// <c>SeamlessM4TFeatureExtractor</c> and <c>ASTFeatureExtractor</c>): frames of 400 samples every 160, none partial,
/// without their mean, with pre-emphasis 0.97; a symmetric Hann window to some power; the power spectrum of 512 points;
/// triangles on the mel scale 1127 ln(1 + f / 700) from 20 Hz to half the sample rate (16 kHz);
/// <c>ln(max(x, 2^-23))</c>.
/// </summary>
internal sealed class KaldiSpectrogram
{
    /// <summary>Samples from one frame to the next.</summary>
    public const int Hop = 160;

    /// <summary>Samples of a frame.</summary>
    public const int WindowLength = 400;

    public const int Points = 512;
    public const int Bins = (Points / 2) + 1;
    public const double PreEmphasis = 0.97;
    private const double LowestHertz = 20;
    private const double HighestHertz = 8000;
    public const double Floor = 1.0 / (1 << 23);

    private readonly double _scale;
    private readonly double[] _window;

    // The filters as runs of non-zero weights: band -> first bin, weights.
    private readonly (int First, double[] Weights)[] _bands;

    /// <param name="mels">Mel bands.</param>
    /// <param name="scale">What samples in [-1, 1] are multiplied with.</param>
    /// <param name="windowPower">The power of the Hann window: 0.85 for Povey's.</param>
    public KaldiSpectrogram(int mels, double scale, double windowPower)
    {
        Mels = mels;
        _scale = scale;
        _window = Window(windowPower);
        _bands = [.. Enumerable.Range(0, mels).Select(mel => MelFilterBank.Band(Filter(mel, mels)))];
    }

    /// <summary>Mel bands.</summary>
    public int Mels { get; }

    /// <summary>Frames of a clip of so many samples.</summary>
    public static long FramesOf(long samples) => samples < WindowLength ? 0 : ((samples - WindowLength) / Hop) + 1;

    /// <summary>The fewest samples that give so many frames.</summary>
    public static long SamplesOf(long frames) => WindowLength + ((frames - 1) * Hop);

    /// <summary>The Hann window to a power.</summary>
    public static double[] Window(double power) => [.. Enumerable.Range(0, WindowLength).Select(i =>
        Math.Pow(0.5 - (0.5 * Math.Cos(2 * Math.PI * i / (WindowLength - 1))), power))];

    /// <summary>The filter of a band: the weight of each bin of the power spectrum.</summary>
    public static double[] Filter(int mel, int mels)
    {
        double low = ToMel(LowestHertz), step = (ToMel(HighestHertz) - low) / (mels + 1);
        (double from, double top, double to) =
            (low + (mel * step), low + ((mel + 1) * step), low + ((mel + 2) * step));
        return [.. Enumerable.Range(0, Bins).Select(bin =>
        {
            double at = ToMel(bin * HighestHertz / (Bins - 1));
            return Math.Max(0, Math.Min((at - from) / (top - from), (to - at) / (to - top)));
        })];
    }

    /// <summary>The first frames of a clip, as (frames, mels).</summary>
    /// <param name="samples">Samples in [-1, 1].</param>
    /// <param name="frames">Frames wanted; no more than <see cref="FramesOf"/>.</param>
    public double[] Compute(ReadOnlySpan<float> samples, int frames)
    {
        double[] result = new double[frames * Mels];
        int lanes = FourierTransform.Lanes;
        var transform = new FourierTransform(Points);
        var windowed = new Vector<double>[Points];
        var power = new Vector<double>[Bins];
        double[] frame = new double[WindowLength * lanes];
        for (int first = 0; first < frames; first += lanes)
        {
            int used = Math.Min(lanes, frames - first);
            for (int lane = 0; lane < used; lane++)
            {
                Window(samples.Slice((first + lane) * Hop, WindowLength), frame.AsSpan(lane), lanes);
            }
            for (int i = 0; i < WindowLength; i++)
            {
                windowed[i] = new Vector<double>(frame, i * lanes);
            }
            transform.Power(windowed, power);
            for (int mel = 0; mel < Mels; mel++)
            {
                (int bin, double[] weights) = _bands[mel];
                Vector<double> energy = Vector<double>.Zero;
                for (int i = 0; i < weights.Length; i++)
                {
                    energy += power[bin + i] * weights[i];
                }
                for (int lane = 0; lane < used; lane++)
                {
                    result[((first + lane) * Mels) + mel] = Math.Log(Math.Max(energy[lane], Floor));
                }
            }
        }
        return result;
    }

    private static double ToMel(double hertz) => 1127 * Math.Log(1 + (hertz / 700));

    /// <summary>A frame ready for the transform, its values <paramref name="step"/> apart.</summary>
    private void Window(ReadOnlySpan<float> samples, Span<double> output, int step)
    {
        double mean = 0;
        foreach (float sample in samples)
        {
            mean += sample * _scale;
        }
        mean /= samples.Length;
        // The first sample counts as its own predecessor.
        double before = (samples[0] * _scale) - mean;
        for (int i = 0; i < samples.Length; i++)
        {
            double value = (samples[i] * _scale) - mean;
            output[i * step] = (value - (PreEmphasis * before)) * _window[i];
            before = value;
        }
    }
}
